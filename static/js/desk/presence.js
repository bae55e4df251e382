// The beat of an open form: who else is here, and whether somebody saved. Every ten seconds; gone after thirty.
const EVERY = 10_000
const IDLE_AFTER = 60_000

export function startPresence({ words, send, heard }) {
  const place = document.querySelector("[data-presence]")
  let active = Date.now()
  let timer
  for (const name of ["keydown", "pointerdown", "pointermove"]) {
    addEventListener(name, () => { active = Date.now() }, { passive: true, capture: true })
  }
  const list = (names) => (names.length < 2 ? names.join("")
    : words.list.replace("{first}", names.slice(0, -1).join(", ")).replace("{last}", names.at(-1)))
  const show = (others) => {
    if (!place) return
    const names = others.map(({ name, idle }) => (idle ? words.idle.replace("{name}", name) : name))
    const text = names.length ? words.here.replace("{names}", list(names)) : ""
    if (place.textContent !== text) place.textContent = text
    place.hidden = !text
  }
  const beat = async () => {
    clearTimeout(timer)
    timer = setTimeout(beat, EVERY)
    const idle = document.hidden || Date.now() - active > IDLE_AFTER
    const { status, json } = await send({ idle: idle ? "1" : "" })
    if (status === 200 && json) show(json.others)
    else if (status !== 0) show([])
    heard(status, json)
    return status
  }
  document.addEventListener("visibilitychange", () => { if (!document.hidden) beat() })
  addEventListener("pageshow", (event) => { if (event.persisted) beat() })
  beat()
  return beat
}

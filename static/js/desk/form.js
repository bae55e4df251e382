// The form of a draft: autosave and presence, Ctrl+S, sending once and only when somebody answers, staying in place.
import { startAutosave } from "desk/autosave"
import { offerKept } from "desk/kept"
import { startPresence } from "desk/presence"
import { StateLine } from "desk/stateline"

const PLACE = "desk:place"
const WAITING = new Set(["offline", "busy", "expired", "user"])
const form = document.querySelector("[data-desk-form]")

function start() {
  const config = JSON.parse(form.dataset.typing)
  const saveButton = () => form.querySelector('.desk__bar button[value="save"]')
  let isLeaving = false
  let isPassing = false
  let isSettling = false
  // A form that is asked to send itself while its own submit event is under way does nothing: so a moment later.
  const pass = (submitter) => setTimeout(() => {
    isPassing = true
    form.requestSubmit(submitter || undefined)
  })
  const line = new StateLine(config.words, { login: config.login, compare: () => pass(saveButton()) })
  if (!config.may_change) {
    if (config.pages.beat) startPresence({ words: config.words, send: sender(config), heard() {} })
    return
  }
  const auto = startAutosave(form, config, line)
  let beat = null
  const join = () => {
    beat = startPresence({ words: config.words, heard: (status, json) => auto.heard(status, json), send: (values) => {
      const body = new FormData()
      Object.entries(values).forEach(([name, value]) => body.set(name, value))
      return auto.post(auto.pages().beat, body)
    } })
  }
  if (config.pages.beat) join()
  document.addEventListener("desk:begun", ({ detail }) => {
    join()
    const links = document.querySelector("[data-head-links]")
    const link = (key, href) => Object.assign(document.createElement("a"), { href, textContent: config.words[key] })
    if (links) links.replaceChildren(...[detail.preview && link("preview", detail.preview), link("history", detail.history)].filter(Boolean))
  }, { once: true })
  offerKept(form, config, { auto, line, leaving: () => { isLeaving = true } })

  async function settle(submitter) {
    // Nothing is sent into the void: first what is typed reaches the draft, or it is said why not.
    isSettling = true
    const outcome = await auto.settle()
    const status = outcome === "clean" && beat ? await beat() : 200
    isSettling = false
    if (WAITING.has(outcome) || status === 0 || status === 401 || status === 302) {
      if (status !== 200 && !WAITING.has(outcome)) line.show([status ? "expired" : "offline", {}], [])
      return
    }
    pass(submitter)
  }

  form.addEventListener("submit", (event) => {
    if (!isPassing) {
      event.preventDefault()
      if (!isSettling && !isLeaving) settle(event.submitter)
      return
    }
    isPassing = false
    isLeaving = true
    auto.renewToken()
    form.querySelector("[name=_sent]")?.remove()
    form.append(Object.assign(document.createElement("input"), { type: "hidden", name: "_sent", value: auto.keep.sent() }))
    sessionStorage.setItem(PLACE, JSON.stringify({ path: location.pathname, y: scrollY, id: document.activeElement?.id || "" }))
  })
  addEventListener("pageshow", () => { isLeaving = false })
  addEventListener("beforeunload", (event) => { if (!isLeaving && auto.isUnsafe()) event.preventDefault() })
  addEventListener("keydown", (event) => {
    if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "s") {
      event.preventDefault()
      form.requestSubmit(saveButton())
    }
  })
  stay()
}

function sender(config) {
  return async (values) => {
    const body = new FormData()
    Object.entries({ ...values, _user: config.user }).forEach(([name, value]) => body.set(name, value))
    try {
      const response = await fetch(config.pages.beat, { method: "POST", body, redirect: "manual", headers: { "X-CSRFToken": form.elements.csrfmiddlewaretoken.value, Accept: "application/json" } })
      return { status: response.status, json: response.ok ? await response.json() : null }
    } catch {
      return { status: 0, json: null }
    }
  }
}

// A save that loads the page again leaves the reader of it where he was.
function stay() {
  const place = JSON.parse(sessionStorage.getItem(PLACE) || "null")
  sessionStorage.removeItem(PLACE)
  if (!place || place.path !== location.pathname || document.querySelector(".conflict, .has-errors, .checklist--refused")) return
  document.getElementById(place.id)?.focus({ preventScroll: true })
  scrollTo(0, place.y)
}

// A link of the checklist goes to its field, and into the editor where the field is one.
document.addEventListener("click", (event) => {
  const link = event.target.closest("[data-go]")
  if (!link) return
  const field = document.querySelector(`[data-field="${CSS.escape(link.dataset.go)}"]`)
  if (!field) return
  event.preventDefault()
  field.closest("details")?.setAttribute("open", "")
  field.scrollIntoView({ block: "center" })
  const target = field.querySelector(".ProseMirror[contenteditable], input:not([type=hidden]), select, textarea, button")
  target?.focus()
})

// The other scripts of the page dress the form first; what they write into it is nobody's change.
if (form?.dataset.typing) {
  if (document.readyState === "complete") start()
  else addEventListener("DOMContentLoaded", start, { once: true })
}

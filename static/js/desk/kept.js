// What a closed tab left in this browser is offered beside the text as it is now: use it, or throw it away.

function sendWhole(entry, { token, mark }) {
  // The server takes it like any form: it saves it, shows the conflict, or says what is to be mended.
  const whole = document.createElement("form")
  Object.assign(whole, { method: "post", action: location.href, enctype: "multipart/form-data", hidden: true })
  const add = (name, value) => {
    const input = document.createElement("textarea")
    Object.assign(input, { name, value })
    whole.append(input)
  }
  Object.entries(entry.names).forEach(([name, values]) => values.forEach((value) => add(name, value)))
  add("csrfmiddlewaretoken", token)
  add("version", entry.version)
  add("_base", entry.base)
  if (entry.nonce) add("_nonce", entry.nonce)
  add("_move", "save")
  add("_sent", mark)
  document.body.append(whole)
  whole.submit()
}

export async function offerKept(form, config, { auto, line, leaving }) {
  const { keep } = auto
  keep.settle(config.unsaved || config.conflict)
  if (config.unsaved || config.conflict) return
  const panel = document.querySelector("[data-kept]")
  for (const entry of await keep.left()) {
    const body = new FormData()
    Object.entries(entry.names).forEach(([name, values]) => values.forEach((value) => body.append(name, value)))
    entry.changed.forEach((field) => body.append("_changed", field))
    const { status, json } = await auto.post(auto.pages().kept, body, entry.version)
    if (json?.reason === "scrubbed") {
      keep.drop(entry.key)
      continue
    }
    if (status === 200 && json.same) {
      keep.drop(entry.key)
      if (config.may_change && json.version > Number(form.elements.version.value)) location.reload()
      continue
    }
    if (panel && panel.hidden) show(panel, entry, status === 200 ? json.html : "")
  }

  function show(place, entry, html) {
    document.head.append(Object.assign(document.createElement("link"), { rel: "stylesheet", href: place.dataset.kept }))
    const time = new Date(entry.at).toLocaleString(document.documentElement.lang || undefined, { day: "numeric", month: "short", hour: "2-digit", minute: "2-digit" })
    const make = (tag, attributes) => Object.assign(document.createElement(tag), attributes)
    const title = make("h2", { textContent: line.say("kept", { time }), id: "kept-title" })
    const found = make("div", { className: "kept__fields" })
    if (html) found.innerHTML = html
    const help = make("p", { textContent: line.say(html ? "kept_help" : "kept_offline") })
    const isStale = entry.version !== form.elements.version.value
    const use = make("button", { type: "button", className: "button primary", textContent: line.say(isStale ? "choose" : "use") })
    const away = make("button", { type: "button", className: "button", textContent: line.say("throw") })
    use.addEventListener("click", () => {
      leaving()
      auto.renewToken()
      sendWhole(entry, { token: form.elements.csrfmiddlewaretoken.value, mark: keep.sent(entry.key) })
    })
    away.addEventListener("click", () => {
      if (!confirm(line.say("sure"))) return
      keep.drop(entry.key)
      place.hidden = true
    })
    const buttons = make("p", { className: "kept__buttons" })
    buttons.append(use, away)
    place.setAttribute("aria-labelledby", "kept-title")
    place.replaceChildren(title, help, found, buttons)
    place.hidden = false
  }
}

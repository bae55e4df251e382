// Dialogs of the desk: choose a photo or a story, upload a photo, ask for a few words. Imported as "desk/picker".
import { t } from "desk/words"

export const make = (tag, attributes = {}, children = []) => {
  const element = document.createElement(tag)
  for (const [name, value] of Object.entries(attributes)) {
    if (name in element && !name.includes("-")) element[name] = value
    else element.setAttribute(name, value)
  }
  element.append(...children)
  return element
}

const known = new Map()
const asked = new Map()

export async function getJSON(url) {
  const response = await fetch(url, { headers: { Accept: "application/json" }, credentials: "same-origin" })
  if (!response.ok) throw new Error(`${response.status} from ${url}`)
  return response.json()
}

/** Return what is known of one photo or story; requests of the same moment go out as one. */
export function details(listUrl, id) {
  const key = `${listUrl}:${id}`
  if (!known.has(key)) {
    known.set(key, new Promise((resolve) => {
      if (!asked.has(listUrl)) {
        asked.set(listUrl, [])
        queueMicrotask(async () => {
          const waiting = asked.get(listUrl)
          asked.delete(listUrl)
          for (let start = 0; start < waiting.length; start += 50) {
            const some = waiting.slice(start, start + 50)
            const results = await getJSON(`${listUrl}?ids=${some.map((one) => one.id).join(",")}`).then((r) => r.results, () => [])
            for (const one of some) one.resolve(results.find((result) => result.id === one.id) || null)
          }
        })
      }
      asked.get(listUrl).push({ id, resolve })
    }))
  }
  return known.get(key)
}

export const remember = (listUrl, item) => known.set(`${listUrl}:${item.id}`, Promise.resolve(item))

/** Open a dialog with a heading and a button that closes it; it leaves the page when it is closed. */
export function dialog(title, content, className = "") {
  const close = make("button", { type: "button", className: "icon", "aria-label": t("Close"), textContent: "✕" })
  const box = make("dialog", { className: `desk-dialog ${className}`, "aria-label": title }, [
    make("header", {}, [make("h2", { textContent: title }), close]),
    ...content,
  ])
  close.addEventListener("click", () => box.close())
  box.addEventListener("close", () => box.remove())
  box.addEventListener("click", (event) => { if (event.target === box) box.close() })
  // What is typed into a dialog is no change of the form until the dialog says so.
  for (const name of ["input", "change"]) box.addEventListener(name, (event) => event.stopPropagation())
  document.body.append(box)
  box.showModal()
  return box
}

/** Let a person choose from a searchable grid; resolves with the item or null. */
function choose({ listUrl, title, show, className, extra }) {
  return new Promise((resolve) => {
    const input = make("input", { type: "search", placeholder: t("Search"), "aria-label": t("Search") })
    const grid = make("div", { className: "desk-dialog__grid" })
    const status = make("p", { className: "help", role: "status" })
    let chosen = null
    let timer
    let turn = 0
    const take = (item) => {
      chosen = item
      remember(listUrl, item)
      box.close()
    }
    const load = async () => {
      const mine = ++turn
      const { results } = await getJSON(`${listUrl}?q=${encodeURIComponent(input.value)}`).catch(() => ({ results: null }))
      if (mine !== turn) return
      if (!results) {
        status.textContent = t("The list cannot be loaded. Are you offline?")
        return
      }
      grid.replaceChildren(...results.map((item) => {
        const button = make("button", { type: "button", className: "desk-dialog__item" }, show(item))
        button.addEventListener("click", () => take(item))
        return button
      }))
      status.textContent = results.length ? "" : t("Nothing found.")
    }
    const box = dialog(title, [input, ...(extra ? [extra(take)] : []), status, grid], className)
    input.addEventListener("input", () => {
      clearTimeout(timer)
      timer = setTimeout(load, 150)
    })
    box.addEventListener("keydown", (event) => {
      const items = [...grid.querySelectorAll("button")]
      const at = items.indexOf(document.activeElement)
      if (event.key === "Enter" && event.target === input) {
        event.preventDefault()
        items[0]?.click()
      }
      if (event.target !== input && at < 0) return
      const step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key]
      if (!step || (event.target === input && event.key !== "ArrowDown")) return
      event.preventDefault()
      items[Math.max(0, Math.min(items.length - 1, at + step))]?.focus()
    })
    box.addEventListener("close", () => resolve(chosen))
    input.focus()
    load()
  })
}

const csrf = () => document.querySelector("input[name=csrfmiddlewaretoken]")?.value || ""

function uploadForm(uploadUrl, file) {
  const name = (label, key, attributes = {}) => make("label", {}, [label, make("input", { type: "text", name: key, ...attributes })])
  const input = make("input", { type: "file", name: "files", accept: "image/jpeg,image/png,image/webp,image/avif,image/heic,image/heif", required: true })
  const errors = make("p", { className: "errorlist", role: "alert" })
  const button = make("button", { type: "submit", className: "button primary", textContent: t("Take in and use") })
  const form = make("form", { className: "desk-dialog__upload" }, [
    make("label", {}, [t("File"), input]),
    name(t("Caption"), "caption", { maxLength: 500 }), name(t("Photographer"), "creator", { maxLength: 120 }),
    name(t("Agency"), "agency", { maxLength: 120 }), name(t("Alternative text: what one sees"), "alt", { maxLength: 300 }),
    errors, button,
  ])
  if (file) {
    const carrier = new DataTransfer()
    carrier.items.add(file)
    input.files = carrier.files
  }
  const offer = make("p", { className: "pointer__buttons" })
  errors.after(offer)
  // What looks like a photo in the library is offered, and taken in all the same when that is meant.
  const decide = (alike) => new Promise((resolve) => {
    const choice = (text, answer) => {
      const one = make("button", { type: "button", className: "button", textContent: text })
      one.addEventListener("click", () => { offer.replaceChildren(); resolve(answer) })
      return one
    }
    offer.replaceChildren(
      make("img", { src: alike.thumb, alt: alike.alt || "", width: 90, height: 60 }),
      choice(t("Use the one in the library"), () => alike), choice(t("Take it in all the same"), () => send(true)),
    )
    offer.querySelector("button").focus()
  })
  const send = async (anyway = false) => {
    button.disabled = true
    errors.textContent = ""
    offer.replaceChildren()
    const data = new FormData(form)
    if (anyway) data.set("anyway", "on")
    try {
      const response = await fetch(uploadUrl, {
        method: "POST", body: data, headers: { "X-CSRFToken": csrf(), Accept: "application/json" }, credentials: "same-origin",
      })
      const answer = await response.json()
      if (response.ok) return answer
      errors.textContent = Object.values(answer.errors || {}).flat().join(" ") || t("This could not be taken in.")
      if (response.status === 409 && answer.alike) return (await decide(answer.alike))()
    } catch {
      errors.textContent = t("This could not be sent. Are you offline?")
    } finally {
      button.disabled = false
    }
    return null
  }
  return { form, send }
}

const photoCard = (photo) => [
  make("img", { src: photo.thumb, alt: photo.alt, loading: "lazy" }),
  make("span", { textContent: photo.caption || photo.id }),
  make("small", { textContent: photo.credit || t("no credit") }),
]

/** Choose a photo from the library, or take a new one in; `file` is one that was dropped or pasted. */
export function pickPhoto({ listUrl, uploadUrl, file }) {
  const extra = (take) => {
    const { form, send } = uploadForm(uploadUrl, file)
    form.addEventListener("submit", async (event) => {
      event.preventDefault()
      const photo = await send()
      if (photo) take(photo)
    })
    return make("details", { open: Boolean(file) }, [make("summary", { textContent: t("Upload a new photo") }), form])
  }
  return choose({ listUrl, title: t("Choose a photo"), show: photoCard, className: "desk-dialog--photos", extra: uploadUrl ? extra : null })
}

/** Choose a story of any edition. */
export function pickStory({ listUrl }) {
  const show = (story) => [
    make("span", { textContent: story.title }),
    make("small", { textContent: [story.edition, story.is_live ? story.date : t("not public")].join(" · ") }),
  ]
  return choose({ listUrl, title: t("Choose a story"), show, className: "desk-dialog--stories" })
}

/** Ask for a few values: fields are {name, label, value, type, required, maxLength}; resolves with an object or null. */
export function ask(title, fields, button = t("Insert")) {
  return new Promise((resolve) => {
    let answer = null
    const inputs = fields.map(({ label, value = "", type = "text", ...rest }) => {
      const input = type === "textarea" ? make("textarea", { rows: 4, value, ...rest })
        : type === "checkbox" ? make("input", { type, checked: Boolean(value), ...rest })
          : make("input", { type, value, ...rest })
      return { input, row: make("label", { className: type === "checkbox" ? "check" : "" }, type === "checkbox" ? [input, label] : [label, input]) }
    })
    const form = make("form", { method: "dialog" }, [...inputs.map((one) => one.row), make("p", {}, [
      make("button", { type: "submit", className: "button primary", textContent: button }),
    ])])
    const box = dialog(title, [form], "desk-dialog--ask")
    form.addEventListener("submit", () => {
      answer = Object.fromEntries(inputs.map(({ input }) => [input.name, input.type === "checkbox" ? input.checked : input.value.trim()]))
    })
    box.addEventListener("close", () => resolve(answer))
    inputs[0]?.input.focus()
  })
}

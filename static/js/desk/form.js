// The form of a draft: Ctrl+S saves, leaving with unsaved words asks, a second click does not send twice.
// Autosave will hook in here: `data-state-line` is its line, the hidden `version` the version it starts from.
const form = document.querySelector("[data-desk-form]")

if (form) {
  let changed = document.querySelector(".conflict, .has-errors") !== null
  let sending = false
  const line = form.querySelector("[data-state-line]")

  // The editor writes its text back when it opens: only what differs from that is somebody's change.
  const opened = new Map()
  form.addEventListener("prose-editor:ready", (event) => opened.set(event.target, event.target.value))
  const isEcho = (field) => field.closest?.(".prose-editor") && field.localName === "textarea" && [undefined, field.value].includes(opened.get(field))

  const mark = (event) => {
    if (changed || isEcho(event.target)) return
    changed = true
    if (line) line.textContent = line.dataset.unsaved || "Not saved yet"
  }
  form.addEventListener("input", mark)
  form.addEventListener("change", mark)
  form.addEventListener("submit", (event) => {
    if (sending) {
      event.preventDefault()
      return
    }
    sending = true
    changed = false
  })
  addEventListener("pageshow", () => { sending = false })
  addEventListener("beforeunload", (event) => { if (changed) event.preventDefault() })
  addEventListener("keydown", (event) => {
    if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "s") {
      event.preventDefault()
      form.requestSubmit(form.querySelector('.desk__bar button[value="save"]'))
    }
  })
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

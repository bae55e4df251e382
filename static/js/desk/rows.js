// Ordered rows: buttons to add, move and remove, in place of the numbers and boxes that work without script.
// Whoever moves a row from one list to another (see front.js) fires "desk:rows" at both, which numbers them anew.
const FOCUSABLE = ".choose input, .pointer button, input:not([type=hidden]), select:not([hidden])"

const dress = (row) => {
  row.classList.add("row--scripted")
  row.querySelector("[data-row-buttons]").hidden = false
}

for (const rows of document.querySelectorAll("[data-rows]")) {
  const list = rows.querySelector("[data-rows-list]")
  const total = rows.querySelector("[data-rows-total]")
  const template = rows.querySelector("[data-rows-template]")
  const add = rows.querySelector("[data-rows-add]")

  const number = () => [...list.children].forEach((row, index) => { row.querySelector("[data-row-place]").value = index + 1 })
  const changed = () => {
    number()
    rows.dispatchEvent(new Event("change", { bubbles: true }))
  }
  const move = (row, step, button) => {
    const other = step < 0 ? row.previousElementSibling : row.nextElementSibling
    if (!other) return
    if (step < 0) other.before(row)
    else other.after(row)
    button.focus()
    changed()
  }
  const remove = (row) => {
    const next = row.nextElementSibling || row.previousElementSibling
    row.remove()
    const focusable = next?.querySelector(FOCUSABLE) || add
    focusable.focus()
    changed()
  }

  list.addEventListener("click", (event) => {
    const button = event.target.closest("[data-row-up], [data-row-down], [data-row-delete]")
    const row = button?.closest("[data-row]")
    if (!row) return
    if (button.matches("[data-row-delete]")) remove(row)
    else move(row, button.matches("[data-row-up]") ? -1 : 1, button)
  })
  rows.addEventListener("desk:rows", changed)

  add.hidden = false
  add.addEventListener("click", () => {
    const holder = document.createElement("ol")
    holder.innerHTML = template.innerHTML.replaceAll("__n__", total.value)
    total.value = Number(total.value) + 1
    const row = holder.firstElementChild
    list.append(row)
    dress(row)
    number()
    document.dispatchEvent(new CustomEvent("desk:row", { detail: row }))
    row.querySelector(FOCUSABLE)?.focus()
  })
  const spare = [...list.children].filter((row) => row.classList.contains("row--spare"))
  const filled = list.children.length - spare.length
  spare.slice(filled || "zone" in rows.dataset ? 0 : 1).forEach((row) => row.remove())
  ;[...list.children].forEach(dress)
  number()
}

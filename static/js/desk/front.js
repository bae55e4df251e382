// Arranging a front: stories come from the list beside the zones, and move by drag or by the arrow keys of their handle.
import { getJSON, make, remember } from "desk/picker"

const board = document.querySelector("[data-front]")
const words = board.dataset
const zones = [...document.querySelectorAll("[data-zone]")]
const listOf = (zone) => zone.querySelector("[data-rows-list]")
const nameOf = (zone) => document.querySelector(`label[for="id_${zone.dataset.zone}"]`)?.textContent.trim() || zone.dataset.zone
const storyOf = (row) => row.querySelector(".place__story input")
const titleOf = (row) => row.querySelector("[data-pointer-label]")?.textContent.trim() || ""
const zoneOf = (row) => row.closest("[data-zone]")
const live = make("p", { className: "visually-hidden", role: "status" })
board.append(live)

const say = (row) => {
  const zone = zoneOf(row)
  const rows = [...listOf(zone).children]
  live.textContent = `${titleOf(row)}: ${nameOf(zone)}, ${rows.indexOf(row) + 1} / ${rows.length}`
}

/** Put a row before another one of any zone (null: at its end); its inputs take the names of that zone. */
function put(row, zone, before) {
  const from = zoneOf(row)
  if (from !== zone) {
    const total = zone.querySelector("[data-rows-total]")
    const pattern = new RegExp(`^(id_)?${from.dataset.zone}-\\d+-`)
    for (const element of row.querySelectorAll("[name], [id], [for]")) {
      for (const attribute of ["name", "id", "for"]) {
        const value = element.getAttribute(attribute)
        if (value) element.setAttribute(attribute, value.replace(pattern, `$1${zone.dataset.zone}-${total.value}-`))
      }
    }
    total.value = Number(total.value) + 1
  }
  listOf(zone).insertBefore(row, before)
  for (const touched of new Set([from, zone])) touched.dispatchEvent(new Event("desk:rows"))
  say(row)
}

function step(row, key) {
  const zone = zoneOf(row)
  const next = zones[zones.indexOf(zone) + (key === "ArrowUp" || key === "ArrowLeft" ? -1 : 1)]
  if (key === "ArrowUp" && row.previousElementSibling) put(row, zone, row.previousElementSibling)
  else if (key === "ArrowDown" && row.nextElementSibling) put(row, zone, row.nextElementSibling.nextElementSibling)
  else if (next) put(row, next, key === "ArrowDown" || key === "ArrowRight" ? listOf(next).firstElementChild : null)
}

let dragged = null
function dress(row) {
  if (row.querySelector("[data-handle]")) return
  // No <button>: Firefox drags none.
  const handle = make("span", { className: "icon place__handle", role: "button", tabIndex: 0, textContent: "⠿", draggable: true, title: words.wordHandle, "aria-label": words.wordHandle })
  handle.dataset.handle = ""
  handle.addEventListener("keydown", (event) => {
    if (!event.key.startsWith("Arrow")) return
    event.preventDefault()
    step(row, event.key)
    handle.focus()
  })
  handle.addEventListener("dragstart", (event) => {
    dragged = row
    event.dataTransfer.effectAllowed = "move"
    event.dataTransfer.setData("text/plain", titleOf(row))
    event.dataTransfer.setDragImage(row, 12, 12)
    row.classList.add("place--dragged")
  })
  handle.addEventListener("dragend", () => {
    row.classList.remove("place--dragged")
    dragged = null
  })
  row.prepend(handle)
}

/** Add a story to the end of a zone, or before a row of it. */
function take(item, zone, before = null) {
  remember(words.listUrl, item)
  zone.querySelector("[data-rows-add]").click()
  const row = listOf(zone).lastElementChild
  row.querySelector(".place__story [data-pointer]").dispatchEvent(new CustomEvent("desk:point", { detail: item }))
  put(row, zone, before)
  marks()
  return row
}

const under = (list, y) => [...list.children].find((row) => row !== dragged && y < row.getBoundingClientRect().top + row.offsetHeight / 2) || null
for (const zone of zones) {
  zone.addEventListener("dragover", (event) => {
    if (!dragged) return
    event.preventDefault()
    zone.classList.add("zone--over")
  })
  zone.addEventListener("dragleave", () => zone.classList.remove("zone--over"))
  zone.addEventListener("drop", (event) => {
    zone.classList.remove("zone--over")
    if (!dragged) return
    event.preventDefault()
    const before = under(listOf(zone), event.clientY)
    if (dragged instanceof Element) put(dragged, zone, before)
    else take(dragged, zone, before)
  })
  zone.addEventListener("change", () => marks())
}
document.querySelectorAll(".place").forEach(dress)
document.addEventListener("desk:row", (event) => { if (event.detail.matches(".place")) dress(event.detail) })

// The list of stories to take from.
const found = board.querySelector("[data-front-list]")
const search = board.querySelector("[data-front-search]")
const into = board.querySelector("[data-front-into]")
into.replaceChildren(...zones.map((zone) => make("option", { value: zone.dataset.zone, textContent: nameOf(zone) })))

function marks() {
  const placed = new Map([...document.querySelectorAll(".place")].map((row) => [storyOf(row).value, nameOf(zoneOf(row))]))
  for (const item of found.children) {
    const where = placed.get(item.dataset.id)
    item.querySelector("[data-where]").textContent = where ? `✓ ${where}` : ""
  }
}

function entry(item) {
  const button = make("button", { type: "button", className: "front-list__story" }, [
    make("span", { textContent: item.title }),
    make("small", { textContent: [item.is_live ? item.date : words.wordHidden, item.edition].filter(Boolean).join(" · ") }),
  ])
  const where = make("small", { className: "front-list__where" })
  where.dataset.where = ""
  button.append(where)
  button.addEventListener("click", () => {
    take(item, zones.find((zone) => zone.dataset.zone === into.value))
    button.focus()
  })
  const holder = make("li", { draggable: true }, [make("span", { className: "front-list__grip", "aria-hidden": "true", textContent: "⠿" }), button])
  holder.addEventListener("dragstart", (event) => {
    dragged = item
    event.dataTransfer.effectAllowed = "copyMove"
    event.dataTransfer.setData("text/plain", item.title)
  })
  holder.addEventListener("dragend", () => { dragged = null })
  holder.dataset.id = item.id
  return holder
}

let turn = 0
async function load() {
  const mine = ++turn
  const query = new URLSearchParams({ q: search.value, edition: words.edition, order: "newest" })
  const answer = await getJSON(`${words.listUrl}?${query}`).catch(() => null)
  if (mine !== turn) return
  if (answer) found.replaceChildren(...answer.results.map(entry))
  else found.textContent = words.wordOffline
  marks()
}
let timer
search.addEventListener("input", () => {
  clearTimeout(timer)
  timer = setTimeout(load, 150)
})
board.hidden = false
load()

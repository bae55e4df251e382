// A field that points to a photo or a story: buttons to choose and to take away, in place of a typed id.
import { make, pickPhoto, pickStory, remember } from "desk/picker"

function enhance(pointer) {
  if (pointer.dataset.dressed) return
  pointer.dataset.dressed = "1"
  const isPhoto = pointer.dataset.pointer === "photo"
  const input = pointer.querySelector("input")
  const label = pointer.querySelector("[data-pointer-label]")
  const thumb = pointer.querySelector("[data-pointer-thumb]")
  const name = isPhoto ? "photo" : "story"
  const choose = make("button", { type: "button", className: "dashed" })
  const remove = make("button", { type: "button", className: "dashed", textContent: "Remove" })
  const { listUrl, uploadUrl } = pointer.dataset

  const show = (item) => {
    label.textContent = item?.title || ""
    if (thumb) {
      thumb.hidden = !item
      if (item) thumb.src = item.thumb
    }
    choose.textContent = input.value ? "Replace" : `Choose a ${name}`
    remove.hidden = !input.value
  }
  const set = (item) => {
    if (item) remember(listUrl, item)
    input.value = item?.id || ""
    show(item)
    input.dispatchEvent(new Event("change", { bubbles: true }))
  }
  choose.addEventListener("click", async () => {
    const item = await (isPhoto ? pickPhoto({ listUrl, uploadUrl }) : pickStory({ listUrl }))
    if (item) set(item)
    choose.focus()
  })
  remove.addEventListener("click", () => {
    set(null)
    choose.focus()
  })
  pointer.addEventListener("desk:point", (event) => set(event.detail))
  if (input.disabled) return
  input.type = "hidden"
  pointer.append(make("div", { className: "pointer__buttons" }, isPhoto ? [choose, remove] : [choose]))
  const heading = pointer.closest(".field")?.querySelector(":scope > label")
  if (heading) choose.setAttribute("aria-label", `${heading.textContent.trim()}: choose`)
  choose.textContent = input.value ? "Replace" : `Choose a ${name}`
  remove.hidden = !input.value
}

document.querySelectorAll("[data-pointer]").forEach(enhance)
document.addEventListener("desk:row", (event) => event.detail.querySelectorAll("[data-pointer]").forEach(enhance))
// With script, photos come in through the dialog.
document.querySelectorAll("[data-plain-upload]:not(:has(.errorlist))").forEach((details) => { details.hidden = true })

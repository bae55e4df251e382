// The crop of the lead photo: a dialog over the picture in place of four typed numbers.
import { details, make } from "desk/picker"
import { t } from "desk/words"

const input = document.querySelector('input[data-crop="lead_photo"]')
const pointer = document.querySelector('[data-field="lead_photo"] [data-pointer]')

if (input && pointer && !input.disabled) {
  const photo = pointer.querySelector("input")
  const button = make("button", { type: "button", className: "dashed", textContent: t("Crop the photo") })
  const field = input.closest(".field")
  const said = make("output", { className: "help" })
  const show = () => {
    said.textContent = input.value ? t("Cropped for this story") : t("Whole picture")
    field.hidden = !photo.value
  }
  const set = (crop) => {
    if (input.value === crop) return
    input.value = crop
    input.dispatchEvent(new Event("change", { bubbles: true }))
    show()
  }
  button.addEventListener("click", async () => {
    const [{ chooseCrop }, found] = await Promise.all([import("desk/crop"), details(pointer.dataset.listUrl, photo.value)])
    const answer = found && (await chooseCrop(found, input.value))
    if (answer) set(answer.crop || "")
    button.focus()
  })
  // Another photo has other corners.
  let standing = photo.value
  photo.addEventListener("change", () => {
    if (photo.value !== standing) set("")
    standing = photo.value
    show()
  })
  input.type = "hidden"
  field.querySelector(".help").hidden = true
  input.after(button, said)
  show()
}

// The parts of a letter: only a story has a story to choose; a row that was added gets its editor.
function dress(row) {
  const kind = row.querySelector("select[name$='-kind']")
  if (!kind) return
  const story = row.querySelector(".row__cell--article")
  const picture = row.querySelector(".row__cell--photo")
  const show = () => {
    story.hidden = kind.value !== "article"
    if (picture) picture.hidden = !["article", "image", "sponsor"].includes(kind.value)
  }
  kind.addEventListener("change", show)
  show()
}

document.querySelectorAll("[data-row]").forEach(dress)
document.addEventListener("desk:row", (event) => {
  dress(event.detail)
  event.detail.dispatchEvent(new CustomEvent("formset:added", { bubbles: true }))
})

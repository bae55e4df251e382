// A field whose text is copied by a button; without script one selects and copies by hand.
for (const box of document.querySelectorAll("[data-copy]")) {
  const field = box.querySelector("input")
  const button = box.querySelector("[data-copy-button]")
  const done = box.querySelector("[data-copy-done]")
  button.hidden = false
  field.addEventListener("focus", () => field.select())
  button.addEventListener("click", async () => {
    field.select()
    try {
      await navigator.clipboard.writeText(field.value)
    } catch {
      document.execCommand("copy")
    }
    done.hidden = false
  })
}

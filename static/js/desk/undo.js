// The minute in which a publication or withdrawal can be taken back: counted down, and gone when it is over.
for (const box of document.querySelectorAll("[data-undo]")) {
  const end = performance.now() + Number(box.dataset.undo) * 1000
  const timer = setInterval(() => {
    const left = Math.ceil((end - performance.now()) / 1000)
    box.querySelector("[data-undo-seconds]").textContent = String(Math.max(0, left))
    if (left <= 0) {
      clearInterval(timer)
      box.hidden = true
    }
  }, 500)
}

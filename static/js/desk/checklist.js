// The checklist follows the draft: when the version has moved on, it is asked for again.
const box = document.querySelector("[data-checklist]")
const form = document.querySelector("[data-desk-form]")
const line = form?.querySelector("[data-state-line]")

if (box && line && form.elements.version) {
  const PAUSE = 700
  let known = form.elements.version.value
  let timer

  const ask = async () => {
    const version = form.elements.version.value
    if (version === known) return
    try {
      const response = await fetch(box.dataset.checklist, { credentials: "same-origin", redirect: "error" })
      if (!response.ok) return
      box.innerHTML = await response.text()
      known = version
    } catch {
      // Offline or logged out: the state line says so, and the next save asks again.
    }
  }
  new MutationObserver(() => {
    clearTimeout(timer)
    timer = setTimeout(ask, PAUSE)
  }).observe(line, { childList: true, characterData: true, subtree: true })
}

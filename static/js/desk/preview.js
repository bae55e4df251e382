// The page that the form would make, beside the form: sent a second after the last change, shown when it has arrived
// whole, scrolled to where the one before stood. Whether it is open, and how wide, is remembered for this tab alone.
const PAUSE = 1000
const PATIENCE = 20000
const WIDTHS = { phone: 390, desktop: 1280 }
const KEY = "desk-preview"
const SANDBOX = "allow-same-origin allow-popups allow-popups-to-escape-sandbox"

const pane = document.querySelector("[data-preview]")
const form = document.querySelector("[data-desk-form]")
const toggle = document.querySelector("[data-preview-toggle]")

function remembered() {
  try { return sessionStorage.getItem(KEY) } catch { return null }
}

function remember(width) {
  try { width ? sessionStorage.setItem(KEY, width) : sessionStorage.removeItem(KEY) } catch { /* a private window */ }
}

if (pane && form && toggle) {
  const view = pane.querySelector("[data-preview-view]")
  const line = pane.querySelector("[data-preview-line]")
  const bar = form.querySelector(".desk__bar")
  const buttons = [...pane.querySelectorAll("[data-preview-width]")]
  let width = remembered() || "phone"
  let shown = null
  let coming = null
  let again = false
  let timer = 0
  let patience = 0
  let number = 0
  let place = 0

  // Above the bar and below the head of the page, whatever of it is still in sight.
  const stretch = () => {
    if (pane.hidden || getComputedStyle(pane).position !== "sticky") {
      pane.style.height = ""
      return
    }
    const top = Math.max(8, pane.parentElement.getBoundingClientRect().top)
    pane.style.height = `${Math.max(240, innerHeight - top - bar.offsetHeight - 8)}px`
  }

  const fit = (frame) => {
    if (!frame) return
    const room = view.clientWidth
    const wanted = width === "phone" ? Math.min(WIDTHS.phone, room) : Math.max(WIDTHS.desktop, room)
    const scale = Math.min(1, room / wanted)
    Object.assign(frame.style, {
      width: `${wanted}px`,
      height: `${view.clientHeight / scale}px`,
      transform: `scale(${scale})`,
      left: `${(room - wanted * scale) / 2}px`,
    })
  }

  const say = (words) => { if (line.textContent !== words) line.textContent = words }

  const arrived = () => {
    const page = coming.contentDocument
    if (page?.URL === "about:blank") return
    clearTimeout(patience)
    const frame = coming
    coming = null
    if (page?.querySelector("[data-draft]")) swap(frame, page)
    else {
      frame.remove()
      say(line.dataset.failed)
    }
    if (again) send()
  }

  const swap = (frame, page) => {
    for (const link of page.querySelectorAll("a[href]:not([href^='#'])")) {
      link.target = "_blank"
      link.rel = "noopener"
    }
    const old = shown?.contentWindow
    const top = old ? old.scrollY : page.querySelector("[data-draft]").getBoundingClientRect().top - 12
    frame.contentWindow.scrollTo({ left: old?.scrollX ?? 0, top, behavior: "instant" })
    frame.classList.add("is-shown")
    frame.title = view.dataset.title
    frame.inert = false
    if (document.activeElement === shown) frame.focus()
    shown?.remove()
    shown = frame
    say("")
  }

  const send = () => {
    clearTimeout(timer)
    if (pane.hidden) return
    if (coming) {
      again = true
      return
    }
    again = false
    const frame = document.createElement("iframe")
    frame.setAttribute("sandbox", SANDBOX)
    frame.name = `preview-${number += 1}`
    frame.inert = true
    view.append(frame)
    fit(frame)
    coming = frame
    frame.addEventListener("load", arrived)
    const letter = document.createElement("form")
    Object.assign(letter, { method: "post", action: pane.dataset.url, target: frame.name, hidden: true })
    for (const [name, value] of new FormData(form)) {
      if (typeof value !== "string") continue
      const input = Object.assign(document.createElement("input"), { type: "hidden", name, value })
      letter.append(input)
    }
    document.body.append(letter)
    HTMLFormElement.prototype.submit.call(letter)
    letter.remove()
    patience = setTimeout(() => {
      coming?.remove()
      coming = null
      say(line.dataset.failed)
    }, PATIENCE)
  }

  const later = () => {
    clearTimeout(timer)
    if (!pane.hidden) timer = setTimeout(send, PAUSE)
  }

  const show = (open, { focus = false } = {}) => {
    if (open) place = scrollY
    pane.hidden = !open
    pane.parentElement.classList.toggle("has-preview", open)
    toggle.setAttribute("aria-expanded", String(open))
    remember(open ? width : "")
    for (const button of buttons) button.setAttribute("aria-pressed", String(button.dataset.previewWidth === width))
    stretch()
    if (open) {
      fit(shown)
      send()
      if (getComputedStyle(pane).position === "static") pane.scrollIntoView({ behavior: "instant" })
    } else {
      scrollTo({ top: place, behavior: "instant" })
      if (focus) toggle.focus()
    }
  }

  for (const button of buttons) {
    button.addEventListener("click", () => {
      width = button.dataset.previewWidth
      remember(width)
      for (const other of buttons) other.setAttribute("aria-pressed", String(other === button))
      fit(shown)
      fit(coming)
    })
  }
  toggle.hidden = false
  toggle.addEventListener("click", () => show(pane.hidden))
  pane.querySelector("[data-preview-close]").addEventListener("click", () => show(false, { focus: true }))
  form.addEventListener("input", later)
  form.addEventListener("change", later)
  addEventListener("online", send)
  addEventListener("scroll", stretch, { passive: true })
  addEventListener("resize", stretch)
  addEventListener("keydown", (event) => {
    const plain = event.ctrlKey && event.altKey && !event.shiftKey && !event.getModifierState("AltGraph")
    if (!plain || event.code !== "KeyP") return
    event.preventDefault()
    show(pane.hidden)
  })
  new ResizeObserver(() => [shown, coming].forEach(fit)).observe(view)
  if (remembered()) show(true)
}

// On every page of the workshop: what one person left in this browser is gone after logout, and for anybody else.
const user = document.querySelector('meta[name="desk-user"]')?.content
const channel = "BroadcastChannel" in globalThis ? new BroadcastChannel("desk") : null

const forget = (isForgotten) => {
  try {
    Object.keys(localStorage).filter((key) => key.startsWith("desk:") && isForgotten(key)).forEach((key) => localStorage.removeItem(key))
  } catch { /* a browser that keeps nothing has nothing to forget */ }
}

if (user) {
  forget((key) => !key.startsWith(`desk:${user}:`))
  channel?.postMessage({ user })
}
document.addEventListener("submit", (event) => {
  if (!new URL(event.target.action, location).pathname.endsWith("/logout/")) return
  channel?.postMessage({ out: true })
  forget(() => true)
  sessionStorage.clear()
})

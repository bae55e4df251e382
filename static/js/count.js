// Tells the newsroom that something was read: what, and nothing about who. Each [data-count="kind:key"] counts once a
// page, when it was in view for `data-count-after` seconds (1) while the page was in front; [data-count-click] when it
// is pressed. Nothing is sent for readers who ask not to be tracked, nor by robots.
const isOff = !("counting" in document.documentElement.dataset);
const asked = isOff || navigator.globalPrivacyControl || navigator.doNotTrack === "1" || navigator.webdriver;
const seconds = new Map();

function send(thing) {
  fetch("/count/", { method: "POST", body: thing, credentials: "omit", keepalive: true }).catch(() => {});
}

function tick() {
  if (document.visibilityState !== "visible") return;
  for (const [element, left] of seconds) {
    const box = element.getBoundingClientRect();
    if (!box.width || box.bottom < 0 || box.top > innerHeight) continue;
    seconds.set(element, left - 1);
    if (left > 1) continue;
    seconds.delete(element);
    send(element.dataset.count);
  }
  if (!seconds.size) clearInterval(timer);
}

for (const element of asked ? [] : document.querySelectorAll("[data-count]")) {
  seconds.set(element, Number(element.dataset.countAfter) || 1);
}
const timer = seconds.size ? setInterval(tick, 1000) : 0;
if (!asked) {
  document.addEventListener("click", (event) => {
    const pressed = event.target.closest("[data-count-click]");
    if (pressed) send(pressed.dataset.countClick);
  });
}

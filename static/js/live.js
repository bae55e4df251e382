// A live story refreshes itself: every half minute, while the page is in front, it asks for itself again. New entries
// appear on top when the reader is above them or has not begun; to somebody who reads they are only announced.
const EVERY = 30_000;
const live = document.querySelector("[data-live]");

function fresh(page) {
  const known = new Set([...live.querySelectorAll(".live__entry")].map((entry) => entry.id));
  return [...page.querySelectorAll("[data-live] .live__entry")].filter((entry) => !known.has(entry.id));
}

function isReading() {
  const top = live.querySelector("[data-live-entries]").getBoundingClientRect().top;
  return top < 0 || live.contains(document.activeElement) || !getSelection().isCollapsed;
}

function show(page) {
  live.querySelector("[data-live-entries]").replaceWith(page.querySelector("[data-live-entries]"));
  const key = page.querySelector(".live__key");
  const old = live.querySelector(".live__key");
  if (key && old) old.replaceWith(key);
  else if (key) live.querySelector(".rubric").after(key);
  live.querySelector("[data-live-show]").hidden = true;
  live.querySelector("[data-live-state]").textContent = "";
}

async function refresh() {
  if (document.visibilityState !== "visible") return;
  const answer = await fetch(location.pathname, { credentials: "omit" }).catch(() => null);
  if (!answer?.ok) return;
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  if (!page.querySelector("[data-live]") || !fresh(page).length) return;
  if (!isReading()) {
    show(page);
    return;
  }
  const button = live.querySelector("[data-live-show]");
  button.hidden = false;
  button.onclick = () => show(page);
  live.querySelector("[data-live-state]").textContent = button.textContent;
}

if (live) setInterval(refresh, EVERY);

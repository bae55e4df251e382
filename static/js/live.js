// A live story refreshes itself: every half minute, while the page is in front, it asks for itself again. New entries
// appear on top when the reader is above them or has not begun; to somebody who reads they are only announced. What was
// taken back goes at once. When the telling has ended, the asking ends too.
const EVERY = 30_000;
const live = document.querySelector("[data-live]");
const asking = live && live.dataset.live !== "ended" && setInterval(refresh, EVERY);

function entries(part) {
  return [...part.querySelectorAll(".live__entry")];
}

function lacking(part, other) {
  const known = new Set(entries(other).map((entry) => entry.id));
  return entries(part).filter((entry) => !known.has(entry.id));
}

function isReading() {
  const top = live.querySelector("[data-live-entries]").getBoundingClientRect().top;
  return top < 0 || live.contains(document.activeElement) || !getSelection().isCollapsed;
}

function showKeyPoints(part) {
  const [key, old] = [part.querySelector(".live__key"), live.querySelector(".live__key")];
  if (old && key) old.replaceWith(key);
  else if (old) old.remove();
  else if (key) live.querySelector(".rubric").after(key);
}

function show(part) {
  live.querySelector("[data-live-entries]").replaceWith(part.querySelector("[data-live-entries]"));
  showKeyPoints(part);
  live.querySelector("[data-live-show]").hidden = true;
  live.querySelector("[data-live-state]").textContent = "";
}

function announce(part) {
  const button = live.querySelector("[data-live-show]");
  button.hidden = false;
  button.onclick = () => show(part);
  live.querySelector("[data-live-state]").textContent = button.textContent;
}

function end(part) {
  clearInterval(asking);
  live.querySelector(".rubric").textContent = part.querySelector(".rubric").textContent;
}

// The text is our own page; what is parsed here runs no script.
const inert = globalThis.trustedTypes?.createPolicy("newsroom-live", { createHTML: (text) => text });

async function refresh() {
  if (document.visibilityState !== "visible") return;
  const answer = await fetch(location.pathname, { credentials: "omit" }).catch(() => null);
  if (!answer?.ok) return;
  const text = await answer.text();
  const page = new DOMParser().parseFromString(inert?.createHTML(text) ?? text, "text/html");
  const part = page.querySelector("[data-live]");
  if (!part) return;
  lacking(live, part).forEach((entry) => entry.remove());
  if (part.dataset.live === "ended") end(part);
  if (!lacking(part, live).length) showKeyPoints(part);
  else if (isReading()) announce(part);
  else show(part);
}

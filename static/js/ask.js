// Keeps one date in the reader's own browser, "quiet until", and hides the message to readers until then.
// Nothing is sent from here. Everything works without this script but the quiet.
// The minutes of the date say how often the message was closed: the third time counts as "don't ask".
const KEY = "quiet until";
const CLOSINGS = 3, WEEK = 7, YEAR = 365;

function today(days = 0) {
  const date = new Date();
  date.setDate(date.getDate() + days);
  const two = (number) => String(number).padStart(2, "0");
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
}

function read() {
  try {
    const date = localStorage.getItem(KEY) || "";
    return /^\d{4}-\d{2}-\d{2}(T00:0\d)?$/.test(date) ? date : "";
  } catch {
    return "";
  }
}

function closings() {
  return Number(read().slice(15)) || 0;
}

function beQuiet(days, closed = closings()) {
  const [date, kept] = [today(days), read().slice(0, 10)];
  try {
    localStorage.setItem(KEY, (date > kept ? date : kept) + (closed ? `T00:0${closed}` : ""));
    return true;
  } catch {
    return false;
  }
}

function show(element, visible = true) {
  if (element) element.hidden = !visible;
}

function onQuiet(box, event) {
  const button = event.target.closest("[data-quiet]");
  const later = event.target.closest("[data-later]");
  if (later) {
    event.preventDefault();
    const choices = box.querySelector("[data-later-choices]");
    show(choices);
    choices.querySelector("button").focus();
  } else if (button && beQuiet(Number(button.dataset.quiet))) {
    event.preventDefault();
    for (const part of box.querySelectorAll("form, [data-later], [data-later-choices], .form__actions")) show(part, false);
    show(box.querySelector("[data-quiet-done]"));
  }
}

function onAmount(form, event) {
  const other = form.querySelector("[data-other]");
  if (event.target.name?.startsWith("amount_") && event.type === "change") {
    other.value = "";
  } else if (event.target === other && other.value) {
    for (const radio of form.querySelectorAll("[name^=amount_]:checked")) radio.checked = false;
  }
}

// A message that came into view keeps this browser quiet for its gap; it stays where it is until the next page.
function onShown(box) {
  const days = Number(box.dataset.gap);
  if (!days || !("IntersectionObserver" in window)) return;
  const observer = new IntersectionObserver((entries) => {
    if (!entries.some((entry) => entry.isIntersecting)) return;
    observer.disconnect();
    beQuiet(days);
  });
  observer.observe(box);
}

function onClose(box) {
  const closed = closings() + 1;
  beQuiet(closed < CLOSINGS ? WEEK : YEAR, closed % CLOSINGS);
  show(box, false);
}

const mayAsk = today() >= read().slice(0, 10);
for (const box of document.querySelectorAll("[data-support]")) {
  show(box, mayAsk);
  if (!mayAsk) continue;
  onShown(box);
  box.addEventListener("click", (event) => onQuiet(box, event));
  const close = box.querySelector("[data-close]");
  show(close);
  close?.addEventListener("click", () => onClose(box));
}
for (const box of document.querySelectorAll("[data-support-later]")) {
  show(box.querySelector("[data-later-choices]"));
  box.addEventListener("click", (event) => onQuiet(box, event));
}
for (const form of document.querySelectorAll("[data-ask]")) {
  form.addEventListener("change", (event) => onAmount(form, event));
  form.addEventListener("input", (event) => onAmount(form, event));
}
for (const note of document.querySelectorAll("[data-quiet-now]")) beQuiet(Number(note.dataset.quietNow));
document.querySelector("[data-focus]")?.focus();

// The task before a gift while somebody tries stolen cards: find a number whose hash with the form's nonce begins with
// zero bits. Runs when the page opens; nothing leaves the browser but the number, with the form.
const form = document.querySelector("form[data-work-bits]");

async function isFound(nonce, number, bits) {
  const bytes = new TextEncoder().encode(`${nonce}:${number}`);
  const digest = new DataView(await crypto.subtle.digest("SHA-256", bytes));
  return digest.getUint32(0) >>> (32 - bits) === 0;
}

async function work() {
  const bits = Number(form.dataset.workBits);
  const nonce = form.elements.nonce.value;
  for (let number = 0; ; number += 1) {
    if (await isFound(nonce, number, bits)) return number;
  }
}

if (form && window.crypto?.subtle) {
  const button = form.querySelector("button");
  const state = document.querySelector("[data-work-state]");
  button.disabled = true;
  state.hidden = false;
  const field = document.createElement("input");
  field.type = "hidden";
  field.name = "work";
  field.value = await work();
  form.append(field);
  button.disabled = false;
  state.hidden = true;
}

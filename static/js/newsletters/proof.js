// While many sign up at once, this browser proves a second of work: it looks for the number behind the challenge.
const form = document.querySelector("form[data-challenge]")

async function solve({ challenge, salt, maxNumber }) {
  const encoder = new TextEncoder()
  for (let number = 0; number <= maxNumber; number += 1) {
    const digest = await crypto.subtle.digest("SHA-256", encoder.encode(salt + number))
    const hex = Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, "0")).join("")
    if (hex === challenge) return number
  }
  return null
}

if (form && globalThis.crypto?.subtle) {
  const task = JSON.parse(form.dataset.challenge)
  const button = form.querySelector("button")
  const waiting = form.querySelector("[data-waiting]")
  button.disabled = true
  waiting.hidden = false
  const number = await solve(task)
  const { algorithm, challenge, salt, signature } = task
  form.elements.altcha.value = btoa(JSON.stringify({ algorithm, challenge, number, salt, signature }))
  button.disabled = false
  waiting.hidden = true
}

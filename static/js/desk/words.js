// The words of the desk in the language of whoever works: English stands in the scripts, other languages in the page.
const held = document.getElementById("desk-words")
const words = held ? JSON.parse(held.textContent) : {}

/** Return an English sentence in the language of the page, with {names} filled in. */
export const t = (text, values = {}) => (words[text] || text).replace(/\{(\w+)\}/g, (whole, name) => values[name] ?? whole)

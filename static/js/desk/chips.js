// Topics as chips over the comma text: Enter or a comma makes one, Backspace takes the last one back.
for (const source of document.querySelectorAll("input[data-chips]")) {
  if (source.disabled) continue
  const label = document.querySelector(`label[for="${CSS.escape(source.id)}"]`)?.textContent.trim() || ""
  const box = document.createElement("div")
  box.className = "chips"
  const list = document.createElement("ul")
  const input = document.createElement("input")
  input.type = "text"
  input.autocomplete = "off"
  input.setAttribute("list", source.getAttribute("list"))
  input.setAttribute("aria-label", `${label}: add one`)
  input.id = `${source.id}-new`
  document.querySelector(`label[for="${CSS.escape(source.id)}"]`)?.setAttribute("for", input.id)
  box.append(list, input)
  source.after(box)
  source.type = "hidden"

  let words = []
  const write = (silent) => {
    source.value = words.join(", ")
    list.replaceChildren(...words.map((word, index) => {
      const item = document.createElement("li")
      const remove = document.createElement("button")
      remove.type = "button"
      remove.className = "icon"
      remove.textContent = "✕"
      remove.setAttribute("aria-label", `Remove ${word}`)
      remove.addEventListener("click", () => {
        words.splice(index, 1)
        write()
        input.focus()
      })
      item.append(word, remove)
      return item
    }))
    if (!silent) source.dispatchEvent(new Event("change", { bubbles: true }))
  }
  const add = (text) => {
    for (const word of text.split(",").map((part) => part.trim().replace(/\s+/g, " ")).filter(Boolean)) {
      if (!words.some((one) => one.toLowerCase() === word.toLowerCase())) words.push(word)
    }
    input.value = ""
    write()
  }
  words = source.value.split(",").map((word) => word.trim()).filter(Boolean)
  write(true)
  input.addEventListener("input", () => {
    const options = [...(input.list?.options || [])].map((option) => option.value)
    if (input.value.includes(",") || (options.includes(input.value) && !options.some((o) => o !== input.value && o.startsWith(input.value)))) add(input.value)
  })
  input.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && input.value.trim()) {
      event.preventDefault()
      add(input.value)
    } else if (event.key === "Enter") event.preventDefault()
    else if (event.key === "Backspace" && !input.value && words.length) {
      input.value = words.pop()
      write()
      event.preventDefault()
    }
  })
  input.addEventListener("blur", () => { if (input.value.trim()) add(input.value) })
}

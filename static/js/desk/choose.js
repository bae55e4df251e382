// `<select data-choose>` gets a box to type in: the list narrows, arrows and Enter choose. Without script it is the select.
const fold = (text) => text.toLowerCase().normalize("NFD").replace(/[\u0300-\u036f]/g, "")
let counter = 0

function enhance(select) {
  if (select.dataset.chosen) return
  select.dataset.chosen = "1"
  const id = `choose-${++counter}`
  const input = document.createElement("input")
  input.type = "text"
  input.autocomplete = "off"
  input.spellcheck = false
  input.setAttribute("role", "combobox")
  input.setAttribute("aria-expanded", "false")
  input.setAttribute("aria-autocomplete", "list")
  input.setAttribute("aria-controls", id)
  input.setAttribute("aria-label", select.getAttribute("aria-label") || select.labels?.[0]?.textContent.trim() || "")
  input.placeholder = select.dataset.placeholder || ""
  const list = document.createElement("ul")
  list.id = id
  list.setAttribute("role", "listbox")
  list.setAttribute("aria-label", input.getAttribute("aria-label"))
  list.hidden = true
  const box = document.createElement("div")
  box.className = "choose"
  select.after(box)
  box.append(input, list)
  select.hidden = true
  const label = document.querySelector(`label[for="${CSS.escape(select.id)}"]`)
  if (label) {
    input.id = `${select.id}-typed`
    label.htmlFor = input.id
  }

  let at = -1
  const show = () => { input.value = select.selectedOptions[0]?.value ? select.selectedOptions[0].textContent : "" }
  const open = (words) => {
    const wanted = fold(words).split(/\s+/).filter(Boolean)
    const options = [...select.options].filter((o) => o.value && wanted.every((word) => fold(o.textContent).includes(word))).slice(0, 12)
    list.replaceChildren(...options.map((option, index) => {
      const item = document.createElement("li")
      item.id = `${id}-${index}`
      item.setAttribute("role", "option")
      item.setAttribute("aria-selected", "false")
      item.textContent = option.textContent
      item.dataset.value = option.value
      item.addEventListener("mousedown", (event) => {
        event.preventDefault()
        choose(option.value)
      })
      return item
    }))
    list.hidden = !options.length
    input.setAttribute("aria-expanded", String(!list.hidden))
    highlight(options.length && words ? 0 : -1)
  }
  const close = () => {
    list.hidden = true
    input.setAttribute("aria-expanded", "false")
    input.removeAttribute("aria-activedescendant")
  }
  const highlight = (index) => {
    at = index
    ;[...list.children].forEach((item, number) => item.setAttribute("aria-selected", String(number === at)))
    if (at >= 0) {
      input.setAttribute("aria-activedescendant", `${id}-${at}`)
      list.children[at].scrollIntoView({ block: "nearest" })
    } else input.removeAttribute("aria-activedescendant")
  }
  const choose = (value) => {
    select.value = value
    select.dispatchEvent(new Event("change", { bubbles: true }))
    show()
    close()
  }

  input.addEventListener("input", () => open(input.value))
  input.addEventListener("click", () => open(""))
  input.addEventListener("blur", () => {
    if (!input.value.trim() && select.value) choose("")
    else show()
    close()
  })
  input.addEventListener("keydown", (event) => {
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault()
      if (list.hidden) open("")
      const count = list.children.length
      if (count) highlight((at + (event.key === "ArrowDown" ? 1 : count - 1) + (at < 0 && event.key === "ArrowUp" ? 1 : 0)) % count)
    } else if (event.key === "Enter" && !list.hidden) {
      event.preventDefault()
      if (at >= 0) choose(list.children[at].dataset.value)
    } else if (event.key === "Escape" && !list.hidden) {
      event.stopPropagation()
      show()
      close()
    }
  })
  select.addEventListener("change", show)
  show()
}

document.querySelectorAll("select[data-choose]").forEach(enhance)
document.addEventListener("desk:row", (event) => event.detail.querySelectorAll("select[data-choose]").forEach(enhance))

// Django's choosers of one row leave their box without a name: it gets that of the field's label.
const name = () => {
  for (const select of document.querySelectorAll("select.admin-autocomplete")) {
    const label = document.querySelector(`label[for="${CSS.escape(select.id)}"]`)
    const box = select.parentElement.querySelector(".select2-selection")
    if (!label || !box) continue
    label.id ||= `${select.id}-label`
    const shown = box.querySelector(".select2-selection__rendered")
    shown?.setAttribute("aria-labelledby", label.id)
    box.setAttribute("aria-labelledby", shown ? `${label.id} ${shown.id}` : label.id)
  }
}

// They are made when the page is ready, and again for each row that is added.
new MutationObserver(name).observe(document.body, { childList: true, subtree: true })
name()

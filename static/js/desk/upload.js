// Many photos at once: a row with its progress for each, two on their way at a time. Without script the form sends them all.
const form = document.querySelector("[data-upload]")
const MOST = 40
const AT_ONCE = 2

const make = (tag, attributes = {}, children = []) => {
  const element = Object.assign(document.createElement(tag), attributes)
  element.append(...children)
  return element
}

if (form) {
  const words = form.dataset
  const input = form.querySelector('input[type="file"]')
  const list = form.querySelector("[data-upload-list]")
  const status = form.querySelector("[data-upload-status]")
  const waiting = []
  const taken = []
  let onTheWay = 0
  let open = 0

  const send = (row, anyway) => new Promise((resolve) => {
    const data = new FormData(form)
    data.delete("files")
    data.set("files", row.file, row.file.name)
    if (anyway) data.set("anyway", "on")
    const request = new XMLHttpRequest()
    request.open("POST", words.uploadUrl)
    request.setRequestHeader("Accept", "application/json")
    request.setRequestHeader("X-CSRFToken", form.querySelector("input[name=csrfmiddlewaretoken]").value)
    request.responseType = "json"
    request.upload.addEventListener("progress", (event) => {
      if (event.lengthComputable) row.bar.value = event.loaded / event.total
    })
    request.upload.addEventListener("load", () => row.say(words.checking))
    request.addEventListener("load", () => resolve({ status: request.status, answer: request.response || {} }))
    request.addEventListener("error", () => resolve({ status: 0, answer: {} }))
    request.send(data)
  })

  const finish = () => {
    if (open || onTheWay || waiting.length) return
    if (!taken.length) return
    const link = make("a", { href: `${words.confirmUrl}?ids=${taken.join(",")}`, className: "button primary", textContent: words.next })
    status.replaceChildren(link)
    if ([...list.children].every((row) => row.dataset.state === "done")) link.click()
    else link.focus()
  }

  const take = (row, photo) => {
    if (!taken.includes(photo.id)) taken.push(photo.id)
    row.done(photo)
  }

  const answered = (row, { status: code, answer }) => {
    if (code === 200) {
      take(row, answer)
    } else if (code === 409 && answer.alike) {
      open += 1
      row.ask(answer)
    } else {
      const why = Object.values(answer.errors || {}).flat().join(" ")
      row.refuse(why || (code ? words.failed : words.offline), !why)
    }
  }

  const next = async () => {
    while (onTheWay < AT_ONCE && waiting.length) {
      const { row, anyway } = waiting.shift()
      onTheWay += 1
      row.say(words.sending)
      send(row, anyway).then((result) => {
        onTheWay -= 1
        answered(row, result)
        next()
        finish()
      })
    }
  }

  const queue = (row, anyway = false) => {
    row.element.dataset.state = "waiting"
    row.say(words.waiting)
    waiting.push({ row, anyway })
    next()
  }

  const button = (text, act) => {
    const element = make("button", { type: "button", className: "button", textContent: text })
    element.addEventListener("click", act)
    return element
  }

  const newRow = (file) => {
    const bar = make("progress", { max: 1, value: 0 })
    bar.setAttribute("aria-label", file.name)
    const text = make("span", { className: "upload__text" })
    const more = make("span", { className: "upload__more" })
    const element = make("li", { className: "upload__row" }, [make("span", { className: "upload__name", textContent: file.name }), bar, text, more])
    const row = { file, bar, element }
    const settle = (state, words, ...children) => {
      element.dataset.state = state
      text.textContent = words
      more.replaceChildren(...children)
    }
    const thumb = (photo) => make("img", { src: photo.thumb, alt: photo.alt || "", width: 90, height: 60 })
    row.say = (words) => { text.textContent = words; more.replaceChildren() }
    row.done = (photo) => { bar.value = 1; settle("done", photo.known ? words.known : words.done, thumb(photo)) }
    row.refuse = (why, again) => {
      bar.value = 0
      settle("refused", why, ...(again ? [button(words.again, () => queue(row))] : []))
    }
    row.ask = ({ errors, alike }) => settle("asking", Object.values(errors).flat().join(" "), thumb(alike),
      button(words.use, () => { open -= 1; take(row, { ...alike, known: true }); finish() }),
      button(words.anyway, () => { open -= 1; queue(row, true) }))
    list.append(element)
    return row
  }

  const takeIn = (files) => {
    if (list.children.length + files.length > MOST) {
      status.textContent = words.tooMany
      return
    }
    status.replaceChildren()
    for (const row of [...files].map(newRow)) queue(row)
    input.value = ""
  }

  form.addEventListener("submit", (event) => {
    if (!input.files.length) return
    event.preventDefault()
    takeIn(input.files)
  })
  form.querySelector("[data-upload-drop]").hidden = false
  document.addEventListener("dragover", (event) => {
    if (![...event.dataTransfer.types].includes("Files")) return
    event.preventDefault()
    form.classList.add("upload--over")
  })
  document.addEventListener("dragleave", (event) => { if (!event.relatedTarget) form.classList.remove("upload--over") })
  document.addEventListener("drop", (event) => {
    if (!event.dataTransfer.files.length) return
    event.preventDefault()
    form.classList.remove("upload--over")
    takeIn(event.dataTransfer.files)
  })
  addEventListener("beforeunload", (event) => { if (onTheWay || waiting.length) event.preventDefault() })
}

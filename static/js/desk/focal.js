// The focal point of a photo: click on the picture, move with the arrow keys, or type; each crop shows what it keeps.
const picture = document.querySelector("[data-focal-picture]")
const x = document.querySelector('[data-focal="x"]')
const y = document.querySelector('[data-focal="y"]')

if (picture && x && y) {
  const image = picture.querySelector("img")
  const mark = document.createElement("span")
  mark.className = "focal__mark"
  const said = document.createElement("span")
  said.className = "visually-hidden"
  said.setAttribute("aria-live", "polite")
  picture.append(mark, said)
  picture.tabIndex = 0
  picture.setAttribute("role", "group")
  picture.setAttribute("aria-label", picture.dataset.focalLabel)

  const within = (value) => Math.min(1, Math.max(0, value))
  const share = (input) => within(Number(input.value) || 0)

  const crops = [...document.querySelectorAll("[data-focal-crop]")].map((img) => {
    const canvas = document.createElement("canvas")
    canvas.className = "crops__canvas"
    canvas.width = 360
    canvas.height = Math.round(360 / Number(img.dataset.focalCrop))
    canvas.setAttribute("aria-hidden", "true")
    img.hidden = true
    img.after(canvas)
    return { canvas, ratio: Number(img.dataset.focalCrop) }
  })

  // The same rule as on the server: the point stands as near to the middle as the picture allows.
  const draw = () => {
    const { naturalWidth: width, naturalHeight: height } = image
    if (!width) return
    for (const { canvas, ratio } of crops) {
      const keptWidth = Math.min(width, height * ratio)
      const keptHeight = Math.min(height, width / ratio)
      const left = Math.min(width - keptWidth, Math.max(0, share(x) * width - keptWidth / 2))
      const top = Math.min(height - keptHeight, Math.max(0, share(y) * height - keptHeight / 2))
      canvas.getContext("2d").drawImage(image, left, top, keptWidth, keptHeight, 0, 0, canvas.width, canvas.height)
    }
  }
  const place = () => {
    mark.style.left = `${share(x) * 100}%`
    mark.style.top = `${share(y) * 100}%`
    draw()
  }
  const set = (left, top) => {
    x.value = within(left).toFixed(3)
    y.value = within(top).toFixed(3)
    place()
  }

  picture.addEventListener("click", (event) => {
    const box = image.getBoundingClientRect()
    set((event.clientX - box.left) / box.width, (event.clientY - box.top) / box.height)
  })
  picture.addEventListener("keydown", (event) => {
    const [right, down] = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[event.key] || []
    if (right === undefined || event.ctrlKey || event.metaKey || event.altKey) return
    event.preventDefault()
    const step = event.shiftKey ? 0.1 : 0.01
    set(share(x) + right * step, share(y) + down * step)
    said.textContent = picture.dataset.focalSays.replace("{x}", Math.round(share(x) * 100)).replace("{y}", Math.round(share(y) * 100))
  })
  x.addEventListener("input", place)
  y.addEventListener("input", place)
  image.addEventListener("load", draw)
  place()
}

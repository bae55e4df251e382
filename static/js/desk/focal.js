// Click on the picture to set the focal point; the number inputs show it and can be typed in.
const picture = document.querySelector("[data-focal-picture]")
const x = document.querySelector('[data-focal="x"]')
const y = document.querySelector('[data-focal="y"]')

if (picture && x && y) {
  const mark = document.createElement("span")
  mark.className = "focal__mark"
  picture.append(mark)
  const share = (input) => Math.min(1, Math.max(0, Number(input.value) || 0))
  const place = () => {
    mark.style.left = `${share(x) * 100}%`
    mark.style.top = `${share(y) * 100}%`
  }
  picture.addEventListener("click", (event) => {
    const box = picture.querySelector("img").getBoundingClientRect()
    x.value = ((event.clientX - box.left) / box.width).toFixed(3)
    y.value = ((event.clientY - box.top) / box.height).toFixed(3)
    place()
  })
  x.addEventListener("input", place)
  y.addEventListener("input", place)
  place()
}

// Choose the part of a photo that this use shows: with the mouse on the picture, or by numbers and keys.
import { dialog, make } from "desk/picker"
import { t } from "desk/words"

const SMALLEST = 0.05
const SHAPES = [[0, "Any shape"], [3 / 2, "3 : 2"], [16 / 9, "16 : 9"], [1, "Square"], [4 / 5, "4 : 5"], [2 / 3, "2 : 3"]]
const round = (value) => Math.round(value * 1000) / 1000
const between = (value, low, high) => Math.min(Math.max(value, low), high)

const slider = (label) => {
  const input = make("input", { type: "range", min: 0, max: 100, step: 1, "aria-label": label })
  const shown = make("output")
  return { input, shown, row: make("label", {}, [make("span", { textContent: label }), input, shown]) }
}

/** Let a person choose a crop; resolves with {crop: "left,top,width,height" or null}, or null when it was left. */
export function chooseCrop(photo, crop) {
  const [left, top, width, height] = (crop || "0,0,1,1").split(",").map(Number)
  const area = { left, top, width, height }
  const keep = { ratio: 0 }
  const picture = make("img", { src: photo.url, alt: photo.alt || "", draggable: false })
  const hole = make("div", { className: "crop__hole" })
  const stage = make("div", { className: "crop__stage" }, [picture, hole])
  const shape = make("select", {}, SHAPES.map(([value, name]) => make("option", { value, textContent: t(name) })))
  const sliders = { left: slider(t("From the left")), top: slider(t("From the top")), width: slider(t("Width")), height: slider(t("Height")) }

  const settle = (changed) => {
    area.width = between(area.width, SMALLEST, 1)
    area.height = between(area.height, SMALLEST, 1)
    if (keep.ratio) {
      const factor = photo.width / photo.height / keep.ratio
      if (changed === "height") area.width = Math.min(1, area.height / factor)
      area.height = area.width * factor
      if (area.height > 1) Object.assign(area, { height: 1, width: 1 / factor })
    }
    area.left = between(area.left, 0, 1 - area.width)
    area.top = between(area.top, 0, 1 - area.height)
    Object.assign(hole.style, Object.fromEntries(Object.entries(area).map(([name, value]) => [name, `${value * 100}%`])))
    for (const [name, { input, shown }] of Object.entries(sliders)) {
      input.value = Math.round(area[name] * 100)
      shown.textContent = `${input.value} %`
    }
  }
  for (const [name, { input }] of Object.entries(sliders)) {
    input.addEventListener("input", () => {
      area[name] = input.value / 100
      settle(name)
    })
  }
  shape.addEventListener("change", () => {
    keep.ratio = Number(shape.value)
    settle("width")
  })
  drag(stage, area, settle)

  const whole = make("button", { type: "button", className: "button", textContent: t("Whole picture") })
  const use = make("button", { type: "submit", className: "button primary", textContent: t("Use this crop") })
  const form = make("form", { method: "dialog", className: "crop" }, [
    stage,
    make("p", { className: "help", textContent: t("Draw on the picture, or use the sliders: arrow keys move them. Readers never get what is cut off.") }),
    make("label", {}, [make("span", { textContent: t("Shape") }), shape]),
    ...Object.values(sliders).map((one) => one.row),
    make("p", { className: "crop__buttons" }, [whole, use]),
  ])
  return new Promise((resolve) => {
    let answer = null
    const box = dialog(t("Crop the photo"), [form], "desk-dialog--crop")
    const values = () => [area.left, area.top, area.width, area.height].map(round)
    form.addEventListener("submit", () => {
      const [x, y, w, h] = values()
      answer = { crop: w >= 1 && h >= 1 ? null : [x, y, Math.min(w, round(1 - x)), Math.min(h, round(1 - y))].join(",") }
    })
    whole.addEventListener("click", () => {
      answer = { crop: null }
      box.close()
    })
    box.addEventListener("close", () => resolve(answer))
    settle("width")
    sliders.left.input.focus()
  })
}

/** Draw a new crop from where the button goes down to where it comes up. */
function drag(stage, area, settle) {
  let start = null
  const place = (event) => {
    const box = stage.getBoundingClientRect()
    return [between((event.clientX - box.left) / box.width, 0, 1), between((event.clientY - box.top) / box.height, 0, 1)]
  }
  stage.addEventListener("pointerdown", (event) => {
    start = place(event)
    stage.setPointerCapture(event.pointerId)
    event.preventDefault()
  })
  stage.addEventListener("pointermove", (event) => {
    if (!start) return
    const [x, y] = place(event)
    Object.assign(area, { left: Math.min(x, start[0]), top: Math.min(y, start[1]), width: Math.abs(x - start[0]), height: Math.abs(y - start[1]) })
    settle("width")
  })
  for (const end of ["pointerup", "pointercancel"]) stage.addEventListener(end, () => { start = null })
}

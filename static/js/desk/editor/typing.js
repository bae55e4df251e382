// While one types: quotation marks as the language of the text prints them. The server sets the last ones.
import { Extension, InputRule } from "django-prose-editor/editor"

const BEFORE_OPENING = /[\s([{—–\-/«„“‘\ufffc]$/
// Addresses, attributes, calls: what a machine reads stays as it is.
const CODE = /(?:\S*:\/\/|\bwww\.|[{}<>\\`=]|\w\(["']|\w\($)\S*$/

const count = (text, mark) => text.split(mark).length - 1

/** Return what a straight mark typed behind `before` becomes, or null when it stays. */
export function smart(before, mark, marks) {
  if (marks.length !== 4 || CODE.test(before)) return null
  const opens = !before || (BEFORE_OPENING.test(before) && ![marks[1], marks[3]].includes(before.at(-1)))
  if (mark === "'") {
    if (opens) return marks[2] === "‘" ? "‘" : null
    return /\d$/.test(before) ? null : "’"
  }
  const open = count(before, marks[0]) - count(before, marks[1])
  const inner = marks[3] === "’" ? count(before, marks[2]) > count(before, /’(?!\p{L})/u) : count(before, marks[2]) > count(before, marks[3])
  if (opens) return open > 0 && marks[0] !== marks[1] ? marks[2] : marks[0]
  if (open <= 0 && /\d$/.test(before)) return null
  return inner ? marks[3] : marks[1]
}

/** Return text that follows `before` with its straight marks set. */
export function smartText(before, text, marks) {
  let done = ""
  for (let place = 0; place < text.length; place += 1) {
    const isMark = text[place] === '"' || text[place] === "'"
    const isCode = isMark && /^\S*(?:[{}<>\\`]|:\/\/)/.test(text.slice(place + 1))
    done += (isMark && !isCode && set(before + done, text[place], text.slice(place + 1), marks)) || text[place]
  }
  return done
}

const set = (before, mark, after, marks) => {
  if (mark === '"' && /^(?:\s|$)/.test(after) && /(?:^|\s)$/.test(before)) return null
  if (mark === "'" && /^(?:\d|n')/.test(after) && (!before || BEFORE_OPENING.test(before))) return "’"
  return smart(before, mark, marks)
}

export const SmartQuotes = Extension.create({
  name: "smartQuotes",
  addInputRules() {
    const { editor } = this
    const rule = (mark) => new InputRule({
      find: new RegExp(`${mark}$`),
      handler: ({ state, range }) => {
        const marks = editor.storage.writing?.quotes || ""
        const { $from } = state.selection
        const before = $from.parent.textBetween(0, range.from - $from.start(), null, "\ufffc")
        const set = smart(before, mark, marks)
        if (!set) return null
        const spaced = editor.storage.writing.language.startsWith("fr") && mark === '"'
        const text = spaced && set === "«" ? "«\u202f" : spaced && set === "»" ? "\u202f»" : set
        state.tr.insertText(text, range.from, range.to)
      },
    })
    return [rule('"'), rule("'")]
  },
})

// Find and replace in the text: a bar above it, every match marked, all replaced in one step of undo.
import { Extension, Plugin, pm } from "django-prose-editor/editor"
import { make } from "desk/picker"
import { t } from "desk/words"

const { Decoration, DecorationSet } = pm.view

/** Return {from, to} of every match; a match never reaches over two paragraphs or over a photo. */
function matches(doc, words, matchCase) {
  const found = []
  if (!words) return found
  const wanted = matchCase ? words : words.toLowerCase()
  doc.descendants((node, position) => {
    if (!node.isTextblock) return true
    let text = node.textBetween(0, node.content.size, null, "\ufffc")
    // Letters whose small form is longer would move the places.
    if (!matchCase) text = [...text].map((letter) => (letter.toLowerCase().length === letter.length ? letter.toLowerCase() : letter)).join("")
    for (let at = text.indexOf(wanted); at >= 0; at = text.indexOf(wanted, at + wanted.length)) {
      found.push({ from: position + 1 + at, to: position + 1 + at + wanted.length })
    }
    return false
  })
  return found
}

class Bar {
  constructor(editor) {
    this.editor = editor
    this.words = make("input", { type: "search", "aria-label": t("Find"), placeholder: t("Find"), maxLength: 200 })
    this.with = make("input", { type: "text", "aria-label": t("Replace with"), placeholder: t("Replace with"), maxLength: 500 })
    this.matchCase = make("input", { type: "checkbox" })
    this.count = make("span", { className: "find__count", role: "status" })
    const push = (text, act) => {
      const element = make("button", { type: "button", textContent: text })
      element.addEventListener("click", act)
      return element
    }
    this.dom = make("div", { className: "find", role: "search", "aria-label": t("Find and replace"), hidden: true }, [
      this.words, make("label", { className: "check" }, [this.matchCase, t("Match case")]), this.count,
      push(t("Previous"), () => this.go(-1)), push(t("Next"), () => this.go(1)), this.with,
      push(t("Replace"), () => this.replace()), push(t("Replace all"), () => this.replaceAll()), push(t("Close"), () => this.close()),
    ])
    for (const element of [this.words, this.with, this.matchCase]) {
      // What is typed here is no change of the story.
      for (const name of ["input", "change"]) element.addEventListener(name, (event) => {
        event.stopPropagation()
        this.look()
      })
    }
    this.dom.addEventListener("keydown", (event) => this.key(event))
  }

  key(event) {
    if (event.key === "Escape") this.close()
    else if (event.key === "Enter" && event.target === this.words) this.go(event.shiftKey ? -1 : 1)
    else if (event.key === "Enter" && event.target === this.with) this.replace()
    else return
    event.preventDefault()
    event.stopPropagation()
  }

  open() {
    const { from, to } = this.editor.state.selection
    const chosen = this.editor.state.doc.textBetween(from, to, "\n")
    if (chosen && chosen.length < 100 && !chosen.includes("\n")) this.words.value = chosen
    this.dom.hidden = false
    this.words.focus()
    this.words.select()
    this.look()
  }

  close() {
    this.dom.hidden = true
    this.look()
    this.editor.commands.focus()
  }

  get found() {
    return this.dom.hidden ? [] : matches(this.editor.state.doc, this.words.value, this.matchCase.checked)
  }

  look() {
    this.editor.view.dispatch(this.editor.state.tr)
    this.tell()
  }

  tell() {
    const found = this.found
    const { from, to } = this.editor.state.selection
    const at = found.findIndex((one) => one.from === from && one.to === to)
    this.count.textContent = !this.words.value ? "" : !found.length ? t("Not found") : at < 0 ? t("{n} found", { n: found.length }) : t("{at} of {n}", { at: at + 1, n: found.length })
  }

  go(step) {
    const found = this.found
    if (!found.length) return this.tell()
    const { from, to } = this.editor.state.selection
    const next = step > 0 ? found.find((one) => one.from >= to || (one.from > from && one.to > to)) || found[0] : found.findLast((one) => one.to <= from) || found.at(-1)
    this.editor.commands.setTextSelection(next)
    const { node } = this.editor.view.domAtPos(next.from)
    ;(node.nodeType === 1 ? node : node.parentElement).scrollIntoView({ block: "center" })
    this.tell()
  }

  replace() {
    const { from, to } = this.editor.state.selection
    if (this.found.some((one) => one.from === from && one.to === to)) this.put([{ from, to }])
    this.go(1)
  }

  replaceAll() {
    const found = this.found
    this.put(found)
    this.look()
    this.count.textContent = t("{n} replaced", { n: found.length })
  }

  put(found) {
    const { tr, schema } = this.editor.state
    const words = this.with.value
    for (const { from, to } of found.toReversed()) {
      const marks = tr.doc.resolve(from + 1).marks()
      words ? tr.replaceWith(from, to, schema.text(words, marks)) : tr.delete(from, to)
    }
    if (found.length) this.editor.view.dispatch(pm.history.closeHistory(tr))
  }
}

export const FindReplace = Extension.create({
  name: "findReplace",
  // After the toolbar, in which its bar stands.
  priority: 30,
  addStorage: () => ({ bar: null }),
  onCreate({ editor }) {
    const bar = (this.storage.bar = new Bar(editor))
    editor.storage.menu.dom.append(bar.dom)
    editor.on("update", () => { if (!bar.dom.hidden) bar.tell() })
  },
  addCommands() {
    return { find: () => () => (this.storage.bar.open(), true) }
  },
  addProseMirrorPlugins() {
    const { storage } = this
    const marked = ({ doc }) => {
      const { bar } = storage
      if (!bar || bar.dom.hidden) return null
      const found = matches(doc, bar.words.value, bar.matchCase.checked)
      return DecorationSet.create(doc, found.map(({ from, to }) => Decoration.inline(from, to, { class: "found" })))
    }
    return [new Plugin({ props: { decorations: marked } })]
  },
  addMenuItems({ buttons, menu }) {
    menu.defineItem({ name: "find", groups: "history", priority: 10, button: buttons.text("", "find"), command: (editor) => editor.commands.find() })
  },
})

// The surface: the toolbar with its names, pictures and keys; the list of shortcuts; the count of words.
import { Extension, TrailingNode } from "django-prose-editor/editor"
import { askLink } from "desk/inline"
import { dialog, make } from "desk/picker"
import { t } from "desk/words"

const WORDS_A_MINUTE = { ru: 180, uk: 180, be: 180 }
const IS_MAC = /Mac|iP(?:hone|ad)/.test(navigator.platform)

// name: [what it does, its keys, the strokes of its picture in a square of 24]
const TOOLS = {
  heading2: ["Subhead", "Mod-Alt-2", "M4 5v14M12 5v14M4 12h8M16 11a2.5 2.5 0 1 1 4.5 1.5L16 19h5"],
  heading3: ["Smaller subhead", "Mod-Alt-3", "M4 5v14M12 5v14M4 12h8M16.5 9h4l-2.5 3.5a3 3 0 1 1-2 5"],
  bold: ["Bold", "Mod-b", "M7 5h6a3.5 3.5 0 0 1 0 7H7zM7 12h7a3.5 3.5 0 0 1 0 7H7z"],
  italic: ["Italic", "Mod-i", "M10 5h8M6 19h8M14 5l-4 14"],
  strike: ["Struck through", "Alt-Shift-x", "M4 12h16M17 7a5 3 0 0 0-9.5 1.5c0 2 2 3 4.500 3.500M7 17a5 3 0 0 0 9.500-1.500"],
  subscript: ["Lowered", "Mod-,", "M4 6l9 11M13 6L4 17M17 16a2 2 0 1 1 3.500 1.200L17 21h4"],
  superscript: ["Raised", "Mod-.", "M4 8l9 11M13 8L4 19M17 4a2 2 0 1 1 3.500 1.200L17 9h4"],
  bulletList: ["List", "Mod-Shift-8", "M9 6h12M9 12h12M9 18h12M4 6h.01M4 12h.01M4 18h.01"],
  orderedList: ["Numbered list", "Mod-Shift-7", "M10 6h11M10 12h11M10 18h11M4 4.500l1.500-1v5M4 15a1.500 1.500 0 1 1 2.500 1L4 19h3"],
  blockquote: ["Quotation", "Mod-Shift-b", "M5 5v14M10 7h10M10 12h10M10 17h7"],
  horizontalRule: ["Line between parts", "Alt-Shift-h", "M4 12h16"],
  link: ["Link", "Mod-k", "M9 12h6M10 7H8a5 5 0 0 0 0 10h2M14 7h2a5 5 0 0 1 0 10h-2"],
  unlink: ["Remove the link", "Alt-Shift-k", "M10 7H8a5 5 0 0 0 0 10h2M14 7h2a5 5 0 0 1 0 10h-2M4 4l16 16"],
  storyLink: ["Link to a story of ours", "Alt-Shift-l", "M5 4h10l4 4v12H5zM9 13h6M12 10v6"],
  newsPhoto: ["Photo", "Alt-Shift-p", "M4 6h3l2-2h6l2 2h3v13H4zM12 16a3.500 3.500 0 1 0 0-7 3.500 3.500 0 0 0 0 7"],
  pullQuote: ["Pull quote", "Alt-Shift-q", "M4 17h4l2-4V7H4v6h3M14 17h4l2-4V7h-6v6h3"],
  newsEmbed: ["Video or post from another site", "Alt-Shift-e", "M3 5h18v14H3zM10 9l5 3-5 3z"],
  relatedStory: ["Related story", "Alt-Shift-r", "M4 5h16M4 10h16M4 15h7M13 17h7M17 14l3 3-3 3"],
  newsletterBox: ["Newsletter box", "Alt-Shift-n", "M3 6h18v13H3zM3 7l9 7 9-7"],
  supportBox: ["Message to readers", "Alt-Shift-m", "M12 20l-8-8a4.500 4.500 0 0 1 8-5 4.500 4.500 0 0 1 8 5z"],
  footnote: ["Footnote", "Alt-Shift-f", "M4 7h9M4 12h7M4 17h9M18 4v7M15 6l6 3M21 6l-6 3"],
  table: ["Table", "Alt-Shift-d", "M4 5h16v14H4zM4 10h16M4 14.500h16M10 5v14"],
  "table:addRowBefore": ["Row above", "Alt-Shift-ArrowUp", "M4 13h16v6H4zM12 3v7M8.500 6.500h7"],
  "table:addRowAfter": ["Row below", "Alt-Shift-ArrowDown", "M4 5h16v6H4zM12 14v7M8.500 17.500h7"],
  "table:addColumnBefore": ["Column to the left", "Alt-Shift-ArrowLeft", "M13 4h6v16h-6zM3 12h7M6.500 8.500v7"],
  "table:addColumnAfter": ["Column to the right", "Alt-Shift-ArrowRight", "M5 4h6v16H5zM14 12h7M17.500 8.500v7"],
  "table:deleteRow": ["Delete the row", "Alt-Shift-Backspace", "M4 5h16v6H4zM9 15l6 6M15 15l-6 6"],
  "table:deleteColumn": ["Delete the column", "Alt-Shift-Delete", "M5 4h6v16H5zM15 9l6 6M21 9l-6 6"],
  "table:toggleHeaderRow": ["Row of headings", "Alt-Shift-1", "M4 5h16v14H4zM4 10h16M6 7.500h12"],
  "table:toggleHeaderColumn": ["Column of headings", "Alt-Shift-2", "M4 5h16v14H4zM10 5v14M7 7v10"],
  "table:mergeCells": ["Merge cells", "Alt-Shift-3", "M4 6h16v12H4zM7 12h3M17 12h-3M9 10l2 2-2 2M15 10l-2 2 2 2"],
  "table:splitCell": ["Split the cell", "Alt-Shift-4", "M4 6h16v12H4zM12 6v12"],
  "table:deleteTable": ["Delete the table", "Alt-Shift-5", "M4 5h16v14H4zM8 8l8 8M16 8l-8 8"],
  "history:undo": ["Undo", "Mod-z", "M9 7L4 12l5 5M4 12h10a5 5 0 0 1 0 10"],
  "history:redo": ["Redo", "Mod-Shift-z", "M15 7l5 5-5 5M20 12H10a5 5 0 0 0 0 10"],
  find: ["Find and replace", "Mod-f", "M10.500 17a6.500 6.500 0 1 0 0-13 6.500 6.500 0 0 0 0 13M15.500 15.500L21 21"],
  shortcuts: ["Keyboard shortcuts", "Mod-/", "M3 6h18v12H3zM6 10h.01M10 10h.01M14 10h.01M18 10h.01M8 14h8"],
}
// What the editor itself does on keys, or while one types.
const MORE = [
  ["New line in the same paragraph", "Shift-Enter"], ["Next cell of a table; behind the last one, a new row", "Tab"],
  ["Item one level in, one level out", "Tab, Shift-Tab"], ["Save", "Mod-s"], ["List, while typing", "- "],
  ["Numbered list, while typing", "1. "], ["Subhead, while typing", "## "], ["Quotation, while typing", "> "],
  ["To the toolbar", "Alt-F10"],
]

/** Return keys as they are printed on this keyboard. */
const spelled = (keys) => keys.replace(/Mod/g, IS_MAC ? "⌘" : "Ctrl").replace(/Alt/g, IS_MAC ? "⌥" : "Alt")
  .replace(/Arrow(Up|Down|Left|Right)/, (_all, way) => ({ Up: "↑", Down: "↓", Left: "←", Right: "→" })[way])
  .replace(/-(?=.)/g, "+").replace(/(^|\+)([a-z])$/, (_all, plus, letter) => plus + letter.toUpperCase())

const picture = (strokes) => {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg")
  svg.setAttribute("viewBox", "0 0 24 24")
  svg.setAttribute("aria-hidden", "true")
  const path = document.createElementNS("http://www.w3.org/2000/svg", "path")
  path.setAttribute("d", strokes)
  svg.append(path)
  return svg
}

const items = (editor) => editor.storage.menu._definedItems
const run = (editor, name) => {
  const item = items(editor)[name]
  if (!item || item.hidden(editor)) return false
  if (item.enabled(editor)) item.command(editor)
  return true
}

function showShortcuts(editor) {
  const rows = Object.entries(TOOLS).filter(([name]) => items(editor)[name]).map(([name, [title, keys]]) => {
    const act = make("button", { type: "button", textContent: t(title) })
    act.addEventListener("click", () => {
      box.close()
      editor.commands.focus()
      run(editor, name)
    })
    return make("tr", {}, [make("td", {}, [act]), make("td", {}, [make("kbd", { textContent: spelled(keys) })])])
  })
  const more = MORE.map(([title, keys]) => make("tr", {}, [make("td", { textContent: t(title) }), make("td", {}, [make("kbd", { textContent: / $/.test(keys) ? keys.trim() : spelled(keys) })])]))
  const table = make("table", { className: "shortcuts" }, [make("tbody", {}, [...rows, ...more])])
  const box = dialog(t("Keyboard shortcuts"), [table], "desk-dialog--shortcuts")
  box.addEventListener("close", () => editor.commands.focus())
  table.querySelector("button").focus()
}

function dress(editor) {
  for (const [name, item] of Object.entries(items(editor))) {
    const [title, keys, strokes] = TOOLS[name] || []
    if (!title) continue
    const { button } = item
    button.classList.remove("material-icons", "prose-menubar__button--heading")
    button.replaceChildren(picture(strokes))
    button.title = `${t(title)} (${spelled(keys)})`
    button.setAttribute("aria-label", t(title))
    const state = () => {
      if (item.active !== undefined && ["heading2", "heading3", "bold", "italic", "strike", "subscript", "superscript", "link"].includes(name)) button.setAttribute("aria-pressed", String(Boolean(item.active(editor))))
      button.setAttribute("aria-disabled", String(!item.enabled(editor)))
    }
    editor.on("transaction", state)
    state()
  }
}

/** One stop for Tab; arrow keys go from button to button, Escape goes back into the text. */
function rove(bar, editor) {
  const tools = [...bar.querySelectorAll(".prose-menubar__button")]
  const take = (button) => {
    tools.forEach((each) => { each.tabIndex = each === button ? 0 : -1 })
    return button
  }
  take(tools[0])
  bar.addEventListener("focusin", (event) => { if (tools.includes(event.target)) take(event.target) })
  bar.addEventListener("keydown", (event) => {
    if (!tools.includes(event.target)) return
    const buttons = tools.filter((button) => button.offsetParent)
    const at = buttons.indexOf(document.activeElement)
    const next = { ArrowRight: at + 1, ArrowLeft: at - 1, Home: 0, End: buttons.length - 1 }[event.key]
    if (event.key === "Escape") editor.commands.focus()
    else if (next === undefined) return
    else take(buttons[(next + buttons.length) % buttons.length]).focus()
    event.preventDefault()
  })
}

function name(surface, textarea, label) {
  surface.setAttribute("role", "textbox")
  surface.setAttribute("aria-multiline", "true")
  surface.setAttribute("aria-label", label?.textContent.trim() || textarea.getAttribute("aria-label") || t("Text"))
  surface.removeAttribute("translate")
  surface.setAttribute("spellcheck", "true")
}

// Before the keys of the editor's own parts.
const Keys = Extension.create({
  name: "keys",
  priority: 200,
  addKeyboardShortcuts() {
    const { editor } = this
    const keys = Object.entries(TOOLS).map(([tool, [, key]]) => [key, () => run(editor, tool)])
    return {
      ...Object.fromEntries(keys),
      "Mod-Shift-p": () => run(editor, "newsPhoto"),
      "Mod-h": () => run(editor, "find"),
      // Saving is the form's; the editor would strike the words through.
      "Mod-Shift-s": () => true,
      "Alt-F10": () => (editor.storage.menu.dom.querySelector('button[tabindex="0"]').focus(), true),
    }
  },
})

export const Writing = Extension.create({
  name: "writing",
  // After the menu, which it dresses.
  priority: 40,
  addStorage: () => ({ quotes: "", language: "" }),
  addExtensions: () => [Keys, TrailingNode.configure({ node: "paragraph" })],
  addMenuItems({ buttons, menu }) {
    menu.defineItem({ name: "shortcuts", groups: "history", priority: 1, button: buttons.text("", "shortcuts"), command: showShortcuts })
  },
  onCreate({ editor }) {
    const surface = editor.view.dom
    const frame = surface.parentElement
    const textarea = frame.querySelector("textarea")
    const label = document.querySelector(`label[for="${CSS.escape(textarea.id)}"]`)
    this.storage.language = textarea.lang || frame.closest("[data-lang]")?.dataset.lang || ""
    this.storage.quotes = textarea.dataset.quotes || ""
    name(surface, textarea, label)
    if (this.storage.language) surface.setAttribute("lang", this.storage.language)
    label?.addEventListener("click", (event) => {
      event.preventDefault()
      editor.commands.focus()
    })
    const link = items(editor).link
    if (link) link.command = askLink
    dress(editor)
    const { dom } = editor.storage.menu
    dom.setAttribute("role", "toolbar")
    dom.setAttribute("aria-label", t("Formatting"))
    rove(dom, editor)
    const count = make("span", { className: "node-count" })
    dom.append(count)
    const show = () => {
      const words = (editor.getText().match(/[\p{L}\p{N}’'-]+/gu) || []).length
      const pace = WORDS_A_MINUTE[this.storage.language.slice(0, 2)] || 220
      count.textContent = t("{n} words · {minutes} min", { n: words, minutes: Math.max(1, Math.round(words / pace)) })
    }
    editor.on("update", show)
    show()
  },
})

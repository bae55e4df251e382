// What the parts of a story have in common: attributes that are stored, buttons, cards, where a block may be put.
import { Node, mergeAttributes } from "django-prose-editor/editor"
import { make } from "desk/picker"
import { t } from "desk/words"

export const attribute = (key, name, fallback = null) => ({
  [key]: {
    default: fallback,
    parseHTML: (element) => element.getAttribute(name) ?? fallback,
    renderHTML: (attributes) => (attributes[key] ? { [name]: attributes[key] } : {}),
  },
})
export const block = (name, extra) => Node.create({ name, group: "block", draggable: true, selectable: true, ...extra })
export const button = (text, label = text) => make("button", { type: "button", textContent: text, "aria-label": label })

export const setAttributes = (editor, getPos, attributes) => {
  editor.chain().command(({ tr }) => {
    const node = tr.doc.nodeAt(getPos())
    tr.setNodeMarkup(getPos(), null, { ...node.attrs, ...attributes })
    return true
  }).run()
}

export const removeNode = (editor, getPos) => {
  const node = editor.state.doc.nodeAt(getPos())
  editor.chain().focus().deleteRange({ from: getPos(), to: getPos() + node.nodeSize }).run()
}

/** Return where a new block goes: behind the one with the cursor or in place of an empty paragraph, never inside a quote. */
export function placeFor(editor) {
  const { $from, to } = editor.state.selection
  const isEmpty = $from.depth === 1 && $from.parent.type.name === "paragraph" && !$from.parent.content.size
  return isEmpty ? { from: $from.before(1), to: $from.after(1) } : $from.depth ? $from.after(1) : to
}

export const insertBlock = (editor, content) => editor.chain().focus().insertContentAt(placeFor(editor), content).run()

/** Return the attributes of a node view: it stays when its node changes, and calls `show(node)` then. */
export const view = (node, show, rest) => {
  let current = node
  show(current)
  return {
    update(next) {
      if (next.type !== current.type) return false
      current = next
      show(current)
      return true
    },
    node: () => current,
    ...rest,
  }
}

/** A block shown as a card with buttons; with `content` its words are typed into the card. */
export const card = (name, selector, attributes, { kind, words, edit, items, content, picture }) => block(name, {
  ...(content ? { content, isolating: true, defining: true } : { atom: true }),
  addOptions: () => ({ listUrl: "" }),
  addAttributes: () => attributes,
  parseHTML: () => [{ tag: `div[${selector}]` }],
  renderHTML: ({ HTMLAttributes }) => (content ? ["div", mergeAttributes(HTMLAttributes), 0] : ["div", mergeAttributes(HTMLAttributes)]),
  addNodeView() {
    const { options } = this
    return ({ node, editor, getPos }) => {
      const text = make("span")
      const change = button(t("Change"), `${t("Change")}: ${t(kind)}`)
      const remove = button(t("Remove"), `${t("Remove")}: ${t(kind)}`)
      const bar = make("div", { className: "node-bar" }, edit ? [change, remove] : [remove])
      const image = make("img", { alt: "", hidden: true })
      const head = make("div", { className: "node-card__head", contentEditable: "false" }, [make("b", { textContent: t(kind) }), text, bar])
      const hole = content ? make("div", { className: "node-card__text" }) : null
      const dom = make("div", { className: "node-card" }, [head, ...(picture ? [image] : []), ...(hole ? [hole] : [])])
      if (!content) dom.contentEditable = "false"
      image.contentEditable = "false"
      const result = view(node, async ({ attrs, textContent }) => {
        hole?.classList.toggle("is-empty", !textContent)
        if (hole) hole.dataset.placeholder = t("What it says, kept here: readers see this even when the platform is blocked")
        text.textContent = await words(attrs, options)
        if (!picture) return
        image.src = (await picture(attrs, options)) || ""
        image.hidden = !image.getAttribute("src")
      }, {
        dom,
        ...(hole ? { contentDOM: hole } : {}),
        stopEvent: (event) => bar.contains(event.target),
        ignoreMutation: (mutation) => !hole || mutation.type === "attributes" || (mutation.type !== "selection" && !hole.contains(mutation.target)),
      })
      change.addEventListener("click", async () => {
        const attrs = await edit(result.node().attrs, options)
        if (attrs) setAttributes(editor, getPos, attrs)
      })
      remove.addEventListener("click", () => removeNode(editor, getPos))
      return result
    }
  },
  addMenuItems({ buttons, menu }) {
    for (const item of items) {
      menu.defineItem({
        name: item.name, groups: "newsroom", priority: item.priority, button: buttons.text("", item.name),
        command: async (editor) => {
          const attrs = await item.run(this.options)
          if (attrs) insertBlock(editor, { type: name, attrs, ...(content ? { content: [{ type: "paragraph" }] } : {}) })
          else editor.commands.focus()
        },
      })
    }
  },
})

// Inside the text: footnotes, links to elsewhere and to our own stories, words of another language.
import { Mark, Node, mergeAttributes } from "django-prose-editor/editor"
import { attribute, button, setAttributes, view } from "desk/blocks"
import { ask, pickStory } from "desk/picker"
import { t } from "desk/words"

const askNote = (text = "") => ask(t("Footnote"), [{ name: "text", label: t("Text of the note"), value: text, type: "textarea", required: true, maxLength: 2000 }], t("Keep"))

export const Footnote = Node.create({
  name: "footnote",
  group: "inline",
  inline: true,
  atom: true,
  addAttributes: () => attribute("text", "data-footnote", ""),
  parseHTML: () => [{ tag: "sup[data-footnote]", priority: 60 }],
  renderHTML: ({ HTMLAttributes }) => ["sup", HTMLAttributes],
  addNodeView() {
    return ({ node, editor, getPos }) => {
      const dom = button("※")
      dom.className = "node-note"
      const result = view(node, ({ attrs }) => {
        dom.title = attrs.text
        dom.setAttribute("aria-label", `${t("Footnote")}: ${attrs.text}`)
      }, { dom, ignoreMutation: () => true })
      dom.addEventListener("click", async () => {
        const answer = await askNote(result.node().attrs.text)
        if (answer?.text) setAttributes(editor, getPos, { text: answer.text })
      })
      return result
    }
  },
  addMenuItems({ buttons, menu }) {
    menu.defineItem({
      name: "footnote", groups: "newsroom", priority: 150, button: buttons.text("", "footnote"),
      command: async (editor) => {
        const answer = await askNote()
        if (answer?.text) editor.chain().focus().insertContent({ type: "footnote", attrs: { text: answer.text } }).run()
      },
    })
  },
})

export const StoryLink = Mark.create({
  name: "storyLink",
  priority: 1100,
  inclusive: false,
  excludes: "link",
  addOptions: () => ({ listUrl: "" }),
  addAttributes: () => attribute("story", "data-article"),
  parseHTML: () => [{ tag: "a[data-article]", priority: 90 }],
  renderHTML: ({ HTMLAttributes }) => ["a", mergeAttributes(HTMLAttributes), 0],
  addMenuItems({ buttons, menu }) {
    menu.defineItem({
      name: "storyLink", groups: "link", priority: 90, button: buttons.text("", "storyLink"),
      active: (editor) => editor.isActive("storyLink"),
      enabled: (editor) => !editor.state.selection.empty || editor.isActive("storyLink"),
      command: async (editor) => {
        if (editor.isActive("storyLink")) return editor.chain().focus().extendMarkRange("storyLink").unsetMark("storyLink").run()
        const { from, to } = editor.state.selection
        const story = await pickStory(this.options)
        return story && editor.chain().focus().setTextSelection({ from, to }).unsetMark("link").setMark("storyLink", { story: story.id }).run()
      },
    })
  },
})

/** Words of another language keep their mark, which imports and older texts may carry. */
export const Language = Mark.create({
  name: "language",
  addAttributes: () => attribute("lang", "lang"),
  parseHTML: () => [{ tag: "span[lang]" }],
  renderHTML: ({ HTMLAttributes }) => ["span", HTMLAttributes, 0],
})

/** Ask for an address and link the selected words, or change the link under the cursor. */
export async function askLink(editor) {
  const isLink = editor.isActive("link")
  if (editor.state.selection.empty && !isLink) return
  const { from, to } = editor.state.selection
  const answer = await ask(t("Link"), [
    { name: "href", label: t("Address"), value: editor.getAttributes("link").href || "", required: true, maxLength: 2000, inputMode: "url" },
  ], t("Keep"))
  if (!answer?.href) return
  const href = /^(?:[a-z][a-z0-9+.-]*:|\/|#)/i.test(answer.href) ? answer.href : answer.href.includes("@") ? `mailto:${answer.href}` : `https://${answer.href}`
  const chain = editor.chain().focus().setTextSelection({ from, to })
  ;(isLink ? chain.extendMarkRange("link") : chain).unsetMark("storyLink").setLink({ href }).run()
}

// Pull quotes, related stories, embeds and boxes.
import { Node } from "django-prose-editor/editor"
import { attribute, block, card } from "desk/blocks"
import { ask, details, pickPhoto, pickStory } from "desk/picker"
import { t } from "desk/words"

const PullQuoteText = Node.create({
  name: "pullQuoteText",
  content: "paragraph+",
  defining: true,
  parseHTML: () => [{ tag: "blockquote", context: "pullQuote/", priority: 80 }],
  renderHTML: () => ["blockquote", 0],
})
const PullQuoteSource = Node.create({
  name: "pullQuoteSource",
  content: "text*",
  marks: "",
  defining: true,
  parseHTML: () => [{ tag: "cite", context: "pullQuote/" }],
  renderHTML: () => ["cite", { "data-placeholder": t("Who said it") }, 0],
})
export const PullQuote = block("pullQuote", {
  content: "pullQuoteText pullQuoteSource",
  isolating: true,
  defining: true,
  addExtensions: () => [PullQuoteText, PullQuoteSource],
  parseHTML: () => [{ tag: "aside[data-pullquote]" }],
  renderHTML: () => ["aside", { "data-pullquote": "" }, 0],
  addKeyboardShortcuts() {
    return {
      Enter: ({ editor }) => {
        const { $from } = editor.state.selection
        if ($from.parent.type.name !== "pullQuoteSource") return false
        const after = $from.after($from.depth - 1)
        return editor.chain().insertContentAt(after, { type: "paragraph" }).focus(after + 1).run()
      },
    }
  },
  addMenuItems({ buttons, menu }) {
    menu.defineItem({
      name: "pullQuote", groups: "newsroom", priority: 190, button: buttons.text("", "pullQuote"),
      active: (editor) => editor.isActive("pullQuote"),
      command: (editor) => {
        const { from, to } = editor.state.selection
        const words = editor.state.doc.textBetween(from, to, " ").trim()
        const at = editor.state.selection.$to.depth ? editor.state.selection.$to.after(1) : to
        editor.chain().insertContentAt(at, {
          type: "pullQuote",
          content: [
            { type: "pullQuoteText", content: [{ type: "paragraph", content: words ? [{ type: "text", text: words }] : [] }] },
            { type: "pullQuoteSource" },
          ],
        }).focus(at + 3).run()
      },
    })
  },
})

const chooseStory = async (options) => {
  const story = await pickStory(options)
  return story && { story: story.id }
}
const titleOf = async (options, id) => {
  const story = id && (await details(options.listUrl, id))
  if (!story) return t("This story is gone")
  return story.is_live ? story.title : `${story.title} (${t("not public: readers will not see it")})`
}

export const RelatedStory = card("relatedStory", "data-related", attribute("story", "data-related"), {
  kind: "Read more",
  words: (attrs, options) => titleOf(options, attrs.story),
  edit: (_attrs, options) => chooseStory(options),
  items: [{ name: "relatedStory", priority: 170, run: chooseStory }],
})

const askEmbed = async (attrs, options) => {
  const answer = await ask(t("Video or post from another site"), [
    { name: "url", label: t("Address (https://…)"), value: attrs.url || "", type: "url", pattern: "https://.+", required: true, maxLength: 500 },
    { name: "title", label: t("What it shows"), value: attrs.title || "", maxLength: 300 },
    { name: "poster", label: t("Choose a picture from the library next"), value: !attrs.url && options.listUrl, type: "checkbox" },
  ], t("Keep"))
  if (!answer?.url.startsWith("https://")) return null
  const photo = answer.poster ? await pickPhoto(options) : null
  return { url: answer.url, title: answer.title || null, photo: photo ? photo.id : attrs.photo || null }
}
export const NewsEmbed = card("newsEmbed", "data-embed", {
  ...attribute("url", "data-embed"), ...attribute("title", "data-title"), ...attribute("photo", "data-photo"),
}, {
  kind: "Embed",
  content: "paragraph+",
  words: (attrs) => [attrs.title, attrs.url].filter(Boolean).join(" · "),
  picture: async (attrs, options) => (attrs.photo && options.listUrl ? (await details(options.listUrl, attrs.photo))?.url : ""),
  edit: askEmbed,
  items: [{ name: "newsEmbed", priority: 180, run: (options) => askEmbed({}, options) }],
})

export const NewsBox = card("newsBox", "data-box", attribute("box", "data-box"), {
  kind: "Box",
  words: (attrs) => (attrs.box === "support" ? t("Message to readers") : t("Newsletter")),
  items: [
    { name: "newsletterBox", priority: 160, run: () => ({ box: "newsletter" }) },
    { name: "supportBox", priority: 159, run: () => ({ box: "support" }) },
  ],
})

// What a story is made of besides plain text: photos, pull quotes, related stories, boxes, embeds, footnotes, links
// between stories; the cleaner of pasted text; the count of words. Found by the editor through the import map.
import { Extension, Mark, Node, Plugin, TrailingNode, mergeAttributes } from "django-prose-editor/editor"
import { ask, details, make, pickPhoto, pickStory, remember } from "desk/picker"

const attribute = (key, name, fallback = null) => ({
  [key]: {
    default: fallback,
    parseHTML: (element) => element.getAttribute(name) ?? fallback,
    renderHTML: (attributes) => (attributes[key] ? { [name]: attributes[key] } : {}),
  },
})
const block = (name, extra) => Node.create({ name, group: "block", draggable: true, selectable: true, ...extra })
const button = (text, label = text) => make("button", { type: "button", textContent: text, "aria-label": label })
const setAttributes = (editor, getPos, attributes) => {
  editor.chain().command(({ tr }) => {
    const node = tr.doc.nodeAt(getPos())
    tr.setNodeMarkup(getPos(), null, { ...node.attrs, ...attributes })
    return true
  }).run()
}
const removeNode = (editor, getPos) => {
  const node = editor.state.doc.nodeAt(getPos())
  editor.chain().focus().deleteRange({ from: getPos(), to: getPos() + node.nodeSize }).run()
}
const insert = (editor, content) => editor.chain().focus().insertContent(content).run()

/** Put a block after the one with the cursor, or in place of an empty paragraph; never inside a quote or a table. */
function insertBlock(editor, content) {
  const { $from, to } = editor.state.selection
  const isEmpty = $from.depth === 1 && $from.parent.type.name === "paragraph" && !$from.parent.content.size
  const at = isEmpty ? { from: $from.before(1), to: $from.after(1) } : $from.depth ? $from.after(1) : to
  return editor.chain().focus().insertContentAt(at, content).run()
}

// Photos

export const NewsPhoto = block("newsPhoto", {
  content: "inline*",
  isolating: true,
  defining: true,
  addOptions: () => ({ listUrl: "", uploadUrl: "" }),
  addAttributes: () => ({
    ...attribute("photo", "data-photo"),
    ...attribute("layout", "data-layout", "normal"),
    ...attribute("alt", "data-alt"),
    ...attribute("decorative", "data-decorative"),
    ...attribute("crop", "data-crop"),
  }),
  parseHTML: () => [{ tag: "figure[data-photo]", contentElement: (element) => element.querySelector("figcaption") || make("figcaption") }],
  renderHTML: ({ HTMLAttributes }) => ["figure", HTMLAttributes, ["figcaption", 0]],
  addNodeView() {
    const { listUrl, uploadUrl } = this.options
    return ({ node, editor, getPos }) => {
      let current = node
      const picture = make("img", { alt: "" })
      const caption = make("figcaption")
      const credit = make("span", { className: "node-photo__credit", contentEditable: "false" })
      const layout = make("select", { "aria-label": "Width of the photo" }, [
        make("option", { value: "normal", textContent: "Normal" }), make("option", { value: "wide", textContent: "Wide" }),
      ])
      const alt = button("Alt text")
      const replace = button("Replace", "Replace the photo")
      const remove = button("Remove", "Remove the photo")
      const bar = make("div", { className: "node-bar", contentEditable: "false" }, [layout, alt, replace, remove])
      const dom = make("figure", { className: "node-photo" }, [bar, picture, caption, credit])
      const show = async () => {
        const { photo, layout: wide, alt: own, decorative } = current.attrs
        dom.dataset.layout = layout.value = wide
        caption.classList.toggle("is-empty", current.content.size === 0)
        const found = photo && (await details(listUrl, photo))
        if (current.attrs.photo !== photo) return
        picture.src = found?.url || ""
        picture.alt = decorative ? "" : own || found?.alt || ""
        credit.textContent = found ? found.credit || "No credit: name one in the library" : "This photo is no longer in the library"
        credit.classList.toggle("is-missing", !found?.credit)
        caption.dataset.placeholder = found?.caption || "Caption"
      }
      show()
      layout.addEventListener("change", () => setAttributes(editor, getPos, { layout: layout.value }))
      alt.addEventListener("click", async () => {
        const answer = await ask("Alternative text", [
          { name: "alt", label: "What one sees here (empty: the photo's own text)", value: current.attrs.alt || "", type: "textarea", maxLength: 300 },
          { name: "decorative", label: "Decorative: says nothing that the text does not say", value: current.attrs.decorative, type: "checkbox" },
        ], "Keep")
        if (answer) setAttributes(editor, getPos, { alt: answer.alt || null, decorative: answer.decorative ? "true" : null })
      })
      replace.addEventListener("click", async () => {
        const photo = await pickPhoto({ listUrl, uploadUrl })
        if (photo) setAttributes(editor, getPos, { photo: photo.id, alt: null })
      })
      remove.addEventListener("click", () => removeNode(editor, getPos))
      return {
        dom,
        contentDOM: caption,
        update(next) {
          if (next.type !== current.type) return false
          current = next
          show()
          return true
        },
        stopEvent: (event) => bar.contains(event.target),
        // The caption's own attributes are ours too: read back, they would make the view again and again.
        ignoreMutation: (mutation) => mutation.type === "attributes" || (mutation.type !== "selection" && !caption.contains(mutation.target)),
      }
    }
  },
  addCommands() {
    return {
      insertPhoto: (file) => ({ editor }) => {
        const { listUrl, uploadUrl } = this.options
        pickPhoto({ listUrl, uploadUrl, file }).then((photo) => {
          if (!photo) return editor.commands.focus()
          remember(listUrl, photo)
          return insertBlock(editor, { type: this.name, attrs: { photo: photo.id } })
        })
        return true
      },
    }
  },
  addKeyboardShortcuts() {
    return {
      "Mod-Shift-p": () => this.editor.commands.insertPhoto(),
      Enter: ({ editor }) => {
        const { $from } = editor.state.selection
        if ($from.parent.type.name !== this.name) return false
        return editor.chain().insertContentAt($from.after(), { type: "paragraph" }).focus($from.after() + 1).run()
      },
    }
  },
  addProseMirrorPlugins() {
    const { editor } = this
    const takeFile = (event, files) => {
      const file = [...(files || [])].find((one) => one.type.startsWith("image/"))
      if (!file) return false
      event.preventDefault()
      return editor.commands.insertPhoto(file)
    }
    return [new Plugin({ props: {
      handleDrop: (view, event) => takeFile(event, event.dataTransfer?.files),
      handlePaste: (view, event) => (event.clipboardData?.types.includes("text/html") ? false : takeFile(event, event.clipboardData?.files)),
    } })]
  },
  addMenuItems({ buttons, menu }) {
    menu.defineItem({ name: "newsPhoto", groups: "newsroom", priority: 200, button: buttons.material("add_photo_alternate", "Photo (Ctrl+Shift+P)"), command: (editor) => editor.commands.insertPhoto() })
  },
})

// Pull quotes

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
  renderHTML: () => ["cite", 0],
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
      name: "pullQuote", groups: "newsroom", priority: 190, button: buttons.material("format_quote", "Pull quote"),
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

// Nodes without text of their own: shown as a card with buttons

const card = (name, selector, attributes, { kind, words, edit, items }) => block(name, {
  atom: true,
  addOptions: () => ({ listUrl: "" }),
  addAttributes: () => attributes,
  parseHTML: () => [{ tag: `div[${selector}]` }],
  renderHTML: ({ HTMLAttributes }) => ["div", mergeAttributes(HTMLAttributes)],
  addNodeView() {
    const { options } = this
    return ({ node, editor, getPos }) => {
      let current = node
      const text = make("span")
      const change = button("Change", `Change: ${kind}`)
      const remove = button("Remove", `Remove: ${kind}`)
      const bar = make("div", { className: "node-bar" }, edit ? [change, remove] : [remove])
      const dom = make("div", { className: "node-card", contentEditable: "false" }, [make("b", { textContent: kind }), text, bar])
      const show = async () => { text.textContent = await words(current.attrs, options) }
      show()
      change.addEventListener("click", async () => {
        const attrs = await edit(current.attrs, options)
        if (attrs) setAttributes(editor, getPos, attrs)
      })
      remove.addEventListener("click", () => removeNode(editor, getPos))
      return {
        dom,
        update(next) {
          if (next.type !== current.type) return false
          current = next
          show()
          return true
        },
        stopEvent: (event) => bar.contains(event.target),
        ignoreMutation: () => true,
      }
    }
  },
  addMenuItems({ buttons, menu }) {
    for (const item of items) {
      menu.defineItem({
        name: item.name, groups: "newsroom", priority: item.priority, button: buttons.material(item.icon, item.title),
        command: async (editor) => {
          const attrs = await item.run(this.options)
          if (attrs) insertBlock(editor, { type: name, attrs })
          else editor.commands.focus()
        },
      })
    }
  },
})

const chooseStory = async (options, key) => {
  const story = await pickStory(options)
  return story && { [key]: story.id }
}
const titleOf = async (options, id) => {
  const story = id && (await details(options.listUrl, id))
  if (!story) return "This story is gone"
  return story.is_live ? story.title : `${story.title} (not public: readers will not see it)`
}

export const RelatedStory = card("relatedStory", "data-related", attribute("story", "data-related"), {
  kind: "Read more",
  words: (attrs, options) => titleOf(options, attrs.story),
  edit: (attrs, options) => chooseStory(options, "story"),
  items: [{ name: "relatedStory", priority: 170, icon: "read_more", title: "Related story", run: (options) => chooseStory(options, "story") }],
})

const askEmbed = async (attrs = {}) => {
  const answer = await ask("Embed from another site", [
    { name: "url", label: "Address (https://…)", value: attrs.url || "", type: "url", pattern: "https://.+", required: true, maxLength: 500 },
    { name: "title", label: "What it shows", value: attrs.title || "", maxLength: 300 },
  ], "Keep")
  return answer && answer.url.startsWith("https://") ? { url: answer.url, title: answer.title || null } : null
}
export const NewsEmbed = card("newsEmbed", "data-embed", { ...attribute("url", "data-embed"), ...attribute("title", "data-title") }, {
  kind: "Embed",
  words: (attrs) => [attrs.title, attrs.url].filter(Boolean).join(" · "),
  edit: (attrs) => askEmbed(attrs),
  items: [{ name: "newsEmbed", priority: 180, icon: "smart_display", title: "Embed (video, post)", run: () => askEmbed() }],
})

export const NewsBox = card("newsBox", "data-box", attribute("box", "data-box"), {
  kind: "Box",
  words: (attrs) => (attrs.box === "support" ? "Message to readers" : "Newsletter"),
  items: [
    { name: "newsletterBox", priority: 160, icon: "mail", title: "Newsletter box", run: () => ({ box: "newsletter" }) },
    { name: "supportBox", priority: 159, icon: "volunteer_activism", title: "Message to readers", run: () => ({ box: "support" }) },
  ],
})

// Inside the text

const askNote = (text = "") => ask("Footnote", [{ name: "text", label: "Text of the note", value: text, type: "textarea", required: true, maxLength: 2000 }], "Keep")

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
      let current = node
      const dom = button("※")
      dom.className = "node-note"
      const show = () => {
        dom.title = current.attrs.text
        dom.setAttribute("aria-label", `Footnote: ${current.attrs.text}`)
      }
      show()
      dom.addEventListener("click", async () => {
        const answer = await askNote(current.attrs.text)
        if (answer?.text) setAttributes(editor, getPos, { text: answer.text })
      })
      return {
        dom,
        update(next) {
          if (next.type !== current.type) return false
          current = next
          show()
          return true
        },
        ignoreMutation: () => true,
      }
    }
  },
  addMenuItems({ buttons, menu }) {
    menu.defineItem({
      name: "footnote", groups: "newsroom", priority: 150, button: buttons.material("superscript", "Footnote"),
      command: async (editor) => {
        const answer = await askNote()
        if (answer?.text) insert(editor, { type: "footnote", attrs: { text: answer.text } })
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
      name: "storyLink", groups: "link", priority: 90, button: buttons.material("article", "Link to a story of ours"),
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

// Pasting: keep the meaning of what comes from Google Docs, Word, LibreOffice and web pages, and nothing else

const styleOf = (element, property) =>
  (element.getAttribute("data-s") || "").match(new RegExp(`(?:^|;)\\s*${property}\\s*:\\s*([^;]+)`, "i"))?.[1].trim().toLowerCase() || ""
const unwrap = (element) => element.replaceWith(...element.childNodes)

function unfakeLists(doc) {
  for (const paragraph of [...doc.querySelectorAll("p[class*='MsoListParagraph']")]) {
    const marker = paragraph.textContent.trim()
    const isOrdered = /^\(?(?:\d+|[a-z]|[ivx]+)[.)]/i.test(marker)
    paragraph.querySelectorAll("[data-s]").forEach((element) => styleOf(element, "mso-list") === "ignore" && element.remove())
    const before = paragraph.previousElementSibling
    const tag = isOrdered ? "ol" : "ul"
    let list = before?.hasAttribute("data-word") && before.localName === tag ? before : null
    if (!list) {
      list = doc.createElement(tag)
      list.setAttribute("data-word", "")
      paragraph.before(list)
    }
    const item = doc.createElement("li")
    const inner = doc.createElement("p")
    inner.append(...paragraph.childNodes)
    item.append(inner)
    list.append(item)
    paragraph.remove()
  }
  doc.querySelectorAll("[data-word]").forEach((list) => list.removeAttribute("data-word"))
}

function readSpans(doc) {
  for (const span of [...doc.querySelectorAll("span[data-s], font")].reverse()) {
    const weight = styleOf(span, "font-weight")
    let inner = [...span.childNodes]
    const wrap = (tag) => {
      const element = doc.createElement(tag)
      element.append(...inner)
      inner = [element]
    }
    if (styleOf(span, "font-style") === "italic") wrap("em")
    if (weight === "bold" || Number(weight) >= 600) wrap("strong")
    if (styleOf(span, "vertical-align") === "super") wrap("sup")
    if (styleOf(span, "vertical-align") === "sub") wrap("sub")
    span.replaceWith(...inner)
  }
}

function cleanLinks(doc) {
  for (const link of doc.querySelectorAll("a[href]")) {
    try {
      const url = new URL(link.getAttribute("href"))
      if (/(^|\.)google\.[a-z.]+$/.test(url.hostname) && url.pathname === "/url" && url.searchParams.get("q")) link.setAttribute("href", url.searchParams.get("q"))
    } catch {
      unwrap(link)
    }
  }
}

export function cleanPasted(html) {
  // A strict policy blocks style="" in parsed documents too: then Google's <b style="font-weight:normal"> would count
  // as bold. So the attribute is renamed before parsing, and read as text.
  const source = html.replace(/<!--[\s\S]*?-->/g, "").replace(/<style[\s\S]*?<\/style>/gi, "").replace(/<\/?o:p[^>]*>/gi, "").replace(/(<[^>]*?\s)style(\s*=)/gi, "$1data-s$2")
  const doc = new DOMParser().parseFromString(source, "text/html")
  doc.querySelectorAll("style, meta, link, title, xml, script, img, svg, iframe, object").forEach((element) => element.remove())
  for (const bold of doc.querySelectorAll("b, strong")) {
    if (bold.id.startsWith("docs-internal") || ["normal", "400"].includes(styleOf(bold, "font-weight"))) unwrap(bold)
  }
  unfakeLists(doc)
  readSpans(doc)
  cleanLinks(doc)
  doc.querySelectorAll("[data-s]").forEach((element) => element.removeAttribute("data-s"))
  for (const heading of doc.querySelectorAll("h1")) {
    const lower = doc.createElement("h2")
    lower.append(...heading.childNodes)
    heading.replaceWith(lower)
  }
  doc.querySelectorAll("p").forEach((paragraph) => { if (!paragraph.textContent.trim() && !paragraph.querySelector("[data-footnote]")) paragraph.remove() })
  doc.querySelectorAll("body > br").forEach((element) => element.remove())
  return doc.body.innerHTML
}

export const CleanPaste = Extension.create({
  name: "cleanPaste",
  addProseMirrorPlugins: () => [new Plugin({ props: { transformPastedHTML: (html) => (html.includes("data-pm-slice") ? html : cleanPasted(html)) } })],
})

// The surface: names for screen readers, spelling, the count of words

export const Writing = Extension.create({
  name: "writing",
  addExtensions: () => [TrailingNode.configure({ node: "paragraph" })],
  onCreate({ editor }) {
    const surface = editor.view.dom
    const frame = surface.parentElement
    const textarea = frame.querySelector("textarea")
    const label = textarea && document.querySelector(`label[for="${CSS.escape(textarea.id)}"]`)
    surface.setAttribute("role", "textbox")
    surface.setAttribute("aria-multiline", "true")
    surface.setAttribute("aria-label", label?.textContent.trim() || "Text")
    surface.removeAttribute("translate")
    surface.setAttribute("spellcheck", "true")
    const language = frame.closest("[data-lang]")?.dataset.lang
    if (language) surface.setAttribute("lang", language)
    const bar = frame.querySelector(".prose-menubar")
    bar?.setAttribute("role", "toolbar")
    bar?.setAttribute("aria-label", "Formatting")
    for (const selected of frame.querySelectorAll(".prose-menubar__selected")) {
      selected.addEventListener("keydown", (event) => {
        if (!["Enter", " ", "ArrowDown"].includes(event.key)) return
        event.preventDefault()
        selected.click()
        selected.parentElement.querySelector(".prose-menubar__option:not(.hidden)")?.focus()
      })
    }
    label?.addEventListener("click", (event) => {
      event.preventDefault()
      editor.commands.focus()
    })
    const count = make("p", { className: "node-count" })
    frame.append(count)
    const show = () => {
      const words = (editor.getText().match(/[\p{L}\p{N}’'-]+/gu) || []).length
      count.textContent = `${words} words · ${Math.max(1, Math.round(words / 220))} min`
    }
    editor.on("update", show)
    show()
  },
})

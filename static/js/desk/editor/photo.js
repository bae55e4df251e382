// Photos in a story: chosen from the library, dropped or pasted in; caption, alternative text, width and crop of this use.
import { Plugin } from "django-prose-editor/editor"
import { attribute, block, button, insertBlock, removeNode, setAttributes, view } from "desk/blocks"
import { ask, details, make, pickPhoto, remember } from "desk/picker"
import { t } from "desk/words"

/** Show the cropped part of a picture in its frame, or all of it. */
function frame(box, picture, crop, found) {
  const [left, top, width, height] = (crop || "").split(",").map(Number)
  box.classList.toggle("is-cropped", Boolean(crop))
  box.style.aspectRatio = crop && found ? (width * found.width) / (height * found.height) : ""
  Object.assign(picture.style, crop
    ? { width: `${100 / width}%`, height: `${100 / height}%`, left: `${(-100 * left) / width}%`, top: `${(-100 * top) / height}%` }
    : { width: "", height: "", left: "", top: "" })
}

function controls(editor, getPos, options, current) {
  const layout = make("select", { "aria-label": t("Width of the photo") }, [
    make("option", { value: "normal", textContent: t("Normal") }), make("option", { value: "wide", textContent: t("Wide") }),
    make("option", { value: "gallery", textContent: t("Gallery, with its neighbours") }),
  ])
  const alt = button(t("Alt text"))
  const crop = button(t("Crop"), t("Crop the photo"))
  const replace = button(t("Replace"), t("Replace the photo"))
  const remove = button(t("Remove"), t("Remove the photo"))
  const set = (attributes) => setAttributes(editor, getPos, attributes)
  layout.addEventListener("change", () => set({ layout: layout.value }))
  alt.addEventListener("click", async () => {
    const { attrs } = current()
    const answer = await ask(t("Alternative text"), [
      { name: "alt", label: t("What one sees here (empty: the photo's own text)"), value: attrs.alt || "", type: "textarea", maxLength: 300 },
      { name: "decorative", label: t("Decorative: says nothing that the text does not say"), value: attrs.decorative, type: "checkbox" },
    ], t("Keep"))
    if (answer) set({ alt: answer.alt || null, decorative: answer.decorative ? "true" : null })
  })
  crop.addEventListener("click", async () => {
    const [{ chooseCrop }, found] = await Promise.all([import("desk/crop"), details(options.listUrl, current().attrs.photo)])
    const answer = found && (await chooseCrop(found, current().attrs.crop))
    if (answer) set({ crop: answer.crop })
    crop.focus()
  })
  replace.addEventListener("click", async () => {
    const photo = await pickPhoto(options)
    if (photo) set({ photo: photo.id, alt: null, crop: null })
  })
  remove.addEventListener("click", () => removeNode(editor, getPos))
  return { bar: make("div", { className: "node-bar", contentEditable: "false" }, [layout, alt, crop, replace, remove]), layout }
}

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
    const { options } = this
    return ({ node, editor, getPos }) => {
      const picture = make("img", { alt: "" })
      const box = make("div", { className: "node-photo__picture", contentEditable: "false" }, [picture])
      const caption = make("figcaption")
      const credit = make("span", { className: "node-photo__credit", contentEditable: "false" })
      let result = null
      const { bar, layout } = controls(editor, getPos, options, () => result.node())
      const dom = make("figure", { className: "node-photo" }, [bar, box, caption, credit])
      result = view(node, async ({ attrs, content }) => {
        dom.dataset.layout = layout.value = attrs.layout
        caption.classList.toggle("is-empty", content.size === 0)
        const found = attrs.photo && (await details(options.listUrl, attrs.photo))
        if (result && result.node().attrs !== attrs) return
        picture.src = found?.url || ""
        picture.alt = attrs.decorative ? "" : attrs.alt || found?.alt || ""
        frame(box, picture, attrs.crop, found)
        credit.textContent = found ? found.credit || t("No credit: name one in the library") : t("This photo is no longer in the library")
        credit.classList.toggle("is-missing", !found?.credit)
        caption.dataset.placeholder = found?.caption || t("Caption")
      }, {
        dom,
        contentDOM: caption,
        stopEvent: (event) => bar.contains(event.target),
        // The caption's own attributes are ours too: read back, they would make the view again and again.
        ignoreMutation: (mutation) => mutation.type === "attributes" || (mutation.type !== "selection" && !caption.contains(mutation.target)),
      })
      return result
    }
  },
  addCommands() {
    return {
      insertPhoto: (file) => ({ editor }) => {
        pickPhoto({ ...this.options, file }).then((photo) => {
          if (!photo) return editor.commands.focus()
          remember(this.options.listUrl, photo)
          return insertBlock(editor, { type: this.name, attrs: { photo: photo.id } })
        })
        return true
      },
    }
  },
  addKeyboardShortcuts() {
    return {
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
      handleDrop: (_view, event) => takeFile(event, event.dataTransfer?.files),
      handlePaste: (_view, event) => (event.clipboardData?.types.includes("text/html") ? false : takeFile(event, event.clipboardData?.files)),
    } })]
  },
  addMenuItems({ buttons, menu }) {
    menu.defineItem({ name: "newsPhoto", groups: "newsroom", priority: 200, button: buttons.text("", "newsPhoto"), command: (editor) => editor.commands.insertPhoto() })
  },
})

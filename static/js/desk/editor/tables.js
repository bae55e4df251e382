// Tables by keyboard: three columns and a row of headings to begin with, rows and columns where the cursor is.
import { Extension } from "django-prose-editor/editor"
import { placeFor } from "desk/blocks"

const ITEMS = {
  "table:addRowBefore": "addRowBefore", "table:addRowAfter": "addRowAfter", "table:addColumnBefore": "addColumnBefore",
  "table:addColumnAfter": "addColumnAfter", "table:deleteRow": "deleteRow", "table:deleteColumn": "deleteColumn",
  "table:toggleHeaderRow": "toggleHeaderRow", "table:toggleHeaderColumn": "toggleHeaderColumn",
  "table:mergeCells": "mergeCells", "table:splitCell": "splitCell", "table:deleteTable": "deleteTable",
}

const cell = (type) => ({ type, content: [{ type: "paragraph" }] })
const row = (type) => ({ type: "tableRow", content: [cell(type), cell(type), cell(type)] })

export const TableTools = Extension.create({
  name: "tableTools",
  // After the table's own items, which these take the place of.
  priority: 50,
  addMenuItems({ buttons, menu }) {
    menu.defineItem({
      name: "table", groups: "newsroom", priority: 140, button: buttons.text("", "table"),
      hidden: (editor) => editor.isActive("table"),
      command: (editor) => {
        const at = placeFor(editor)
        const content = ["tableHeader", "tableCell", "tableCell"].map(row)
        editor.chain().insertContentAt(at, { type: "table", content }).focus((at.from ?? at) + 4).run()
      },
    })
    Object.entries(ITEMS).forEach(([name, command], place) => menu.defineItem({
      name, groups: "table", priority: 100 - place, button: buttons.text("", name),
      hidden: (editor) => !editor.isActive("table"),
      enabled: (editor) => editor.can()[command](),
      command: (editor) => editor.chain().focus()[command]().run(),
    }))
    menu.defineItem({ name: "table:toggleHeaderCell", groups: "none", button: buttons.text("", "") })
  },
})

// Pasting keeps what Google Docs, Word, LibreOffice and web pages mean, and nothing else. The server has the last word
// (newsroom.html): here the text only looks at once as it will be stored.
import { Extension, Plugin } from "django-prose-editor/editor"
import { smartText } from "desk/typing"

const BULLETS = "•·▪◦●○■□‣⁃∙\uf0b7\uf0a7"
const BULLET = new RegExp(`^[${BULLETS}][ \\u00a0]+`)
const MARKER = new RegExp(`^(?:[${BULLETS}o–-]|\\(?(?:\\d{1,3}|[a-z]|[ivxlc]{1,6})[.)])[ \\u00a0]+`, "i")
const ORDERED = /^\(?(?:(\d{1,3})|[a-z]|[ivxlc]{1,6})[.)]/i
const TRACKING = /^(?:utm_\w+|fbclid|gclid|dclid|yclid|msclkid|mc_[ce]id|igshid|_openstat|ysclid)$/
const POINTS = { pt: 1, px: 0.75, in: 72, cm: 28.35, mm: 2.835 }
const NOT_WORDS = "style, meta, link, title, script, noscript, template, xml, img, svg, math, iframe, object, select, textarea, colgroup"

const UNSEEN = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f\u200b\u00ad\u2028\u2029\ufeff\ufffe\uffff]/g

const styleOf = (element, property) =>
  (element.getAttribute("data-s") || "").match(new RegExp(`(?:^|;)\\s*${property}\\s*:\\s*([^;]+)`, "i"))?.[1].trim().toLowerCase() || ""
const points = (text) => {
  const match = /(-?[\d.]+)(pt|px|in|cm|mm)/.exec(text)
  return match ? match[1] * POINTS[match[2]] : 0
}
const indent = (element) => points(styleOf(element, "margin-left") || styleOf(element, "margin").split(/\s+/)[3] || "")
const unwrap = (element) => element.replaceWith(...element.childNodes)
const rename = (element, tag) => {
  const next = document.createElement(tag)
  next.append(...element.childNodes)
  element.replaceWith(next)
  return next
}
const isInList = (element) => element.parentElement.closest("li, td, th, blockquote")

function dropUnseen(doc) {
  doc.querySelectorAll(NOT_WORDS).forEach((element) => element.remove())
  doc.querySelectorAll("[data-s], [class]").forEach((element) => {
    const hidden = styleOf(element, "display") === "none" || styleOf(element, "mso-hide") === "all"
    if (hidden || /comment/.test(styleOf(element, "mso-element")) || /\b(?:MsoComment|msocom)/.test(element.className)) element.remove()
  })
  doc.querySelectorAll("a[id^=cmnt]").forEach((link) => {
    const about = link.getAttribute("href")?.startsWith("#cmnt_ref") ? link.closest("p") : link.closest("sup") || link
    about?.remove()
  })
}

/** Two links that point at each other are a note: the first stands in the text, the second at the note. */
function settleNotes(doc) {
  const find = (name) => name && doc.querySelector(`[id="${CSS.escape(name)}"], [name="${CSS.escape(name)}"]`)
  const blockOf = (element) => element?.closest("p, li, dd, td") || element?.closest("div")
  const follows = (first, second) => first.compareDocumentPosition(second) & Node.DOCUMENT_POSITION_FOLLOWING
  let found = false
  for (const link of doc.querySelectorAll("a[href^='#']")) {
    const place = find(link.getAttribute("href").slice(1))
    const note = blockOf(place) || place?.querySelector("p, li")
    if (!note || !doc.body.contains(link) || !follows(link, place) || note.contains(link)) continue
    const names = [link, link.closest("sup"), link.closest("span")].flatMap((one) => [one?.id, one?.getAttribute("name")]).filter(Boolean)
    const frame = place.closest("div[id^=ftn], div[id^=edn], div[id^=sdfootnote], div[id^=sdendnote]") || note
    const back = [...frame.querySelectorAll("a[href^='#']")].find((one) => names.includes(one.getAttribute("href").slice(1)))
    if (!back) continue
    back.remove()
    const words = frame.textContent.replace(/[\s\u00a0]+/g, " ").trim().replace(/^\^ /, "")
    frame.remove()
    const sup = doc.createElement("sup")
    sup.setAttribute("data-footnote", words.slice(0, 2000))
    ;(link.closest("sup") || link).replaceWith(sup)
    found = true
  }
  if (!found) return
  doc.querySelectorAll("div").forEach((element) => { if (/footnote/.test(styleOf(element, "mso-element"))) element.remove() })
  const last = [...doc.querySelectorAll("hr")].at(-1)
  if (last) {
    const rest = doc.createRange()
    rest.setStartAfter(last)
    rest.setEndAfter(doc.body.lastChild)
    if (!rest.toString().trim()) last.remove()
  }
}

function levelOf(paragraph) {
  const level = /\blevel([1-9])\b/.exec(styleOf(paragraph, "mso-list"))
  if (level) return Number(level[1])
  return /MsoListParagraph/.test(paragraph.className) ? Math.max(1, Math.round(indent(paragraph) / 36)) : 0
}

/** Cut the first characters out of the text nodes of an element. */
function cut(element, length) {
  const walker = document.createTreeWalker(element, NodeFilter.SHOW_TEXT)
  while (length > 0 && walker.nextNode()) {
    const part = Math.min(length, walker.currentNode.data.length)
    walker.currentNode.deleteData(0, part)
    length -= part
  }
}

/** Paragraphs that are meant as list items become items, at their level. */
function unfakeLists(doc) {
  const made = new Set()
  for (const paragraph of [...doc.querySelectorAll("p")]) {
    if (isInList(paragraph)) continue
    let level = levelOf(paragraph)
    const own = [...paragraph.querySelectorAll("[data-s]")].find((element) => styleOf(element, "mso-list") === "ignore")
    let marker = own?.textContent
    if (own) own.remove()
    else {
      const text = paragraph.textContent.replace(/^\s+/, "")
      const match = (level ? MARKER : BULLET).exec(text)
      if (!match) continue
      marker = match[0]
      cut(paragraph, paragraph.textContent.length - text.length + marker.length)
      level ||= 1
    }
    const number = ORDERED.exec(marker.trim())
    const tag = number ? "ol" : "ul"
    let holder = null
    let list = made.has(paragraph.previousElementSibling) ? paragraph.previousElementSibling : null
    for (let depth = 1; list && depth < level; depth += 1) {
      holder = list.lastElementChild
      list = made.has(holder.lastElementChild) ? holder.lastElementChild : null
    }
    if (!list || list.localName !== tag) {
      list = doc.createElement(tag)
      if (number?.[1] > 1) list.setAttribute("start", Number(number[1]))
      made.add(list)
      if (holder) holder.append(list)
      else paragraph.before(list)
    }
    const item = doc.createElement("li")
    item.append(doc.createElement("p"))
    item.firstChild.append(...paragraph.childNodes)
    list.append(item)
    paragraph.remove()
  }
}

/** Lists that stand in lists, or one after another by level as Google exports them, go into the item before. */
function nestLists(doc) {
  for (const list of [...doc.querySelectorAll("ul > ul, ul > ol, ol > ul, ol > ol")]) list.previousElementSibling?.append(list)
  for (const list of [...doc.querySelectorAll("[class*=lst-kix_]")]) {
    const [, name, level] = /\blst-(kix_\w+)-(\d)\b/.exec(list.className) || []
    const before = list.previousElementSibling
    if (!name || !/^[uo]l$/.test(before?.localName)) continue
    if (level === "0" && before.className.includes(name)) {
      before.append(...list.childNodes)
      list.remove()
      continue
    }
    let holder = before
    for (let depth = 1; depth < Number(level) && holder.lastElementChild?.lastElementChild?.matches("ul, ol"); depth += 1) holder = holder.lastElementChild.lastElementChild
    if (level !== "0") holder.lastElementChild?.append(list)
  }
}

function findQuotesAndTitles(doc) {
  for (const paragraph of [...doc.querySelectorAll("p")]) {
    if (isInList(paragraph)) continue
    const isQuote = /\bMso(?:Intense)?Quote|\bquotations?\b/.test(paragraph.className) || (indent(paragraph) >= 28 && points(styleOf(paragraph, "text-indent")) >= 0)
    if (isQuote && paragraph.textContent.trim()) {
      const before = paragraph.previousElementSibling
      const quote = before?.matches("blockquote[data-made]") ? before : doc.createElement("blockquote")
      quote.setAttribute("data-made", "")
      if (quote !== before) paragraph.before(quote)
      quote.append(paragraph)
    } else if (/(?:^|\s)(?:MsoTitle|title)(?:\s|$)/.test(paragraph.className)) rename(paragraph, "h2")
  }
  const drop = doc.querySelectorAll("h1").length > 1 ? 1 : 0
  for (const heading of [...doc.querySelectorAll("h1, h2, h3, h4, h5, h6")]) {
    const level = Number(heading.localName[1])
    const wanted = level === 1 ? 2 : Math.min(3, (level === 2 ? 2 : 3) + drop)
    heading.querySelectorAll("b, strong").forEach(unwrap)
    const next = wanted === level ? heading : rename(heading, `h${wanted}`)
    if (!next.textContent.trim()) next.remove()
  }
}

function readStyles(doc) {
  for (const bold of [...doc.querySelectorAll("b, strong")]) {
    if (bold.id.startsWith("docs-internal") || ["normal", "400"].includes(styleOf(bold, "font-weight"))) unwrap(bold)
  }
  for (const span of [...doc.querySelectorAll("span, font")].reverse()) {
    const weight = styleOf(span, "font-weight")
    let inner = [...span.childNodes]
    const wrap = (tag) => {
      const element = doc.createElement(tag)
      element.append(...inner)
      inner = [element]
    }
    if (styleOf(span, "font-style") === "italic") wrap("em")
    if (weight === "bold" || Number(weight) >= 600) wrap("strong")
    if (/line-through/.test(styleOf(span, "text-decoration"))) wrap("s")
    if (styleOf(span, "vertical-align") === "super") wrap("sup")
    if (styleOf(span, "vertical-align") === "sub") wrap("sub")
    if (!/^[a-z]{2,3}$/.test(span.lang)) span.replaceWith(...inner)
  }
  doc.querySelectorAll("cite, dfn").forEach((element) => { if (!element.closest("[data-pullquote]")) rename(element, "em") })
}

const behindRedirect = (url) => {
  const name = /(^|\.)google\.[a-z.]+$/.test(url.hostname) && url.pathname === "/url" ? ["q", "url"]
    : url.hostname.endsWith(".safelinks.protection.outlook.com") ? ["url"]
      : /^lm?\.facebook\.com$/.test(url.hostname) && url.pathname === "/l.php" ? ["u"] : []
  const target = name.map((one) => url.searchParams.get(one)).find(Boolean)
  return target && /^(?:https?:\/\/|mailto:)/.test(target) ? target : null
}

function cleanLinks(doc) {
  for (const link of [...doc.querySelectorAll("a:not([data-article])")]) {
    let href = (link.getAttribute("href") || "").trim()
    try {
      for (let turn = 0, target; turn < 3 && (target = behindRedirect(new URL(href))); turn += 1) href = target
    } catch { /* a relative address */ }
    const [, head, query, hash] = /^([^?#]*)\??([^#]*)(#.*)?$/.exec(href) || []
    const kept = (query || "").split("&").filter((pair) => pair && !TRACKING.test(pair.split("=")[0])).join("&")
    if (!href || href.startsWith("#")) unwrap(link)
    else if (head !== undefined) link.setAttribute("href", `${head}${kept ? "?" : ""}${kept}${hash || ""}`)
  }
}

/** Two breaks in a row part paragraphs; spaces that do not break are kept only where they mean something. */
function settleSpace(doc, marks) {
  for (const line of [...doc.querySelectorAll("br + br")]) {
    const paragraph = line.closest("p, div")
    if (!paragraph || paragraph.closest("li, td, th")) continue
    const range = doc.createRange()
    range.setStart(paragraph, 0)
    range.setEndBefore(line.previousElementSibling)
    const first = doc.createElement("p")
    first.append(range.extractContents())
    line.previousElementSibling.remove()
    line.remove()
    paragraph.before(first)
  }
  const walker = document.createTreeWalker(doc.body, NodeFilter.SHOW_TEXT)
  while (walker.nextNode()) {
    const node = walker.currentNode
    node.data = node.data.replace(UNSEEN, "")
      .replace(/(?<![\d«№§])\u00a0(?![—–»:;!?%‰])|\u00a0(?=[\s\u00a0]|$)|(?<=\s)\u00a0/g, " ")
    if (marks) node.data = smarten(node, marks)
  }
  doc.querySelectorAll("p").forEach((element) => { if (!element.textContent.trim() && !element.querySelector("[data-footnote]")) element.remove() })
  doc.querySelectorAll("body > br, body > blockquote + br").forEach((element) => element.remove())
}

function smarten(node, marks) {
  const paragraph = node.parentElement.closest("p, li, td, th, h2, h3, blockquote, div") || node.parentElement
  const range = document.createRange()
  range.setStart(paragraph, 0)
  range.setEndBefore(node)
  return smartText(range.toString(), node.data, marks)
}

/** Return pasted HTML as it would be written here. */
export function cleanPasted(html, { marks = "", hasNotes = true } = {}) {
  // A strict policy blocks style="" in parsed documents too: then Google's <b style="font-weight:normal"> would count
  // as bold. So the attribute is renamed before parsing, and read as text; handlers are renamed so that nobody tries them.
  const source = html.replace(/<!--[\s\S]*?-->|<!\[[^>]*>/g, "").replace(/<style[\s\S]*?<\/style>/gi, "").replace(/<\/?o:p[^>]*>/gi, "")
    .replace(/<[a-z][^>]*>/gi, (tag) => tag.replace(/([\s"'])style(?=\s*=)/gi, "$1data-s").replace(/([\s"'])on(?=\w+\s*=)/gi, "$1data-on"))
  const doc = new DOMParser().parseFromString(source, "text/html")
  for (const step of [dropUnseen, ...(hasNotes ? [settleNotes] : []), nestLists, unfakeLists, findQuotesAndTitles, readStyles, cleanLinks]) step(doc)
  settleSpace(doc, marks)
  doc.querySelectorAll("[data-s]").forEach((element) => element.removeAttribute("data-s"))
  return doc.body.innerHTML
}

export const CleanPaste = Extension.create({
  name: "cleanPaste",
  addProseMirrorPlugins() {
    const { editor } = this
    const quotes = () => editor.storage.writing?.quotes || ""
    return [new Plugin({ props: {
      transformPastedHTML: (html) => (html.includes("data-pm-slice") ? html : cleanPasted(html, { marks: quotes(), hasNotes: Boolean(editor.schema.nodes.footnote) })),
      transformPastedText: (text) => text.replace(UNSEEN, "").split("\n").map((line) => smartText("", line, quotes())).join("\n"),
    } })]
  },
})

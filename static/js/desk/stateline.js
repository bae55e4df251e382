// The line that says what is saved: seen at once by whoever looks, and read out only when something is wrong or mended.
const LOUD = new Set(["refused", "partly", "offline", "busy", "stale", "scrubbed", "newer", "expired", "user", "out", "permission", "gone", "large", "held", "creation"])

export class StateLine {
  constructor(words, { compare, login }) {
    this.words = words
    this.actions = { compare, login }
    this.place = document.querySelector("[data-state-line]")
    this.news = document.querySelector("[data-state-news]")
    this.shown = ""
    this.wasLoud = false
  }

  say(key, values = {}) {
    return (this.words[key] || "").replace(/\{(\w+)\}/g, (_whole, name) => values[name] ?? "")
  }

  /** Show a state such as ["saved", {time}], with notes of the same shape behind it; "" leaves the page's own words. */
  show([kind, values], notes) {
    const sentence = kind === "held" || (kind === "refused" && values.message) ? values.message : this.say(this.keyOf(kind, values), values)
    const parts = [sentence || this.own(), ...notes.map(([key, more]) => this.say(key, more))].filter(Boolean)
    const text = parts.join(" · ")
    const action = this.actionOf(kind)
    const mark = `${kind}|${text}`
    if (!this.place || mark === this.shown) return
    this.shown = mark
    this.place.dataset.state = kind || "own"
    this.place.replaceChildren(text, ...(action ? [" ", action] : []))
    const isLoud = LOUD.has(kind)
    if (this.news && (isLoud || this.wasLoud) && kind !== "saving" && kind !== "typing") {
      this.news.textContent = text
      this.wasLoud = isLoud
    }
  }

  own() {
    this.words.own ??= this.place?.textContent.trim() || ""
    return this.words.own
  }

  keyOf(kind, { who, is_you: isYou }) {
    if (kind !== "stale" && kind !== "newer") return kind
    return isYou ? `${kind}_you` : who ? kind : `${kind}_elsewhere`
  }

  actionOf(kind) {
    if (["expired", "user", "out"].includes(kind)) {
      return Object.assign(document.createElement("a"), { href: this.actions.login, target: "_blank", rel: "opener", textContent: this.words.login })
    }
    if (kind !== "stale" && kind !== "newer") return null
    const button = Object.assign(document.createElement("button"), { type: "button", className: "state-line__do", textContent: kind === "newer" ? this.words.load : this.words.compare })
    button.addEventListener("click", () => (kind === "newer" ? location.reload() : this.actions.compare()))
    return button
  }
}

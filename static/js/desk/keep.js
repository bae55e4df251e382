// Words that are not on the server yet, kept in this browser under the person and the thing they belong to. An entry
// belongs to one tab and goes when its words are saved, when that person logs out, or when another one logs in.
const PREFIX = "desk:"
const LONGEST = 30 * 24 * 3600 * 1000
const SENT = "desk:sent"
const random = () => [...crypto.getRandomValues(new Uint8Array(12))].map((byte) => byte.toString(16).padStart(2, "0")).join("")
const tab = random()
const channel = "BroadcastChannel" in globalThis ? new BroadcastChannel("desk") : null
const living = new Set()

const read = (key) => {
  try {
    return JSON.parse(localStorage.getItem(key))
  } catch {
    return null
  }
}

export class Keep {
  /** `heard({out, user})` is told when a person logs out or in, in any tab of this browser. */
  constructor(user, thing, heard) {
    this.user = user
    this.thing = thing
    this.closed = false
    channel?.addEventListener("message", ({ data }) => {
      if (data.alive) living.add(data.alive)
      if (data.ask === this.key) channel.postMessage({ alive: this.key })
      if (data.out || data.user) this.closed = data.user !== this.user
      if (data.out || data.user) heard(data)
    })
  }

  get key() {
    return `${PREFIX}${this.user}:${this.thing}:${tab}`
  }

  /** Keep an entry {version, base, nonce, changed, names} and tell whether there was room. */
  write(entry) {
    if (this.closed) return false
    try {
      localStorage.setItem(this.key, JSON.stringify({ ...entry, at: Date.now() }))
      return true
    } catch {
      return false
    }
  }

  clear() {
    try {
      localStorage.removeItem(this.key)
    } catch { /* a browser that keeps nothing has nothing to forget */ }
  }

  /** Go on under the name that a new thing was given. */
  rename(thing) {
    const entry = read(this.key)
    this.clear()
    this.thing = thing
    if (entry) this.write(entry)
  }

  /** Return what tabs that are closed by now left of this thing, the latest first. */
  async left() {
    let keys = []
    try {
      keys = Object.keys(localStorage).filter((key) => key.startsWith(`${PREFIX}${this.user}:${this.thing}:`) && key !== this.key)
    } catch {
      return []
    }
    if (!keys.length) return []
    keys.forEach((key) => channel?.postMessage({ ask: key }))
    await new Promise((resolve) => { setTimeout(resolve, 250) })
    const entries = keys.filter((key) => !living.has(key)).map((key) => ({ key, ...read(key) }))
    entries.filter((entry) => !entry.names || Date.now() - entry.at > LONGEST).forEach((entry) => this.drop(entry.key))
    return entries.filter((entry) => entry.names && Date.now() - entry.at <= LONGEST).sort((a, b) => b.at - a.at)
  }

  /** Note that what stands here is being sent; the mark travels with it, and comes back when it arrived. */
  sent(key = this.key) {
    const mark = random()
    sessionStorage.setItem(SENT, JSON.stringify({ key, mark }))
    return mark
  }

  /** Forget what was sent from this tab when it arrived: the server gave its mark back, or answered with the words. */
  settle(answered) {
    const { key, mark } = JSON.parse(sessionStorage.getItem(SENT) || "{}")
    sessionStorage.removeItem(SENT)
    if (key && (answered || document.cookie.split("; ").includes(`desk-sent=${mark}`))) this.drop(key)
  }

  drop(key) {
    localStorage.removeItem(key)
  }
}

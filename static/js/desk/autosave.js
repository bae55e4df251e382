// Autosave: a pause in typing saves to the draft, one save at a time; what cannot be saved is kept in this browser,
// and the state line says which of the two is true.
import { Keep } from "desk/keep"
import { Snapshot } from "desk/snapshot"

const PAUSE = 1200
const LONGEST_WAIT = 8000
const SLOWEST = 30_000
const PATIENCE = 20_000
const BEACON = 60_000
// What only a person can resolve; everything else is tried again.
const FINAL = new Set(["stale", "scrubbed", "permission", "gone", "held", "conflict"])

const cookie = (name) => document.cookie.split("; ").find((part) => part.startsWith(`${name}=`))?.slice(name.length + 1) || ""

export function startAutosave(form, config, line) {
  const snapshot = new Snapshot(form, config.fields)
  const version = form.elements.version
  const started = form.elements._base
  const keep = new Keep(config.user, config.thing, heardOfPeople)
  let pages = config.pages
  let isNew = !pages.autosave
  const base = config.unsaved ? snapshot.readUntyped() : snapshot.read()
  const touched = new Set()
  let refused = new Map()
  let saving = null
  let trouble = config.scrubbed ? { kind: "scrubbed" } : config.conflict ? { kind: "conflict" } : config.held ? { kind: "held", message: config.held } : null
  let savedAt = ""
  let isKept = true
  let tries = 0
  let dirtySince = 0
  let timer
  let keepTimer

  const token = () => cookie(config.cookie) || form.elements.csrfmiddlewaretoken.value

  async function post(url, body, from = version.value) {
    body.set("_user", config.user)
    body.set("version", from)
    try {
      const response = await fetch(url, {
        method: "POST", body, credentials: "same-origin", redirect: "manual", signal: AbortSignal.timeout(PATIENCE),
        headers: { "X-CSRFToken": token(), Accept: "application/json" },
      })
      const isJSON = response.headers.get("content-type")?.includes("application/json")
      return { status: response.type === "opaqueredirect" ? 302 : response.status, json: isJSON ? await response.json() : null, wait: Number(response.headers.get("retry-after")) || 0 }
    } catch {
      return { status: 0, json: null, wait: 0 }
    }
  }

  // What is not saved

  function pending(now = snapshot.read()) {
    // An editor that nobody has touched writes its text back as it would have written it: that is no change.
    for (const area of form.querySelectorAll(".prose-editor textarea")) {
      if (!config.unsaved && base[area.name] && !touched.has(area.closest(".prose-editor"))) base[area.name] = [area.value]
    }
    const found = snapshot.compare(base, now)
    for (const [field, text] of refused) {
      if (JSON.stringify(snapshot.part(now, field)) === text) found.fields.delete(field)
    }
    return found
  }
  const isPending = (found) => found.fields.size > 0 || (!isNew && found.placing.size > 0)
  const missing = () => [...form.elements].filter((input) => input.name?.startsWith("new-") && (input.validity.valueMissing || (input.required && !input.value)))
  const labelOf = (input) => input?.labels?.[0]?.textContent.trim() || ""

  function entry(now, found) {
    return {
      names: now, changed: [...found.fields, ...refused.keys()], version: version.value, base: started.value,
      nonce: form.elements._nonce?.value || "",
    }
  }

  /** Keep what is not saved in this browser, or forget it when everything is. */
  function keepNow() {
    clearTimeout(keepTimer)
    keepTimer = null
    const now = snapshot.read()
    const found = pending(now)
    if (isPending(found) || found.placing.size || found.outside.size || refused.size) isKept = keep.write(entry(now, found))
    else {
      keep.clear()
      isKept = true
    }
    show()
  }

  /** Somebody saved; when a passage was removed for good, these words may not be kept anywhere. */
  function late(json) {
    if (json.scrubbed) forget()
    return { kind: json.scrubbed ? "scrubbed" : "stale", ...json }
  }

  function forget() {
    keep.clear()
    keep.closed = true
    isKept = false
    show()
  }

  // Saving

  function schedule(wait = PAUSE) {
    clearTimeout(timer)
    dirtySince ||= Date.now()
    timer = setTimeout(save, Math.max(0, Math.min(wait, dirtySince + LONGEST_WAIT - Date.now())))
  }

  function retry(wait) {
    clearTimeout(timer)
    tries += 1
    timer = setTimeout(save, Math.min(SLOWEST, Math.max(wait * 1000, 2 ** tries * 1000)))
  }

  function bodyOf(now, found) {
    const body = new FormData()
    const add = (name) => now[name].forEach((value) => body.append(name, value))
    for (const name of Object.keys(now)) {
      if (isNew || found.fields.has(snapshot.fieldOf(name)) || name.startsWith("new-")) add(name)
    }
    found.fields.forEach((field) => body.append("_changed", field))
    if (form.elements._placing) body.set("_placing", "1")
    if (isNew) body.set("_nonce", form.elements._nonce.value)
    return body
  }

  /** Save what is pending and tell how it went: "clean", "saved", or the kind of trouble. */
  function save() {
    clearTimeout(timer)
    if (saving) return saving
    if (trouble && FINAL.has(trouble.kind)) return Promise.resolve(trouble.kind)
    const now = snapshot.read()
    const found = pending(now)
    if (!isPending(found)) {
      dirtySince = 0
      keepNow()
      return Promise.resolve(trouble?.kind || "clean")
    }
    if (isNew && missing().length) {
      keepNow()
      return Promise.resolve("creation")
    }
    dirtySince = 0
    saving = send(now, found).then((outcome) => {
      saving = null
      keepNow()
      if (outcome === "saved" && isPending(pending())) schedule()
      return outcome
    })
    show()
    return saving
  }

  async function send(now, found) {
    const answer = await post(isNew ? pages.begin + location.search : pages.autosave, bodyOf(now, found))
    const { status, json } = answer
    if (json?.begun) begun(json.begun)
    if (json?.version && [200, 201, 422].includes(status)) return accept(json, now, found, status)
    Object.entries(json?.errors || {}).forEach(([name, error]) => mark(name, error))
    return fail(answer)
  }

  function accept(json, now, found, status) {
    trouble = null
    tries = 0
    keep.closed = false
    const fields = isNew ? config.fields : found.fields
    unmark(fields)
    refused = new Map([...refused].filter(([field]) => !found.fields.has(field)))
    for (const field of fields) {
      if (json.errors[field]) refused.set(field, JSON.stringify(snapshot.part(now, field)))
      else snapshot.adopt(base, now, field)
    }
    if (!isNew) {
      for (const name of Object.keys(now)) if (name.startsWith("new-") && !json.errors[name]) base[name] = now[name]
    }
    Object.entries(json.errors).forEach(([name, error]) => mark(name, error))
    version.value = json.version
    started.value = json.base
    if (status !== 422) savedAt = json.time
    const title = document.querySelector("[data-desk-title]")
    if (title && json.title) title.textContent = json.title
    return status === 422 ? "refused" : "saved"
  }

  function fail({ status, json, wait }) {
    const reason = json?.reason
    if (status === 409 && reason === "stale") trouble = late(json)
    else if (status === 0) trouble = { kind: "offline" }
    else if (status === 401 || status === 302 || (status === 403 && !json)) trouble = { kind: "expired" }
    else if (status === 413 || (status === 400 && !json)) trouble = { kind: "large" }
    else if (status === 404) trouble = { kind: "gone" }
    else if (reason && status < 500) trouble = { kind: ["user", "permission", "held"].includes(reason) ? reason : "refused", message: json.message }
    else trouble = { kind: "busy" }
    if (trouble.kind === "user") forget()
    if (!FINAL.has(trouble.kind) && trouble.kind !== "large" && trouble.kind !== "refused") retry(wait)
    return trouble.kind
  }

  function begun(addresses) {
    isNew = false
    pages = addresses
    history.replaceState(history.state, "", addresses.change)
    form.dataset.thing = addresses.thing.split(":")[1]
    const placing = document.createElement("input")
    Object.assign(placing, { type: "hidden", name: "_placing", value: "1" })
    form.append(placing)
    keep.rename(addresses.thing)
    document.dispatchEvent(new CustomEvent("desk:begun", { detail: addresses }))
  }

  // Marks at fields

  function holderOf(name) {
    return form.querySelector(`[data-field="${CSS.escape(name.replace(/^new-/, ""))}"]`) || form.querySelector(`[name^="${CSS.escape(name)}"]`)?.closest(".field, .panel")
  }
  function mark(name, { messages }) {
    const holder = holderOf(name)
    if (!holder) return
    const list = document.createElement("ul")
    list.className = "errorlist"
    list.dataset.typedErrors = name
    list.append(...messages.map((text) => Object.assign(document.createElement("li"), { textContent: text })))
    holder.querySelectorAll(".errorlist").forEach((old) => old.remove())
    holder.classList.add("has-errors")
    holder.append(list)
  }
  function unmark(fields) {
    for (const field of fields) {
      const holder = holderOf(field)
      holder?.classList.remove("has-errors")
      holder?.querySelectorAll(":scope > .errorlist").forEach((old) => old.remove())
    }
    form.querySelectorAll('[data-typed-errors^="new-"]').forEach((list) => list.remove())
  }

  // The state line

  function show() {
    const found = pending()
    const notes = []
    const labels = [...found.outside].map((name) => labelOf(form.querySelector(`[name="${CSS.escape(name)}"]`))).filter(Boolean)
    if (labels.length) notes.push(["outside", { fields: labels.join(", ") }])
    if (snapshot.hasFile()) notes.push(["file", {}])
    if (!isKept && !keep.closed && (isPending(found) || refused.size)) notes.push(["full", {}])
    line.show(stateOf(found), notes)
  }

  function stateOf(found) {
    const isDirty = isPending(found) || refused.size > 0
    if (keep.closed && isDirty && trouble?.kind !== "scrubbed") return [trouble?.kind === "user" ? "user" : "out", {}]
    if (trouble?.kind === "stale") return [isDirty || found.outside.size ? "stale" : "newer", trouble]
    if (trouble && (isDirty || FINAL.has(trouble.kind) || trouble.kind === "user")) return [trouble.kind, trouble]
    if (saving) return ["saving", {}]
    if (isPending(found) && isNew && missing().length) return ["creation", { fields: missing().map(labelOf).join(", ") }]
    if (isPending(found)) return ["typing", {}]
    if (refused.size) {
      const fields = [...refused.keys()].map((field) => labelOf(form.elements[field]) || field.replaceAll("_", " ")).join(", ")
      return savedAt ? ["partly", { time: savedAt, fields }] : ["refused", {}]
    }
    return savedAt ? ["saved", { time: savedAt }] : ["", {}]
  }

  // What happens around

  function changed() {
    if (trouble || (isNew && missing().length)) keepNow()
    else keepTimer ||= setTimeout(keepNow, 300)
    if (trouble?.kind === "large" || trouble?.kind === "refused") trouble = null
    if (isPending(pending()) && !(trouble && FINAL.has(trouble.kind)) && !saving) {
      if (!trouble) schedule()
    }
    show()
  }

  function heardOfPeople(data) {
    if (data.user && data.user !== config.user && !(trouble && FINAL.has(trouble.kind))) trouble = { kind: "user" }
    if (data.user === config.user && trouble && !FINAL.has(trouble.kind)) save()
    else if (keep.closed) forget()
  }

  /** Take in what a beat answered: somebody saved, the session ended, the person changed. */
  function heard(status, json) {
    if (status === 200 && json && !saving && json.version > Number(version.value)) {
      trouble = late(json)
      clearTimeout(timer)
    } else if (status === 401 || status === 302) {
      if (!trouble) trouble = { kind: "expired" }
    } else if (status === 200 && trouble && !FINAL.has(trouble.kind) && trouble.kind !== "large" && trouble.kind !== "refused") {
      trouble = null
      if (isPending(pending())) save()
    }
    show()
  }

  function leave() {
    keepNow()
    const now = snapshot.read()
    const found = pending(now)
    if (saving || !isPending(found) || trouble || (isNew && missing().length)) return
    const body = bodyOf(now, found)
    body.set("_user", config.user)
    body.set("version", version.value)
    const size = [...body].reduce((sum, [name, value]) => sum + new Blob([name, value]).size + 160, 0)
    if (size > BEACON) return
    fetch(isNew ? pages.begin + location.search : pages.autosave, { method: "POST", body, keepalive: true, credentials: "same-origin", headers: { "X-CSRFToken": token(), Accept: "application/json" } }).catch(() => {})
  }

  form.addEventListener("input", changed)
  form.addEventListener("change", changed)
  for (const name of ["keydown", "pointerdown", "paste", "drop", "beforeinput"]) {
    form.addEventListener(name, ({ target }) => { touched.add(target.closest?.(".prose-editor")) }, { capture: true })
  }
  addEventListener("online", () => { if (trouble?.kind === "offline") save() })
  addEventListener("focus", () => { if (trouble && !FINAL.has(trouble.kind)) save() })
  addEventListener("pagehide", leave)
  document.addEventListener("visibilitychange", () => { if (document.hidden && !trouble) save() })
  setInterval(() => { if (!saving && !trouble && !dirtySince && isPending(pending())) changed() }, 5000)

  if (config.scrubbed) forget()
  else if (config.unsaved || config.conflict) keepNow()
  else show()

  return {
    post,
    heard,
    keep,
    save,
    pages: () => pages,
    /** Save what is left and tell how it went; a save that is on its way is waited for. */
    async settle() {
      if (saving) await saving
      return save()
    },
    renewToken() { form.elements.csrfmiddlewaretoken.value = token() },
    /** Tell whether leaving would leave something behind that no other tab would offer or that was not sent. */
    isUnsafe() {
      const found = pending()
      return (isPending(found) && (Boolean(trouble) || !isKept)) || found.outside.size > 0 || snapshot.hasFile()
    },
  }
}

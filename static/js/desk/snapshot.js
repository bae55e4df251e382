// What stands in the form, by the names of its inputs, and which fields of the document that concerns.
const isOwn = (name) => name === "csrfmiddlewaretoken" || name === "version" || name.startsWith("_") || name.startsWith("move-")
const same = (one, other) => JSON.stringify(one) === JSON.stringify(other)

export class Snapshot {
  constructor(form, fields) {
    this.form = form
    this.fields = fields
  }

  /** Return {name: [values]} of everything but files and what the form tells about itself. */
  read() {
    const found = {}
    for (const [name, value] of new FormData(this.form)) {
      if (typeof value === "string" && !isOwn(name)) (found[name] ||= []).push(value)
    }
    return found
  }

  /** Return what a form that came back unsaved surely did not change: outside of the document, what nobody typed. */
  readUntyped() {
    const isTyped = (input) => input?.matches?.("textarea, input[type=text], input[type=datetime-local]") && input.value
    return Object.fromEntries(Object.entries(this.read()).filter(([name]) => !this.fieldOf(name) && !isTyped(this.form.elements[name])))
  }

  /** Return the field of the document that an input belongs to, "" for what is outside of it. */
  fieldOf(name) {
    return this.fields.find((field) => name === field || name.startsWith(`${field}-`)) || ""
  }

  /** Return {fields, placing, outside} that differ between two readings; each a Set of names. */
  compare(base, now) {
    const found = { fields: new Set(), placing: new Set(), outside: new Set() }
    for (const name of new Set([...Object.keys(base), ...Object.keys(now)])) {
      if (same(base[name], now[name])) continue
      const field = this.fieldOf(name)
      if (field) found.fields.add(field)
      else if (name.startsWith("new-")) found.placing.add(name)
      else found.outside.add(name)
    }
    return found
  }

  /** Return the part of a reading that belongs to one field. */
  part(reading, field) {
    return Object.fromEntries(Object.entries(reading).filter(([name]) => this.fieldOf(name) === field))
  }

  /** Take over one field of a reading into another one. */
  adopt(base, reading, field) {
    for (const name of Object.keys(base)) if (this.fieldOf(name) === field) delete base[name]
    Object.assign(base, this.part(reading, field))
  }

  /** Tell whether a file is chosen that has not been sent. */
  hasFile() {
    return [...this.form.querySelectorAll("input[type=file]")].some((input) => input.files.length)
  }
}

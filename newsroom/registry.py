"""What needs to know all apps: each fills these in its `ready()`."""


class Registry:
    """Named entries in the order of their registration; a name can be taken once."""

    def __init__(self, subject):
        self.subject = subject
        self._entries = {}

    def add(self, name, entry):
        """Register `entry`; raises ValueError when the name is taken by something else."""
        if self._entries.get(name, entry) != entry:
            raise ValueError(f"{self.subject} {name!r} is registered twice.")
        self._entries[name] = entry

    def __getitem__(self, name):
        return self._entries[name]

    def __contains__(self, name):
        return name in self._entries

    def items(self):
        """Return (name, entry) pairs."""
        return list(self._entries.items())

    def values(self):
        """Return the entries."""
        return list(self._entries.values())

    def get(self, name):
        """Return the entry or None."""
        return self._entries.get(name)


# name → function(edition) → list of {"title", "url"}: the sections in the header of every reader page.
navigation = Registry("navigation")
# name → function(context) → safe HTML: a box that stands in a page or in a body ("newsletter", "support").
boxes = Registry("box")
# "app.model" → function(request, thing, content, *, at, notice=None) → the reader page that publishing this content
# would make of the thing, with a notice on top; it writes nothing and is never stored.
draft_pages = Registry("page of a draft")
# name → module with `choices()` → [(key, name)] and `of(thing)` → set of keys: what stories can be about.
subjects = Registry("subjects")
# label of a model, perhaps with a word behind it → function(after) → aware datetime or None: the next moment at which a
# stored page may change by itself. A verb that sets such a moment bumps `due_key(label)`.
due_moments = Registry("due moment")
# name → function(edition) → iterable of paths: every public address, for tests, sitemaps and the static copy.
public_urls = Registry("public addresses")
# name → function(edition) → list of addresses ("https://…", "http://….onion"): where else the title can be read.
mirrors = Registry("list of mirrors")
# name → function(edition, *, at) → rows (path, title, text, day, words) for the search of a static copy.
copied_search = Registry("search of a copy")
# name → function(request) → dict with "title", "template", … or None: a panel on the editors' dashboard.
dashboard = Registry("dashboard panel")
# kind ("story", …) → function(keys) → set of those keys that may be counted: what newsroom.beacon takes.
counted = Registry("counted kind")
# name → function(at) → list of (level, sentence): what the status page and /healthz should know.
status = Registry("status check")
# name → function(at) → list of newsroom.readings.Reading: figures for the status page and the metrics.
readings = Registry("readings")
# name → function(at) → list of {"title", "note"} and perhaps "url": what an editor should know does not move by itself.
stuck = Registry("stuck work")
# name → function(*, at, limit) → int: a bounded piece of work that the worker does again and again (mail outbox, …).
pumps = Registry("pump")
# name → newsroom.openform.kinds.Kind: rows that the open form of all content holds, in the order of writing.
open_kinds = Registry("kind of the open form")
# name → function() → function(kind, row, line) → {field: what stands there instead}: what of a row is protected,
# and leaves in the sealed part of the open form only.
open_guards = Registry("guard of the open form")
# name → function(*, at): stops, in a site that was just put back from a backup, what must not simply go on.
restored = Registry("settling after a restore")
# name → function(folder, progress): brings one part of the demo content in, in the order of registration.
# `progress` is a tqdm bar: `reset(total=…)`, then `update()`.
demo = Registry("demo part")
# name → function(folder) → why the demo must stay out, or "".
demo_refusals = Registry("demo refusal")
# name of a kind of row ("photo", "article") → function(ids as texts or numbers) → {id: {"title", "note", "thumb"}}: how
# the desk shows what a text refers to.
references = Registry("reference")
# name → function(names) → iterable of articles.names.Mention: where an app's texts name somebody.
name_mentions = Registry("look for names")


def due_key(name):
    """Return the page key that is bumped when the moments of this name change."""
    return f"due:{name.partition(' ')[0]}"


def next_due(after):
    """Return the earliest moment after `after` at which some stored page may change by itself, or None."""
    moments = [moment for find in due_moments.values() if (moment := find(after)) is not None]
    return min(moments, default=None)

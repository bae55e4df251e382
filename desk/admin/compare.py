"""Any two versions of a thing beside each other: old ones, the draft, and what readers see."""

import re
from dataclasses import dataclass

from django.contrib.admin.utils import quote
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404
from django.shortcuts import render
from django.urls import path
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from desk import blocks, diff
from desk.content import Slug

NUMBER = re.compile(r"[0-9]{1,9}\Z")
LIVE, DRAFT = "live", "draft"
OFFERED = 200


@dataclass(frozen=True)
class Side:
    """One of the two versions: `key` names it in the address, `revision` is None for the draft."""

    key: str
    label: str
    content: dict
    revision: object = None


@dataclass(frozen=True)
class Change:
    """A field in which two contents differ, with the rows of desk.diff."""

    name: str
    label: str
    rows: list


def changes(form, old, new, *, each=False):
    """Return a Change for each field of the form's document in which two contents differ, in the document's order.

    With `each` an address that only one of them names counts too: it is about to be chosen, not only looked at.
    `form` is a DocumentForm; its `as_blocks` says how a value reads. Everything both sides refer to is loaded at once.
    """
    document = form.document
    old, new = _whole(document, old), _whole(document, new)
    names = [name for name, kind in document.fields.items() if _differs(kind, old.get(name), new.get(name), each)]
    lists = [form.as_blocks(name, content.get(name)) for name in names for content in (old, new)]
    shown = blocks.resolve(*lists)
    return [
        Change(name, form.label_of(name), diff.fold(diff.rows(shown[2 * place], shown[2 * place + 1])))
        for place, name in enumerate(names)
    ]


def whole(form, content):
    """Return [(label, rows)] of everything that a content says, for reading."""
    content = _whole(form.document, content)
    names = [name for name in form.document.fields if content.get(name) not in ("", None, [], False)]
    shown = blocks.resolve(*[form.as_blocks(name, content[name]) for name in names])
    return [(form.label_of(name), diff.rows(found, found)) for name, found in zip(names, shown, strict=True)]


def _differs(kind, old, new, each):
    """Tell whether two values differ; an empty slug means that the one in use stays."""
    return old != new and (each or not isinstance(kind, Slug) or bool(old and new))


def _whole(document, content):
    """Return a content of any age in today's shape, as far as it can be cleaned."""
    content = {**document.blank(), **content}
    try:
        return document.clean(content)
    except ValidationError:
        return content


class CompareViews:
    """The page of two versions; a part of DraftedAdmin."""

    compare_template = "admin/desk/compare.html"

    def desk_urls(self, name, wrap):
        """Return the address of this page."""
        return [
            path("<path:object_id>/compare/", wrap(require_safe(self.compare_view)), name=f"{name}_compare"),
            *super().desk_urls(name, wrap),
        ]

    def live_revision(self, thing):
        """Return the revision that readers see, or will see at a set time; None when there is none. No content."""
        live = thing.revisions.filter(live_from__isnull=False, live_until__isnull=True)
        return live.select_related("created_by").defer("content").first()

    def live_content(self, thing):
        """Return what stands in the live rows while they are published or scheduled, else None."""
        return thing.document.read(thing) if getattr(thing, "state", "") == "published" else None

    def compare_view(self, request, object_id):
        """Show what changed from one version (`from`) to another (`to`), word by word."""
        visit = self._visit(request, object_id)
        if not self.has_view_or_change_permission(request, visit.thing):
            raise PermissionDenied
        with timezone.override(self.zone(visit.thing)):
            old, new = self._sides(visit)
            self._bind(visit)
            context = {
                **self.admin_site.each_context(request),
                "title": _("Compare: %(title)s") % {"title": visit.draft.title or _("Untitled")},
                "opts": self.opts, "thing": visit.thing, "original": visit.thing, "draft": visit.draft,
                "old": old, "new": new, "sides": (old, new), "choices": self._choices(visit, old, new),
                "changes": changes(visit.form, old.content, new.content),
                "may_change": self.has_change_permission(request, visit.thing),
            }  # fmt: skip
            return render(request, self.compare_template, context)

    def _sides(self, visit):
        asked = visit.request.GET
        new = self._side(visit, asked.get("to") or DRAFT)
        if asked.get("from"):
            return self._side(visit, asked["from"]), new
        live = self._live_side(visit)
        if live is not None and new.key != LIVE:
            return live, new
        before = visit.thing.revisions.exclude(number=new.revision.number if new.revision else None)
        previous = before.filter(number__lt=new.revision.number) if new.revision else before
        found = previous.values_list("number", flat=True).first()
        return (self._side(visit, str(found)) if found else new), new

    def _side(self, visit, key):
        """Return the Side named by a key of the address; raise Http404 for one that is not there."""
        if key == DRAFT:
            return Side(DRAFT, _("The draft now"), visit.draft.content)
        if key == LIVE and (side := self._live_side(visit)):
            return side
        if not NUMBER.match(key):
            raise Http404
        revision = self._revision(visit, int(key))
        return Side(key, _("Version %(number)d") % {"number": revision.number}, revision.content, revision)

    def _live_side(self, visit):
        content = self.live_content(visit.thing)
        if content is None:
            return None
        seen = not hasattr(visit.thing, "is_live") or visit.thing.is_live(visit.at)
        label = _("What readers see") if seen else _("What readers will see")
        return Side(LIVE, label, content, self.live_revision(visit.thing))

    def _choices(self, visit, *sides):
        """Return (key, label) of what can be compared: draft, live, the latest versions and the two that are shown."""
        rows = visit.thing.revisions.select_related("created_by").defer("content")[:OFFERED]
        found = [(DRAFT, _("The draft now"))]
        if self.live_content(visit.thing) is not None:
            found.append((LIVE, _("What readers see")))
        found += [(str(row.number), self.words_of(row)) for row in rows]
        known = {key for key, _label in found}
        return found + [(side.key, side.label) for side in sides if side.key not in known]

    def words_of(self, revision):
        """Return a revision in one line: number, name or kind, who."""
        parts = (revision.name or revision.get_kind_display(), str(revision.created_by or ""))
        return f"{revision.number} · " + " · ".join(part for part in parts if part)

    def compare_url(self, thing, **query):
        """Return the address of the comparison; `query` may hold `to` and `from_`."""
        address = self._url("compare", quote(thing.pk))
        parts = "&".join(f"{name.rstrip('_')}={value}" for name, value in query.items())
        return f"{address}?{parts}" if parts else address

"""Drafts over live rows, frozen revisions, and the abstract models of everything that is edited."""

from desk.models.draft import Draft, Revision
from desk.models.drafted import Drafted, NotReady, Stale
from desk.models.editorial import Editorial, EditorialQuerySet, Embargoed
from desk.models.presence import Presence

__all__ = [
    "Draft", "Drafted", "Editorial", "EditorialQuerySet", "Embargoed", "NotReady", "Presence", "Revision", "Stale",
]  # fmt: skip

"""Drafts over live rows, frozen revisions, and the abstract models of everything that is edited."""

from desk.models.draft import Draft, Revision
from desk.models.drafted import Drafted, NotReady, Stale
from desk.models.editorial import UNDO_FOR, Editorial, EditorialQuerySet, Embargoed, TooLate
from desk.models.link import PrivateLink
from desk.models.presence import Presence
from desk.models.savedfilter import SavedFilter
from desk.models.scrub import Places, StillLive

__all__ = [
    "UNDO_FOR", "Draft", "Drafted", "Editorial", "EditorialQuerySet", "Embargoed", "NotReady", "Places", "Presence",
    "PrivateLink", "Revision", "SavedFilter", "Stale", "StillLive", "TooLate",
]  # fmt: skip

"""The base admin classes of everything that is edited as a draft; see DraftedAdmin for how to use them."""

from desk.admin.drafted import DraftedAdmin
from desk.admin.editorial import EditorialAdmin
from desk.admin.moves import Move

__all__ = ["DraftedAdmin", "EditorialAdmin", "Move"]

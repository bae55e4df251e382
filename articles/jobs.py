"""What runs again and again for the stories."""

from articles import search
from newsroom import schedules

MOST_ENTRIES = 500


@schedules.every(minutes=10, name="articles.mend_search")
def mend_search(*, at):
    """Write what is missing in the search index, a part at a time; all of it after a release that writes it anew."""
    search.catch_up(at=at, limit=MOST_ENTRIES)

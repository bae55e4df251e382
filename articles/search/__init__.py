"""Full-text search in every language of the site behind one API, on SQLite (FTS5) and on PostgreSQL.

`index` writes what is public now, `asking` finds, `spelling` forgives typing errors, `excerpts` shows why. Both engines
get the same stems (newsroom.stems), so that they find the same.
"""

from articles.search.asking import MOST_RESULTS, Answer, ask, find
from articles.search.excerpts import highlight, spelled
from articles.search.index import CURRENT, catch_up, clear, compact, forget, remove, stale, update
from newsroom.stems import stem, words

__all__ = [
    "CURRENT", "MOST_RESULTS", "Answer", "ask", "catch_up", "clear", "compact", "find", "forget", "highlight",
    "remove", "spelled", "stale", "stem", "update", "words",
]  # fmt: skip

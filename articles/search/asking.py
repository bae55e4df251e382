"""Asking the index: every word first; then what was probably meant; then some of the words."""

import datetime
from dataclasses import dataclass

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.utils import timezone

from articles.search import spelling
from articles.search.index import LONGEST
from newsroom.stems import stem, words

MOST_WORDS = 12
MOST_RESULTS, MOST_OF_SOME = 1000, 20
WEIGHTS = (8.0, 3.0, 1.0)
# A story counts double on its day, half as much again after this many days, and so on: old ones lose that bonus alone.
DAYS = 60.0
# Words that tell stories apart in no language; looked for only when there is no other.
EMPTY_ENGLISH = "a an and are as at be by for from in is it of on or that the this to was were with"
EMPTY_RUSSIAN = "а без бы в во да для до же за и из или к как ко ли на не ни но о об от по при с со то у что это"
EMPTY = frozenset(f"{EMPTY_ENGLISH} {EMPTY_RUSSIAN}".split())


@dataclass(frozen=True)
class Answer:
    """The ids of the stories that were found, best first; the stems they hold; and why they were chosen."""

    ids: list
    stems: list
    is_guess: bool = False
    holds_all: bool = True

    @property
    def is_cut(self):
        """Tell whether there are more than were looked at."""
        return len(self.ids) >= (MOST_RESULTS if self.holds_all else MOST_OF_SOME)


def stems_of(query):
    """Return the stems to look for, at most MOST_WORDS; words that say nothing only when there are no others."""
    found = words(query)
    telling = [word for word in found if word not in EMPTY] or found
    return list(dict.fromkeys(stem(word)[:LONGEST] for word in telling))[:MOST_WORDS]


def find(query, articles, *, at=None):
    """Return the ids of those among the queryset `articles` that hold every word of `query`, best first.

    Any text is a legal query. At most MOST_RESULTS are returned.
    """
    stems = stems_of(query)
    return _ranked(stems, articles, at=at or timezone.now()) if stems else []


def ask(query, articles, *, at=None):
    """Return the Answer of the index about the queryset `articles`, which decides what may be shown at all."""
    at = at or timezone.now()
    stems = stems_of(query)
    if not stems:
        return Answer([], [])
    if ids := _ranked(stems, articles, at=at):
        return Answer(ids, stems)
    for meant in spelling.guesses(query, stems):
        if ids := _ranked(meant, articles, at=at):
            return Answer(ids, meant, is_guess=True)
    if len(stems) > 1 and (ids := _ranked(stems, articles, at=at, holds_all=False, limit=MOST_OF_SOME)):
        return Answer(ids, stems, holds_all=False)
    return Answer([], stems)


def _ranked(stems, articles, *, at, holds_all=True, limit=MOST_RESULTS):
    """Return the ids of the best; the words weigh most, headline before standfirst before text, then how new it is."""
    rows = articles.order_by().values_list("pk", "published_at")
    try:
        public, given = rows.query.sql_with_params()
    except EmptyResultSet:
        return []
    ask_engine = _postgresql if connection.vendor == "postgresql" else _sqlite
    with connection.cursor() as cursor:
        cursor.execute(*ask_engine(stems, public, given, at=at, holds_all=holds_all, limit=limit))
        return [row[0] for row in cursor.fetchall()]


# Both name the columns of the queryset by position: id and published_at.


def _postgresql(stems, public, given, *, at, holds_all, limit):
    sql = (
        "SELECT found.article_id FROM articles_search AS found"  # noqa: S608 - made of Django's own statement
        f" JOIN ({public}) AS public (id, published_at) ON public.id = found.article_id"
        " WHERE found.words @@ %s::tsquery"
        " ORDER BY ts_rank_cd('{0.1, 0.15, 0.4, 1.0}', found.words, %s::tsquery, 1)"
        " * (1 + 1 / (1 + greatest(0, extract(epoch FROM %s - public.published_at)::float8) / 86400 / %s)) DESC,"
        " found.article_id DESC LIMIT %s"
    )
    wanted = (" & " if holds_all else " | ").join(f"'{word}'" for word in stems)
    return sql, [*given, wanted, wanted, at, DAYS, limit]


def _sqlite(stems, public, given, *, at, holds_all, limit):
    # CROSS JOIN keeps the order of the tables: the index is asked once, and each hit is looked up.
    sql = (
        "WITH public (id, published_at) AS NOT MATERIALIZED"  # noqa: S608 - made of Django's own statement
        f" ({public}) SELECT articles_search.rowid FROM articles_search CROSS JOIN public"
        " ON public.id = articles_search.rowid WHERE articles_search MATCH %s"
        " ORDER BY bm25(articles_search, %s, %s, %s)"
        " * (1 + 1 / (1 + max(0, julianday(%s) - julianday(public.published_at)) / %s)), articles_search.rowid DESC"
        " LIMIT %s"
    )
    wanted = (" AND " if holds_all else " OR ").join(f'"{word}"' for word in stems)
    moment = at.astimezone(datetime.UTC).strftime("%Y-%m-%d %H:%M:%S")
    return sql, [*given, wanted, *WEIGHTS, moment, DAYS, limit]

"""Full-text search in English and Russian behind one API, on SQLite (FTS5) and on PostgreSQL.

Both get the same plain words: lower case, ё as е, nothing else between them. PostgreSQL's `russian` configuration
stems Cyrillic words with the Russian and ASCII words with the English stemmer, so one column serves both editions.
SQLite has no such stemmers: it stores stems and is asked for stems. A story is found when it holds every word.
"""

from django.db import connection
from django.utils.html import format_html, format_html_join

from newsroom import html
from newsroom.stems import WORD, fold, stem, words

MOST_WORDS = 12
MOST_RESULTS = 1000
WEIGHTS = (8.0, 3.0, 1.0)


def update(article):
    """Make the index agree with the article's live row: there while it is published, gone otherwise."""
    remove(article.pk)
    if article.state != article.State.PUBLISHED:
        return
    parts = [f"{article.kicker} {article.headline}", article.standfirst, html.plain_text(article.body_html)]
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(
                "INSERT INTO articles_search (article_id, words) VALUES (%s, setweight(to_tsvector('russian', %s), 'A')"
                " || setweight(to_tsvector('russian', %s), 'B') || setweight(to_tsvector('russian', %s), 'C'))"
                " ON CONFLICT (article_id) DO UPDATE SET words = excluded.words",
                [article.pk, *(" ".join(words(part)) for part in parts)],
            )
        else:
            cursor.execute(
                "INSERT INTO articles_search (rowid, title, standfirst, body) VALUES (%s, %s, %s, %s)",
                [article.pk, *(" ".join(map(stem, words(part))) for part in parts)],
            )


def remove(article_id):
    """Take an article out of the index."""
    key = "article_id" if connection.vendor == "postgresql" else "rowid"
    with connection.cursor() as cursor:
        cursor.execute(f"DELETE FROM articles_search WHERE {key} = %s", [article_id])  # noqa: S608 - one of two names


def clear():
    """Empty the index."""
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM articles_search")


def compact():
    """Have the engine drop the words of deleted entries, which SQLite otherwise keeps until it merges."""
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute("INSERT INTO articles_search(articles_search) VALUES ('optimize')")


def find(query, articles):
    """Return the ids of those among the queryset `articles` that hold every word of `query`, best first.

    Any text is a legal query. At most MOST_RESULTS are looked at.
    """
    wanted = words(query)[:MOST_WORDS]
    if not wanted:
        return []
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(
                "SELECT article_id FROM articles_search, plainto_tsquery('russian', %s) AS query WHERE words @@ query"
                " ORDER BY ts_rank_cd(words, query, 1) DESC, article_id DESC LIMIT %s",
                [" ".join(wanted), MOST_RESULTS],
            )
        else:
            cursor.execute(
                "SELECT rowid FROM articles_search WHERE articles_search MATCH %s"
                " ORDER BY bm25(articles_search, %s, %s, %s), rowid DESC LIMIT %s",
                [" AND ".join(f'"{stem(word)}"' for word in wanted), *WEIGHTS, MOST_RESULTS],
            )
        ranked = [row[0] for row in cursor.fetchall()]
    visible = set(articles.filter(pk__in=ranked).values_list("pk", flat=True))
    return [pk for pk in ranked if pk in visible]


def highlight(text, query, *, before=80, length=240):
    """Return an excerpt of `text` around the first word of `query` in it, as safe HTML with each hit in <mark>."""
    wanted = {stem(word) for word in words(query)}
    hits = [hit for hit in WORD.finditer(text) if stem(fold(hit[0])) in wanted]
    start = max(0, hits[0].start() - before) if hits and hits[0].end() > length else 0
    start = text.rfind(" ", 0, start) + 1 if start else 0
    end = len(text) if len(text) <= start + length else max(text.rfind(" ", start, start + length), start + 1)
    pieces, position = [], start
    for hit in hits:
        if start <= hit.start() and hit.end() <= end:
            pieces.append((text[position : hit.start()], hit[0]))
            position = hit.end()
    marked = format_html_join("", "{}<mark>{}</mark>", pieces)
    return format_html("{}{}{}{}", "… " if start else "", marked, text[position:end], " …" if end < len(text) else "")

"""The index: the stems of every story that readers may see, and of which words there are any.

A story's entry is written in one transaction with the counts of its stems, so that the vocabulary holds no word that
stands only in a story that nobody may see. No name from a byline is in it: who signs is asked when somebody searches.
"""

from django.db import connection, transaction
from django.utils import timezone

from newsroom import html
from newsroom.stems import stem, words

# What an entry is made of; whoever changes that adds one, and the worker writes every entry anew.
CURRENT = 1
LONGEST, MOST_WORDS = 60, 16_000
WEIGHTS = "ABC"


def update(article, *, at=None):
    """Make the index agree with what readers see of the article at `at` (now by default)."""
    from articles.models import SearchEntry

    at = at or timezone.now()
    parts = parts_of(article) if article.is_live(at) else None
    with transaction.atomic():
        # Who writes the same story at the same time waits here.
        _entry, is_new = SearchEntry.objects.select_for_update().get_or_create(article_id=article.pk)
        before = set() if is_new else _stems_of(article.pk)
        _delete(article.pk)
        if parts is None:
            SearchEntry.objects.filter(article_id=article.pk).delete()
        else:
            _insert(article.pk, parts)
            SearchEntry.objects.filter(article_id=article.pk).update(generation=CURRENT)
        _count(before, {word for part in parts or () for word in part})


def remove(article_id):
    """Take an article out of the index, whatever it is."""
    from articles.models import SearchEntry

    with transaction.atomic():
        if SearchEntry.objects.select_for_update().filter(article_id=article_id).exists():
            _count(_stems_of(article_id), set())
            SearchEntry.objects.filter(article_id=article_id).delete()
        _delete(article_id)


def clear():
    """Empty the index."""
    from articles.models import SearchEntry, SearchStem

    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("DELETE FROM articles_search")
        SearchEntry.objects.all().delete()
        SearchStem.objects.all().delete()


def forget():
    """Let every entry be written anew, one after the other; until then the old ones are found."""
    from articles.models import SearchEntry

    SearchEntry.objects.update(generation=0)


def compact():
    """Have the engine drop the words of deleted entries, which SQLite otherwise keeps until it merges."""
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute("INSERT INTO articles_search(articles_search) VALUES ('optimize')")


def stale(*, at):
    """Return (the public stories without a present entry, the entries of what is public no more) as querysets."""
    from articles.models import Article, SearchEntry

    public = Article.objects.published(at)
    present = SearchEntry.objects.filter(generation=CURRENT).values("article_id")
    return public.exclude(pk__in=present), SearchEntry.objects.exclude(article_id__in=public.values("pk"))


def catch_up(*, at, limit):
    """Write and take out up to `limit` entries that do not agree with what is public, and return how many."""
    missing, gone = stale(at=at)
    done = 0
    for article in missing.order_by("-pk")[:limit]:
        update(article, at=at)
        done += 1
    for article_id in gone.values_list("article_id", flat=True)[: limit - done]:
        remove(article_id)
        done += 1
    return done


def parts_of(article):
    """Return the stems of kicker and headline, of the standfirst, and of the text with its live entries; in order."""
    text = [html.plain_text(article.body_html), article.lead_caption]
    if article.is_told_live:
        for entry in article.live_entries.standing():
            text += [entry.title, html.plain_text(entry.text_html)]
    parts = [f"{article.kicker} {article.headline}", article.standfirst, " ".join(text)]
    return [[stem(word)[:LONGEST] for word in words(part)[:MOST_WORDS]] for part in parts]


def _insert(article_id, parts):
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(
                "INSERT INTO articles_search (article_id, words) VALUES (%s, %s::tsvector)"
                " ON CONFLICT (article_id) DO UPDATE SET words = excluded.words",
                [article_id, _vector(parts)],
            )
        else:
            cursor.execute(
                "INSERT INTO articles_search (rowid, title, standfirst, body) VALUES (%s, %s, %s, %s)",
                [article_id, *(" ".join(part) for part in parts)],
            )


def _vector(parts):
    """Write the stems with their places and weights as PostgreSQL reads them."""
    places, position = {}, 0
    for weight, part in zip(WEIGHTS, parts, strict=True):
        for word in part:
            position += 1
            places.setdefault(word, []).append(f"{min(position, MOST_WORDS)}{weight}")
    return " ".join(f"'{word}':{','.join(found[:200])}" for word, found in places.items())


def _delete(article_id):
    key = "article_id" if connection.vendor == "postgresql" else "rowid"
    with connection.cursor() as cursor:
        cursor.execute(f"DELETE FROM articles_search WHERE {key} = %s", [article_id])  # noqa: S608 - one of two names


def _stems_of(article_id):
    """Return the set of stems in an entry."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SELECT tsvector_to_array(words) FROM articles_search WHERE article_id = %s", [article_id])
            row = cursor.fetchone()
            return set(row[0]) if row else set()
        cursor.execute("SELECT title, standfirst, body FROM articles_search WHERE rowid = %s", [article_id])
        row = cursor.fetchone()
        return {word for part in row for word in part.split()} if row else set()


def _count(before, after):
    """Count the stories of each stem anew where an entry gained or lost it; rows are locked in one order."""
    from articles.models import SearchStem

    changes = sorted(dict.fromkeys(after - before, 1).items() | dict.fromkeys(before - after, -1).items())
    rows = [(word, word[::-1], change) for word, change in changes if SearchStem.is_word(word)]
    if not rows:
        return
    with connection.cursor() as cursor:
        cursor.executemany(
            "INSERT INTO articles_searchstem (stem, tail, stories) VALUES (%s, %s, %s)"
            " ON CONFLICT (stem) DO UPDATE SET stories = articles_searchstem.stories + excluded.stories",
            rows,
        )
    lost = [word for word, _tail, change in rows if change < 0]
    SearchStem.objects.filter(stem__in=lost, stories__lte=0).delete()

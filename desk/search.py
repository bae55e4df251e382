"""The search of the desk: every draft of every kind by the words of its title and text, in any form of the word.

One index for all drafts, apart from the one that readers ask. It holds the stems of a draft's words, each once, and
tokens that no text can contain for what a list is filtered by (`_person_7`). Explicit saves write it in their own
transaction; what is typed in between is written by the worker, which finds the drafts whose version has moved on.
"""

from django.contrib.contenttypes.models import ContentType
from django.db import connection, transaction
from django.db.models import F
from django.db.models.signals import post_delete

from desk.models.draft import Draft
from newsroom.stems import stem, words

MOST_WORDS = 12
MOST_FOUND = 5000
MOST_STEMS, LONGEST = 20_000, 60


def write(draft, document):
    """Make the index agree with the draft, whose content `document` knows; one statement."""
    content = {**document.blank(), **draft.content}
    stems = sorted({stem(word)[:LONGEST] for word in words(document.text(content))})[:MOST_STEMS]
    keys = [f"_{name}_{value}" for name, values in document.keys(content).items() for value in values]
    tokens = [*stems, *keys, f"_type_{draft.content_type_id}"]
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(
                "INSERT INTO desk_search (draft_id, words) VALUES (%s, array_to_tsvector(%s))"
                " ON CONFLICT (draft_id) DO UPDATE SET words = excluded.words",
                [draft.pk, tokens],
            )
        else:
            statement = "INSERT OR REPLACE INTO desk_search (rowid, words) VALUES (%s, %s)"
            cursor.execute(statement, [draft.pk, " ".join(tokens)])


def remove(draft_id):
    """Take a draft out of the index."""
    key = "draft_id" if connection.vendor == "postgresql" else "rowid"
    with connection.cursor() as cursor:
        cursor.execute(f"DELETE FROM desk_search WHERE {key} = %s", [draft_id])  # noqa: S608 - one of two names


def scrub(draft, document):
    """Write a draft at once, and have the engine drop the words that it no longer holds: SQLite keeps them else."""
    write(draft, document)
    Draft.objects.filter(pk=draft.pk).update(indexed_version=draft.version)
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute("INSERT INTO desk_search(desk_search) VALUES ('optimize')")


def find(model, query="", **keys):
    """Return the condition under which a thing of `model` has a draft with every word of `query` and every key.

    A word also finds longer ones that begin like it. Any text is a legal query; the newest MOST_FOUND drafts count.
    """
    tokens = [f"_type_{ContentType.objects.get_for_model(model).pk}"]
    tokens += [f"_{name}_{value}" for name, value in keys.items()]
    stems = [stem(word)[:LONGEST] for word in words(query)[:MOST_WORDS]]
    drafts = Draft.objects.filter(pk__in=_matching(tokens, stems)) if stems or keys else Draft.objects.none()
    return drafts.values("object_id")


def _matching(tokens, stems):
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            wanted = [*(f"'{token}'" for token in tokens), *(f"'{word}':*" for word in stems)]
            cursor.execute(
                "SELECT draft_id FROM desk_search WHERE words @@ %s::tsquery ORDER BY draft_id DESC LIMIT %s",
                [" & ".join(wanted), MOST_FOUND],
            )
        else:
            wanted = [*(f'"{token}"' for token in tokens), *(f'"{word}" *' for word in stems)]
            cursor.execute(
                "SELECT rowid FROM desk_search WHERE desk_search MATCH %s ORDER BY rowid DESC LIMIT %s",
                [" AND ".join(wanted), MOST_FOUND],
            )
        return [row[0] for row in cursor.fetchall()]


def catch_up(*, at, limit):
    """Write the drafts that have moved on since they were written, and return how many there were; a pump."""
    done = 0
    for draft in Draft.objects.exclude(version=F("indexed_version")).order_by("pk")[:limit]:
        model = ContentType.objects.get_for_id(draft.content_type_id).model_class()
        with transaction.atomic():
            if model is not None:
                write(draft, model.document)
            Draft.objects.filter(pk=draft.pk).update(indexed_version=draft.version)
        done += 1
    return done


def forget(sender, instance, **kwargs):
    """Take a deleted draft out of the index."""
    remove(instance.pk)


def connect():
    """Forget drafts when they are deleted, whoever deletes them."""
    post_delete.connect(forget, sender=Draft, dispatch_uid="desk.search.forget")

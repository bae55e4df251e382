"""Scrubbing: a passage leaves the draft, every version and every note about a thing, and an entry without it stays."""

from dataclasses import dataclass

from django.db import connection, models, transaction
from django.utils.translation import ngettext

from desk import search
from desk.models.draft import Revision
from newsroom import pagecache
from newsroom.models import StaffAction


class StillLive(Exception):
    """The passage stands in what readers have, or will have at a set time: that has to be changed first."""


@dataclass(frozen=True)
class Places:
    """Where a passage stands: how often in the draft, in which versions, how often in notes, in the live rows.

    `total` counts every place that scrubbing cuts; `contexts` are some of them as (before, passage, after), and
    `elsewhere` lists other things that hold the passage too and are not touched.
    """

    draft: int
    versions: tuple
    notes: int
    live: int
    total: int
    contexts: tuple = ()
    elsewhere: tuple = ()


class Scrubbing:
    """Finding and scrubbing a passage (desk.passage.Passage); a part of Drafted."""

    def find_passage(self, passage):
        """Return the Places of a passage. Nothing is written."""
        draft, contents = self.read_draft(), []
        found = {"draft": passage.count_in(draft.content), "versions": [], "total": 0}
        contexts = passage.contexts(draft.content)
        for number, content in self.revisions.values_list("number", "content").iterator(chunk_size=50):
            if count := passage.count_in(content):
                found["versions"].append(number)
                contents.append(count)
                contexts += passage.contexts(content) if len(contexts) < 200 else []
        live = passage.count_in(self.document.read(self))
        notes = sum(count for *_place, count in self._notes_with(passage))
        total = found["draft"] + sum(contents) + notes + (0 if self.is_seen_outside() else live)
        return Places(
            draft=found["draft"], versions=tuple(found["versions"]), notes=notes, live=live, total=total,
            contexts=tuple(dict.fromkeys(contexts))[:8], elsewhere=tuple(self.elsewhere(passage)),
        )  # fmt: skip

    def scrub(self, passage, *, version, by, at):
        """Cut a passage out of draft, versions, notes and records, and return how many places that were.

        The version of the draft rises, so that no tab opened before can write the passage back. Raises Stale when
        somebody saved in the meantime and StillLive, with nothing written, when readers have the passage.
        """
        with transaction.atomic():
            _forget_deleted_bytes()
            self._refuse_what_readers_have(passage)
            draft = self.read_draft()
            content, count = passage.cut_from(draft.content)
            changes = {"content": self.document.clean(content)} if count else {}
            self._claim(version, scrubbed_version=version + 1, updated_by=by, updated_at=at, **changes)
            count += self._scrub_rows(passage)
            kept, in_versions = self._scrub_versions(passage)
            count += in_versions + self._scrub_notes(passage)
            last = self.revisions.first()
            self.keep_revision(
                Revision.Kind.SCRUB, content=last.content if last else content, by=by, at=at,
                note=ngettext("%(count)d place", "%(count)d places", count) % {"count": count},
            )  # fmt: skip
            StaffAction.record(user=by, action="scrub", thing=self, at=at, reason=f"{count} places, {kept} versions")
            search.scrub(self.read_draft(), self.document)
            self.after_scrub(passage, at=at)
            pagecache.take_back(*self._keys_to_forget())
        return count

    def empty_field(self, name, holds, *, by, at):
        """Empty a field of the draft and of every version where `holds(value)`, and return how often that was.

        The version of the draft rises as it does for `scrub`. The live row is left to the caller.
        """
        with transaction.atomic():
            draft, count = self.read_draft(), 0
            for pk, value in list(self.revisions.values_list("pk", f"content__{name}")):
                if value and holds(value):
                    content = Revision.objects.values_list("content", flat=True).get(pk=pk)
                    count += Revision.objects.filter(pk=pk).update(content={**content, name: ""})
            if holds(draft.content.get(name, "")):
                content, count = {**draft.content, name: ""}, count + 1
                self._claim(
                    draft.version, content=content, scrubbed_version=draft.version + 1, updated_by=by, updated_at=at
                )  # fmt: skip
        return count

    # For subclasses

    def is_seen_outside(self):
        """Tell whether the live rows are, or will be at a set time, what somebody outside reads."""
        return getattr(self, "state", "") == "published"

    def after_scrub(self, passage, *, at):
        """Scrub what else was made of the contents (search index, renderings), in the same transaction."""

    def elsewhere(self, passage):
        """Yield other rows that hold the passage and are not touched."""
        for relation in self._meta.related_objects:
            if relation.one_to_many and not relation.field.remote_field.hidden:
                rows = relation.related_model._base_manager.filter(**{relation.field.name: self.pk})
                names = _text_columns(relation.related_model)
                for row in rows.order_by("-pk")[:500] if names else []:
                    if any(passage.count_in(getattr(row, name)) for name in names):
                        yield row

    # The parts

    def _refuse_what_readers_have(self, passage):
        self.refresh_from_db()
        if self.is_seen_outside() and passage.count_in(self.document.read(self)):
            raise StillLive

    def _scrub_rows(self, passage):
        """Cut the passage out of the rows; asked again behind the claim, since somebody may have published."""
        self._refuse_what_readers_have(passage)
        content, count = passage.cut_from(self.document.read(self))
        if not count:
            return 0
        for field in self._meta.concrete_fields:
            if isinstance(field, models.SlugField) and field.blank:
                setattr(self, field.name, passage.cut_from(getattr(self, field.name), "slug")[0])
        self.document.write(self, self.document.clean({**self.document.blank(), **content}))
        self.save()
        return count

    def _scrub_versions(self, passage):
        """Return in how many versions the passage stood, and how often."""
        kept = total = 0
        for pk in list(self.revisions.values_list("pk", flat=True)):
            content, count = passage.cut_from(Revision.objects.values_list("content", flat=True).get(pk=pk))
            if count:
                Revision.objects.filter(pk=pk).update(content=content)
                kept, total = kept + 1, total + count
        return kept, total

    def _scrub_notes(self, passage):
        total = 0
        for rows, name, value, count in list(self._notes_with(passage)):
            rows.update(**{name: passage.cut_from(value)[0]})
            total += count
        return total

    def _notes_with(self, passage):
        """Yield (rows, column, value, how often) for every note, name and record about the thing with the passage."""
        for rows, names in self._notes():
            for pk, *values in rows.values_list("pk", *names):
                for name, value in zip(names, values, strict=True):
                    if value and (count := passage.count_in(value)):
                        yield rows.model._base_manager.filter(pk=pk), name, value, count

    def _notes(self):
        from django.contrib.admin.models import LogEntry

        key = {"object_id": str(self.pk)}
        own = [
            name
            for name in _text_columns(type(self))
            if name not in self.document.fields and self._meta.get_field(name).blank
        ]
        yield self.revisions.order_by(), ("name", "note", "before")
        yield self.drafts.order_by(), ("note",)
        yield self.private_links.order_by(), ("note",)
        yield StaffAction.objects.filter(kind=self._meta.label_lower, **key).order_by(), ("reason",)
        yield (
            LogEntry.objects.filter(content_type=self.content_type, **key).order_by(),
            ("object_repr", "change_message"),
        )
        if own:
            yield type(self)._base_manager.filter(pk=self.pk), tuple(own)

    def _keys_to_forget(self):
        return self.page_keys() if hasattr(self, "page_keys") else set()


def _text_columns(model):
    """Return the names of the columns into which people write."""
    return [
        field.name
        for field in model._meta.concrete_fields
        if isinstance(field, models.CharField | models.TextField)
        and not (field.choices or field.unique or isinstance(field, models.SlugField))
    ]


def _forget_deleted_bytes():
    """Have SQLite overwrite what is deleted from now on on this connection, rather than leave it in free pages."""
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA secure_delete = ON")

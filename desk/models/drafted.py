"""Everything that is edited as a draft: versions checked in the database, revisions kept at explicit moments."""

from django.contrib.contenttypes.fields import GenericRelation
from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import ValidationError
from django.db import IntegrityError, models, transaction
from django.db.models import Case, Exists, F, Max, Q, Subquery, Value, When
from django.utils.translation import gettext_lazy as _

from desk import search
from desk.models.draft import Draft, Revision
from desk.models.link import PrivateLink
from desk.models.scrub import Scrubbing


class Stale(Exception):
    """Somebody saved in the meantime; `theirs` is the draft as it stands now. Nothing was written.

    `was_scrubbed` says that a passage was removed after `version` was opened: what was typed must not be merged.
    """

    def __init__(self, theirs, version=None):
        super().__init__("The draft has changed since it was opened.")
        self.theirs = theirs
        self.was_scrubbed = version is not None and version < theirs.scrubbed_version


class NotReady(Exception):
    """The content may be saved but not published; `problems` says why."""

    def __init__(self, problems):
        super().__init__("; ".join(str(problem.message) for problem in problems))
        self.problems = problems


class Drafted(Scrubbing, models.Model):
    """A row that holds what is live, with one draft beside it and its revisions behind it.

    A subclass names its content document in `document` (see desk.content.Document).
    """

    document = None
    # The condition under which nobody outside has seen the thing: its columns asked once may still change.
    unseen = Q()

    created_at = models.DateTimeField(_("created"))
    created_by = models.ForeignKey(
        "newsroom.User", models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("created by")
    )
    drafts = GenericRelation(Draft)
    revisions = GenericRelation(Revision)
    private_links = GenericRelation(PrivateLink)

    class Meta:
        abstract = True
        default_permissions = ("add", "change", "delete", "view", "publish")

    # Events

    @classmethod
    def begin(cls, content, *, by, at, nonce="", **fields):
        """Create a thing that nobody outside sees, with `content` as its first draft.

        `fields` are columns outside the document, such as the edition. `nonce` names the form that begins it: when
        this person's form has begun something already, that is returned and nothing is written. Raises ValidationError
        for content that cannot be kept at all.
        """
        content = cls.document.clean({**cls.document.blank(), **content})
        thing = cls(created_at=at, created_by=by, **fields)
        try:
            with transaction.atomic():
                thing.document.begin(thing, content)
                thing.save(force_insert=True)
                draft = Draft.objects.create(
                    content_type=thing.content_type, object_id=thing.pk, content=content, updated_by=by, updated_at=at,
                    title=cls.document.title(content), nonce=cls._nonce_of(by, nonce),
                )  # fmt: skip
                search.write(draft, cls.document)
        except IntegrityError:
            known = cls.begun_with(nonce, by=by)
            if known is None:
                raise
            return known
        return thing

    @classmethod
    def begun_with(cls, nonce, *, by):
        """Return what this person's form began, or None."""
        if not nonce:
            return None
        return cls._default_manager.filter(drafts__nonce=cls._nonce_of(by, nonce)).first()

    @staticmethod
    def _nonce_of(by, nonce):
        return f"{by.pk if by else 0}:{nonce}" if nonce else ""

    def save_draft(self, content, *, version, by, at, revision=False, note=""):
        """Keep `content` as the draft when `version` is still the one that stands, and return the draft.

        Readers see nothing of it. With `revision` the moment is kept in the history. Raises Stale when somebody saved
        in the meantime and ValidationError for content that cannot be kept at all.
        """
        content = self.document.clean(content)
        with transaction.atomic():
            draft = self._advance(version, content=content, is_pending=True, updated_by=by, updated_at=at)
            if revision:
                self.keep_revision(Revision.Kind.SAVE, content=content, by=by, at=at, note=note, draft=draft)
                search.write(draft, self.document)
        return draft

    def keep_typing(self, content, *, version, by, at):
        """Keep `content` as the draft without a trace in the history, and return the version that stands now.

        Raises Stale when somebody saved in the meantime and ValidationError for content that cannot be kept at all.
        """
        content = self.document.clean(content)
        self._claim(version, content=content, is_pending=True, updated_by=by, updated_at=at)
        return version + 1

    def place(self, **fields):
        """Set columns that are asked once, such as the edition. Raises ValidationError once others have seen it."""
        if not type(self)._default_manager.filter(self.unseen, pk=self.pk).update(**fields):
            raise ValidationError(_("This can no longer be changed."), code="seen")
        for name, value in fields.items():
            setattr(self, name, value)

    def hand_in(self, *, version, by, at, note=""):
        """Give the draft to the editors."""
        return self._move(Draft.Stage.IN_REVIEW, Revision.Kind.HAND_IN, version, by, at, note)

    def send_back(self, *, version, by, at, note):
        """Return the draft to its writer with a note."""
        return self._move(Draft.Stage.WRITING, Revision.Kind.SEND_BACK, version, by, at, note)

    def mark_ready(self, *, version, by, at, note=""):
        """Declare the draft edited: it may be published."""
        return self._move(Draft.Stage.READY, Revision.Kind.READY, version, by, at, note)

    def restore(self, revision, *, version, by, at):
        """Make the content of an old revision the draft; what readers see stays."""
        content = self.document.clean(revision.content)
        with transaction.atomic():
            draft = self._advance(version, content=content, is_pending=True, updated_by=by, updated_at=at)
            note = str(_("from version %(number)s") % {"number": revision.number})
            self.keep_revision(Revision.Kind.RESTORE, content=content, by=by, at=at, note=note, draft=draft)
            search.write(draft, self.document)
        return draft

    def note_moment(self, note, *, by, at):
        """Put a note on what this person just kept in the history, where it has none of its own."""
        self.revisions.filter(created_by=by, created_at=at, note="").update(note=note[:500])

    def keep_revision(self, kind, *, content, by, at, note="", live_from=None, before=None, draft=None):
        """Freeze `content` in the history under the next number and return the revision.

        A `draft` that this transaction has changed and read again knows the last number: nobody else can take the next.
        """
        last = getattr(draft, "last_number", None)
        if last is None:
            last = self.revisions.aggregate(last=Max("number"))["last"] or 0
        return Revision.objects.create(
            content_type=self.content_type, object_id=self.pk, number=last + 1, content=content, kind=kind,
            note=note[:500], created_by=by, created_at=at, live_from=live_from, before=before,
        )  # fmt: skip

    def _stage_after(self, content, by):
        """Return the stage after somebody saved `content`: what was ready and changed by one who may not publish
        goes back to review.
        """
        if by is not None and by.has_perm(f"{self._meta.app_label}.publish_{self._meta.model_name}"):
            return F("stage")
        was_ready = Q(stage=Draft.Stage.READY) & ~Q(content=content)
        return Case(When(was_ready, then=Value(Draft.Stage.IN_REVIEW)), default=F("stage"))

    def _move(self, stage, kind, version, by, at, note):
        with transaction.atomic():
            draft = self._advance(version, stage=stage, note=note[:500], updated_by=by, updated_at=at)
            self.keep_revision(kind, content=draft.content, by=by, at=at, note=note, draft=draft)
        return draft

    def _advance(self, version, **changes):
        """Change the draft when `version` still stands, else raise Stale; return the draft."""
        self._claim(version, **changes)
        return self.read_draft()

    def _claim(self, version, **changes):
        """Change the draft in one conditional statement, or raise Stale: the one place where drafts are written."""
        if "content" in changes:
            changes["title"] = self.document.title(changes["content"])
            changes["stage"] = self._stage_after(changes["content"], changes["updated_by"])
        rows = Draft.objects.filter(content_type=self.content_type, object_id=self.pk, version=version)
        if not rows.update(version=F("version") + 1, **changes):
            raise Stale(self.read_draft(), version)

    # Questions

    @property
    def content_type(self):
        """The content type of this model."""
        return ContentType.objects.get_for_model(type(self), for_concrete_model=True)

    def read_draft(self):
        """Return the draft; a thing made outside `begin` gets one from its live rows.

        What its content lacks, because it was written before a field was there, has the field's default. It knows the
        `last_number` of the history and whether the thing `was_published` ever.
        """
        history = Revision.objects.filter(content_type=self.content_type, object_id=self.pk).order_by("-number")
        draft = (
            self.drafts.select_related("updated_by")
            .annotate(
                last_number=Subquery(history.values("number")[:1]),
                was_published=Exists(history.filter(kind=Revision.Kind.PUBLISH)),
            )
            .first()
        )
        if draft is not None:
            # A draft saved before a field of the document existed.
            draft.content = {**self.document.blank(), **draft.content}
        if draft is None:
            draft, _made = Draft.objects.get_or_create(
                content_type=self.content_type, object_id=self.pk,
                defaults=self._draft_of_rows(),
            )  # fmt: skip
        draft.content = {**self.document.blank(), **draft.content}
        return draft

    def _draft_of_rows(self):
        content = self.document.read(self)
        return {
            "content": content,
            "title": self.document.title(content),
            "is_pending": False,
            "updated_at": self.created_at,
        }

    def problems(self, content=None):
        """Return what stands between the content (the draft's by default) and publication; see desk.content.Problem."""
        return self.document.problems(self, self.read_draft().content if content is None else content)

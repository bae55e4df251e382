"""Names taken back: one step that changes every byline and photo credit of a person, with a way to undo it."""

import json
import uuid

from django.conf import settings
from django.contrib.admin.models import LogEntry
from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from articles import names
from articles.models import signals
from articles.models.article import Article
from articles.models.person import Person, PersonText
from articles.models.photo import Photo
from articles.slugs import make_slug, public_id
from desk.models import Draft, Revision
from newsroom import pagecache, sealing
from newsroom.models import StaffAction

CREDITS = ("creator", "agency", "copyright")
WORDS = ("name", "slug", "name_state", "name_approved", "title", "bio_html", "portrait_id")


class Undone(Exception):
    """This withdrawal was taken back already."""


class NameWithdrawal(models.Model):
    """That a person's public name was taken back, and from what.

    What stood before is sealed under a key of its own: only undoing and the report read it, and destroying the key
    makes the withdrawal final, in backups too.
    """

    class How(models.TextChoices):
        PSEUDONYM = "pseudonym", _("a pseudonym")
        DESK = "desk", _("the name of the desk")
        NOTHING = "nothing", _("nothing: no name at all")

    person = models.ForeignKey(Person, models.PROTECT, related_name="withdrawals", verbose_name=_("person"))
    how = models.CharField(_("readers see"), max_length=10, choices=How)
    reason = models.CharField(_("reason"), max_length=300, blank=True)
    key_id = models.UUIDField(default=uuid.uuid4, editable=False)
    sealed = models.TextField(editable=False)
    slug_key = models.CharField(max_length=64, db_index=True, editable=False)
    stories = models.PositiveIntegerField(_("stories changed"), default=0)
    photos = models.PositiveIntegerField(_("photo credits changed"), default=0)
    withdrawn_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+", verbose_name=_("who")
    )
    withdrawn_at = models.DateTimeField(_("time"))
    undone_at = models.DateTimeField(_("undone"), null=True, blank=True)

    class Meta:
        ordering = ["-pk"]
        verbose_name = _("withdrawal of a name")
        verbose_name_plural = _("withdrawals of names")
        constraints = [
            models.CheckConstraint(condition=Q(how__in=["pseudonym", "desk", "nothing"]), name="withdrawal_how"),
            models.UniqueConstraint(
                fields=["person"], condition=Q(undone_at__isnull=True), name="withdrawal_one_standing"
            ),
        ]

    def __str__(self):
        return str(_("withdrawal %(number)s") % {"number": self.pk})

    # Events

    @classmethod
    def carry_out(cls, person, how, *, pseudonym="", reason="", by, at):
        """Take a name back everywhere at once and return the withdrawal.

        Raises ValidationError when there is no pseudonym to take, when the reason names the person, or when the name
        is withdrawn already.
        """
        before = cls._as_it_stands(person)
        known = names.of(before)
        pseudonym = " ".join(pseudonym.split())
        if how == cls.How.PSEUDONYM and (not pseudonym or names.mentions(pseudonym, known)):
            raise ValidationError({"pseudonym": _("Write a pseudonym that is not the name.")})
        if names.mentions(reason, known):
            raise ValidationError({"reason": _("The reason must not hold the name: it stays in the records.")})
        if person.withdrawals.filter(undone_at__isnull=True).exists():
            raise ValidationError(_("This name is withdrawn already."))
        key = sealing.new_key()
        with transaction.atomic():
            withdrawal = cls(
                person=person, how=how, reason=reason, key_id=key, withdrawn_by=by, withdrawn_at=at,
                slug_key=slug_key(person.slug), stories=person.bylines.values("article").distinct().count(),
            )  # fmt: skip
            before["photos"] = cls._change_credits(known, cls._credit(how, pseudonym))
            before["lines"] = cls._clear_lines(known, by=by, at=at)
            withdrawal.photos = len(before["photos"])
            withdrawal.sealed = sealing.seal(json.dumps(before), key)
            withdrawal.save(force_insert=True)
            cls._rename(person, how, pseudonym, number=withdrawal.pk)
            person.approve_name(by=by, at=at)
            cls._tell(person, before["photos"], by=by, at=at, action="withdraw name")
        return withdrawal

    def undo(self, *, by, at):
        """Bring the name back as it was; a credit that was changed since stays. Raises Undone, and sealing.Erased."""
        before = self.read_sealed()
        with transaction.atomic():
            if not type(self).objects.filter(pk=self.pk, undone_at__isnull=True).update(undone_at=at):
                raise Undone
            self.undone_at = at
            person = self.person
            for name in WORDS:
                setattr(person, name, before[name])
            person.save()
            Person.objects.filter(pk=person.pk).update(name_approved=before["name_approved"])
            person.texts.all().delete()
            PersonText.objects.bulk_create(PersonText(person=person, **text) for text in before["texts"])
            self._restore_credits(before["photos"])
            for public, line in before["lines"].items():
                Article.objects.filter(public_id=public, byline_text="").update(byline_text=line)
            self._tell(person, before["photos"], by=by, at=at, action="undo withdrawal of name")

    # Questions

    def read_sealed(self):
        """Return what stood before, as a dict. Raises sealing.Erased when the key was destroyed."""
        return json.loads(sealing.unseal(self.sealed, self.key_id))

    def names(self):
        """Return the names that were taken back. Raises sealing.Erased when the key was destroyed."""
        return names.of(self.read_sealed())

    def mentions(self):
        """Return the places where texts still name the person, for a human to look at; see articles.names."""
        return names.find(self.names())

    @classmethod
    def is_gone(cls, slug):
        """Tell whether a person's page stood at this slug until the name was withdrawn."""
        return cls.objects.filter(slug_key=slug_key(slug), undone_at__isnull=True).exists()

    # Parts

    @staticmethod
    def _as_it_stands(person):
        texts = person.texts.values("language", "name", "title", "bio_html")
        return {**{name: getattr(person, name) for name in WORDS}, "texts": list(texts)}

    @classmethod
    def _credit(cls, how, pseudonym):
        from newsroom.editions import default_edition

        return {cls.How.PSEUDONYM: pseudonym, cls.How.DESK: default_edition().title}.get(how, "")

    @classmethod
    def _change_credits(cls, known, credit):
        """Put `credit` in place of the names in the photo credits; a photo that had one is never left without any.

        Returns {public id: {column: [what stood there, what stands there now]}}.
        """
        from newsroom.editions import default_edition

        changed = {}
        wanted = Q(pk__in=[])
        for column in CREDITS:
            wanted |= names.spelled(column, known)
        for photo in Photo.objects.filter(wanted):
            before = {column: getattr(photo, column) for column in CREDITS}
            photo.creator = names.replaced(photo.creator, known, credit)
            photo.agency = names.replaced(photo.agency, known, credit)
            photo.copyright = "" if names.mentions(photo.copyright, known) else photo.copyright
            if not photo.credit and (before["creator"] or before["agency"]):
                photo.creator = default_edition().title
            pairs = {column: [old, getattr(photo, column)] for column, old in before.items()}
            pairs = {column: pair for column, pair in pairs.items() if pair[0] != pair[1]}
            if pairs:
                changed[photo.public_id] = pairs
                photo.save(update_fields=list(pairs))
                cls._make_files_anew(photo)
        return changed

    @staticmethod
    def _restore_credits(changed):
        """Bring back what stood in each credit, where nobody has changed it since."""
        for photo in Photo.objects.filter(public_id__in=changed):
            pairs = changed[photo.public_id].items()
            back = {column: old for column, (old, new) in pairs if getattr(photo, column) == new}
            for column, old in back.items():
                setattr(photo, column, old)
            if back:
                photo.save(update_fields=list(back))
                NameWithdrawal._make_files_anew(photo)

    @staticmethod
    def _make_files_anew(photo):
        """Let the files that hold the credit go, where the setting keeps it in them."""
        if settings.PHOTO_KEEP_CREDIT:
            photo.ask_for_renditions(is_old_kept=False)

    @staticmethod
    def _clear_lines(known, *, by, at):
        """Take away the hand-written byline lines that hold the name, in drafts and versions too.

        Such a line is then made of the roles again. Returns {public id: line} of the live ones.
        """
        kind = ContentType.objects.get_for_model(Article)
        written = Q(content__has_key="byline_text") & ~Q(content__byline_text="")
        kept = [
            rows.filter(written, content_type=kind).values("object_id") for rows in (Draft.objects, Revision.objects)
        ]
        wanted = ~Q(byline_text="") | Q(pk__in=kept[0]) | Q(pk__in=kept[1])
        cleared = {}
        for story in Article.objects.filter(wanted).defer("body_html"):
            story.empty_field("byline_text", lambda line: names.mentions(line, known), by=by, at=at)
            if names.mentions(story.byline_text, known):
                cleared[story.public_id] = story.byline_text
        Article.objects.filter(public_id__in=cleared).update(byline_text="")
        return cleared

    @classmethod
    def _rename(cls, person, how, pseudonym, *, number):
        states = {cls.How.PSEUDONYM: Person.NameState.PSEUDONYM, cls.How.DESK: Person.NameState.DESK}
        person.name = pseudonym or str(_("Name withdrawn (%(number)s)") % {"number": number})
        person.name_state = states.get(how, Person.NameState.WITHHELD)
        person.slug = make_slug(pseudonym, max_length=60) if pseudonym else ""
        person.slug = f"{person.slug}-{public_id()}".strip("-")
        person.title = person.bio_html = ""
        person.portrait = None
        person.save()
        person.texts.all().delete()

    @staticmethod
    def _tell(person, credits, *, by, at, action):
        """Forget the name wherever the admin wrote it down, refresh all pages, and let the other apps know."""
        kind = ContentType.objects.get_for_model(Person)
        LogEntry.objects.filter(content_type=kind, object_id=str(person.pk)).update(object_repr=person.name[:200])
        stories = list(person.bylines.values_list("article_id", flat=True).distinct())
        photos = list(Photo.objects.filter(public_id__in=credits).values_list("pk", flat=True))
        pagecache.take_back("site")
        StaffAction.record(user=by, action=action, thing=person, at=at)
        transaction.on_commit(
            lambda: signals.name_withdrawn.send_robust(
                Person, person=person, stories=stories, photos=photos, by=by, at=at
            )
        )


def slug_key(slug):
    """Return the keyed hash by which a withdrawn address is known; it tells nothing by itself."""
    return sealing.lookup_key(slug, "person-slug")

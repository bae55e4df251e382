"""Newsletters: what readers can sign up for."""

import datetime

from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator, RegexValidator
from django.db import models, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from newsroom import pagecache
from newsroom.editions import edition_url
from newsroom.models import DailyCount

PUBLIC_STATES = ("sending", "paused", "sent")  # of the letters that readers see on the web
RESERVED_SLUGS = {"signup", "confirm", "leave", "api", "settings", "hooks"}

CANDIDATES = 400
DRAFT_LATE = datetime.timedelta(hours=24)
LIST_ID = RegexValidator(
    r"^[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+\Z", _("Letters, digits, hyphens and dots, as in weekly.example.org.")
)


def check_slug(slug):
    """Raise ValidationError when `slug` would hide a page of the signup."""
    if slug in RESERVED_SLUGS:
        raise ValidationError(
            _("“%(slug)s” is an address of the site itself; choose another slug."), params={"slug": slug}
        )


class Variant(models.TextChoices):
    """The forms in which a reader may get the same letter."""

    STANDARD = "standard", _("With its layout")
    TEXT = "text", _("Text only")
    FULL = "full", _("Whole stories in the letter, for when the site is blocked")
    DISCREET = "discreet", _("Discreet: neutral sender and subject")


class Layout(models.TextChoices):
    """What a letter makes of its stories."""

    WORDS = "words", _("Headlines with a summary")
    PICTURES = "pictures", _("With the pictures of the stories")
    BRIEF = "brief", _("Headlines alone")


class Pick(models.TextChoices):
    """Which stories the rule prefers when there are more than it may take."""

    NEWEST = "newest", _("The newest")
    READ = "read", _("The most read")


class Weekday(models.IntegerChoices):
    """The days, as Python counts them."""

    MONDAY = 0, _("Monday")
    TUESDAY = 1, _("Tuesday")
    WEDNESDAY = 2, _("Wednesday")
    THURSDAY = 3, _("Thursday")
    FRIDAY = 4, _("Friday")
    SATURDAY = 5, _("Saturday")
    SUNDAY = 6, _("Sunday")


class NewsletterQuerySet(models.QuerySet):
    """Newsletters for readers."""

    def open(self, edition):
        """Keep those of an edition that readers can sign up for."""
        return self.filter(edition=edition, is_active=True).order_by("position", "name")

    def with_newest(self):
        """Add `newest_number`: the number of the newest letter that the archive shows, or None."""
        issues = self.model._meta.get_field("issues").related_model.objects
        shown = issues.filter(
            newsletter=models.OuterRef("pk"),
            state__in=PUBLIC_STATES,
            newsletter__has_archive=True,
            number__isnull=False,
        )
        newest = shown.order_by("-started_at", "-number").values("number")[:1]
        return self.annotate(newest_number=models.Subquery(newest))


class Newsletter(models.Model):
    """A letter with a name, a promise and a rhythm."""

    edition = models.ForeignKey(
        "newsroom.Edition", models.PROTECT, related_name="newsletters", verbose_name=_("edition")
    )
    slug = models.SlugField(_("slug"), max_length=60, unique=True, validators=[check_slug])
    name = models.CharField(_("name"), max_length=80)
    promise = models.CharField(
        _("promise"), max_length=300, help_text=_("What readers get, and how often: “… every Friday”.")
    )
    rhythm = models.CharField(_("rhythm"), max_length=60, blank=True, help_text=_("“Every Friday”, in a few words."))
    sender_name = models.CharField(_("sender"), max_length=80)
    sender_address = models.EmailField(
        _("sender's address"), blank=True, help_text=_("The site's own address when empty.")
    )
    reply_to = models.EmailField(
        _("address for replies"), blank=True, help_text=_("The edition's contact address when empty.")
    )
    list_id = models.CharField(
        _("List-Id"),
        max_length=120,
        unique=True,
        validators=[LIST_ID],
        help_text=_("Never changes: mail programs sort by it (RFC 2919)."),
    )
    is_active = models.BooleanField(_("open for signup"), default=True)
    has_archive = models.BooleanField(_("public archive"), default=True)
    position = models.PositiveSmallIntegerField(_("position"), default=0)
    first_number = models.PositiveIntegerField(
        _("first number"), default=1, validators=[MinValueValidator(1)],
        help_text=_("The next letter has at least this number: for a newsletter that came out elsewhere before."),
    )  # fmt: skip
    layout = models.CharField(_("layout"), max_length=8, choices=Layout, default=Layout.WORDS, db_default="words")
    rule_section = models.ForeignKey(
        "articles.Section", models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("section")
    )
    rule_topics = models.ManyToManyField("articles.Topic", blank=True, related_name="+", verbose_name=_("topics"))
    rule_most = models.PositiveSmallIntegerField(
        _("at most so many stories"), default=6, db_default=6, validators=[MinValueValidator(1), MaxValueValidator(30)]
    )
    rule_pick = models.CharField(
        _("of these"), max_length=6, choices=Pick, default=Pick.NEWEST, db_default="newest",
        help_text=_("By the daily totals of the site; where nothing is counted, the newest."),
    )  # fmt: skip
    draft_weekday = models.PositiveSmallIntegerField(
        _("a draft begins by itself on"), null=True, blank=True, choices=Weekday,
        help_text=_("With the stories since the last letter; a person still has to approve it."),
    )  # fmt: skip
    draft_hour = models.PositiveSmallIntegerField(
        _("at this hour"), default=18, db_default=18, validators=[MaxValueValidator(23)],
        help_text=_("In the time of the edition."),
    )  # fmt: skip
    drafted_at = models.DateTimeField(null=True, editable=False)
    offers_text = models.BooleanField(_("offer as text only"), default=True, db_default=True)
    offers_full = models.BooleanField(
        _("offer with whole stories"), default=True, db_default=True,
        help_text=_("For readers whose site is blocked. A long letter comes in numbered parts."),
    )  # fmt: skip
    offers_discreet = models.BooleanField(
        _("offer discreetly"),
        default=False,
        db_default=False,
        help_text=_("For readers who must not be seen getting it."),
    )
    discreet_name = models.CharField(
        _("discreet sender"), max_length=80, blank=True, db_default="", help_text=_("“Anna”")
    )
    discreet_address = models.EmailField(
        _("discreet sender's address"),
        blank=True,
        db_default="",
        help_text=_("Best in a domain that does not name you."),
    )
    discreet_subject = models.CharField(_("discreet subject"), max_length=80, blank=True, db_default="")
    discreet_list_id = models.CharField(
        _("discreet List-Id"), max_length=120, blank=True, db_default="", validators=[LIST_ID]
    )

    objects = NewsletterQuerySet.as_manager()

    class Meta:
        ordering = ["edition", "position", "name"]
        verbose_name = _("newsletter")
        verbose_name_plural = _("newsletters")

    def __str__(self):
        return self.name

    def save(self, *args, **kwargs):
        """Store the newsletter and forget the pages with its box."""
        with transaction.atomic():
            super().save(*args, **kwargs)
            pagecache.bump(*self.page_keys())

    def get_absolute_url(self):
        return edition_url(self.edition, "newsletters:archive", self.slug)

    def clean(self):
        """Refuse a discreet form that names nobody."""
        wanted = ("discreet_name", "discreet_subject", "discreet_list_id")
        if self.offers_discreet and not all(getattr(self, name) for name in wanted):
            raise ValidationError({"offers_discreet": _("A discreet letter needs a sender, a subject and a List-Id.")})

    # Events

    def begin_draft(self, *, at, by=None):
        """Begin a letter with the stories that the rule finds, and return it."""
        from newsletters.models.issue import Issue

        stories = self.find_stories(at=at)
        subject = stories[0].headline[:160] if stories else ""
        rows = [{"kind": "article", "article": story.pk} for story in stories]
        return Issue.begin({"subject": subject, "blocks": rows}, by=by, at=at, newsletter=self)

    def draft_when_due(self, *, at):
        """Begin the draft of this week at its hour, once on all machines, and return it; None when it is not due."""
        due = self.draft_due(at)
        if due is None or at - due > DRAFT_LATE or (self.drafted_at and self.drafted_at >= due):
            return None
        with transaction.atomic():
            rows = type(self).objects.filter(pk=self.pk, drafted_at=self.drafted_at)
            return self.begin_draft(at=at) if rows.update(drafted_at=at) else None

    # Questions

    def draft_due(self, at):
        """Return the last moment up to `at` at which a draft should begin, or None."""
        if self.draft_weekday is None:
            return None
        today = at.astimezone(self.edition.zone)
        day = today.date() - datetime.timedelta(days=(today.weekday() - self.draft_weekday) % 7)
        moment = datetime.datetime.combine(day, datetime.time(self.draft_hour), self.edition.zone)
        if moment > at:
            moment = datetime.datetime.combine(
                day - datetime.timedelta(days=7), datetime.time(self.draft_hour), self.edition.zone
            )
        return moment

    def last_issue(self, *, before=None):
        """Return the last letter that went out."""
        sent = self.issues.filter(started_at__isnull=False)
        return (sent.exclude(pk=before.pk) if before is not None else sent).order_by("-started_at").first()

    def find_stories(self, *, at):
        """Return the stories that the rule finds: published since the last letter and not in it.

        The newest come first, or those that were read most since then.
        """
        from articles.models import Article

        last = self.last_issue()
        since = last.started_at if last else at - datetime.timedelta(days=7)
        found = Article.objects.published(at).in_edition(self.edition).newest_first().defer("body_html")
        found = found.filter(first_published_at__gt=since)
        if self.rule_section_id:
            found = found.filter(section=self.rule_section_id)
        topics = list(self.rule_topics.values_list("pk", flat=True)) if self.pk else []
        if topics:
            found = found.filter(topics__in=topics).distinct()
        if last is not None:
            found = found.exclude(pk__in=last.blocks.filter(article__isnull=False).values("article"))
        if self.rule_pick == Pick.READ:
            return self._most_read(found, since=since)
        return list(found[: self.rule_most])

    def _most_read(self, found, *, since):
        candidates = list(found[:CANDIDATES])
        ids = [story.public_id for story in candidates]
        read = DailyCount.objects.totals("story", since=timezone.localdate(since), keys=ids)
        return sorted(candidates, key=lambda story: -read.get(story.public_id, 0))[: self.rule_most]

    def next_number(self):
        """Return the number of the next letter that goes out."""
        last = self.issues.aggregate(last=models.Max("number"))["last"] or 0
        return max(last + 1, self.first_number)

    def newest_url(self):
        """Return the address of the newest letter on the web, or "" (after `with_newest`)."""
        number = self.newest_number
        return edition_url(self.edition, "newsletters:issue", self.slug, number) if number else ""

    def variants(self):
        """Return the forms in which readers may get it, the common one first."""
        offered = {
            Variant.TEXT: self.offers_text,
            Variant.FULL: self.offers_full,
            Variant.DISCREET: self.offers_discreet,
        }
        return [Variant.STANDARD, *(variant for variant, is_offered in offered.items() if is_offered)]

    def page_keys(self):
        """Return the keys of the pages that show this newsletter or its issues."""
        return {f"newsletters:{self.edition_id}", f"newsletter:{self.pk}"}

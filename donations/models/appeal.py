"""Asking: the message to readers, and what it offers."""

import datetime
import re
from collections import Counter

from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.db import models, transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from desk.models import Editorial, EditorialQuerySet
from donations.content import AppealDocument
from donations.money import LARGEST_MINOR, Money
from newsroom import pagecache, registry
from newsroom.editions import edition_url
from newsroom.models import Edition

# A tenth: more than any provider takes, and less than would make the sum a surprise.
LARGEST_FEE = 1000
APPEAL_KEY = re.compile(r"[1-9][0-9]{0,9}")


class AppealQuerySet(EditorialQuerySet):
    """Appeals for readers."""

    def that_asked(self, edition, key, at):
        """Return the appeal whose key a form brought, or the support page's where this edition knows no such appeal.

        An appeal that ended while its page was read has asked all the same.
        """
        if APPEAL_KEY.fullmatch(key):
            asked = self.filter(pk=int(key), edition=edition, published_at__lte=at).first()
            if asked:
                return asked
        return self.running_in(edition, at)

    def running_in(self, edition, at=None, place="on_support"):
        """Return the appeal that asks in a place of an edition now, or None.

        Of several the one with the highest priority; equals are variants of each other and take turns by the day.
        """
        moment = at or timezone.now()
        running = [one for one in _of_edition(edition.pk) if getattr(one, place) and one.is_live(moment)]
        variants = [appeal for appeal in running if appeal.priority == running[0].priority]
        if not variants:
            return None
        day = timezone.localdate(moment, edition.zone)
        return variants[day.toordinal() % len(variants)]

    def next_turn(self, after):
        """Return the next midnight at which variants take turns, or None while nothing rotates."""
        running = Counter(self.published(after).values_list("edition_id", "priority"))
        if not running or max(running.values()) < 2:
            return None
        midnights = []
        for edition in Edition.objects.filter(pk__in={pk for (pk, _priority), count in running.items() if count > 1}):
            tomorrow = timezone.localdate(after, edition.zone) + datetime.timedelta(days=1)
            midnights.append(datetime.datetime.combine(tomorrow, datetime.time(), edition.zone))
        return min(midnights)


def _published_in(edition_pk):
    return list(Appeal.objects.filter(edition=edition_pk, state=Appeal.State.PUBLISHED).order_by("-priority", "pk"))


_of_edition = pagecache.RememberedOf("support", _published_in)


class Appeal(Editorial):
    """A message that asks readers for support; runs from its publication to its expiry."""

    document = AppealDocument()

    edition = models.ForeignKey("newsroom.Edition", models.PROTECT, related_name="appeals", verbose_name=_("edition"))
    name = models.CharField(_("name"), max_length=80, blank=True, help_text=_("For the desk; readers do not see it."))
    headline = models.CharField(_("headline"), max_length=160, blank=True)
    body_html = models.TextField(_("letter"), blank=True)
    signature = models.CharField(_("signature"), max_length=160, blank=True)
    short_line = models.CharField(_("in one line"), max_length=200, blank=True)
    thanks_html = models.TextField(_("thanks"), blank=True)
    priority = models.PositiveSmallIntegerField(_("priority"), default=0)
    at_end = models.BooleanField(_("at the end of stories"), default=True, db_default=True)
    inside = models.BooleanField(_("inside stories"), default=True, db_default=True)
    on_support = models.BooleanField(_("on the support page"), default=True, db_default=True)
    on_strip = models.BooleanField(_("in the strip"), default=True, db_default=True)
    gap_days = models.PositiveSmallIntegerField(_("days between two showings"), default=2, db_default=2)
    most_views = models.PositiveSmallIntegerField(_("showings at most"), default=4, db_default=4)
    window_days = models.PositiveSmallIntegerField(_("within so many days"), default=30, db_default=30)

    objects = AppealQuerySet.as_manager()

    class Meta(Editorial.Meta):
        ordering = ["-pk"]
        verbose_name = _("appeal")
        verbose_name_plural = _("appeals")

    def __str__(self):
        return self.name or self.headline or self.read_draft().title or str(_("Untitled"))

    def get_absolute_url(self):
        return edition_url(self.edition, "donations:support")

    def page_keys(self):
        """Return the key of every page that asks in this edition."""
        return {f"support:{self.edition_id}"}

    @property
    def key(self):
        """What pages and forms call this appeal; it says nothing about who reads."""
        return str(self.pk)

    @property
    def quiet_days(self):
        """How long a browser that has shown this appeal stays quiet: the gap, and so long that the cap holds too."""
        return max(self.gap_days, -(-self.window_days // self.most_views) if self.most_views else 0)


class Offer(models.Model):
    """The amounts offered for one cadence in one currency of an edition."""

    edition = models.ForeignKey("newsroom.Edition", models.CASCADE, related_name="offers", verbose_name=_("edition"))
    currency = models.CharField(
        _("currency"), max_length=3, validators=[RegexValidator(r"^[A-Z]{3}\Z", _("Three capital letters."))]
    )
    cadence = models.CharField(
        _("cadence"), max_length=5, choices=[("once", _("Once")), ("month", _("Monthly")), ("year", _("Annual"))]
    )
    presets_minor = models.JSONField(
        _("amounts"), default=list, help_text=_("In minor units: [500, 1000, 2500] is 5, 10 and 25 euros.")
    )
    default_minor = models.PositiveBigIntegerField(_("chosen at first"))
    minimum_minor = models.PositiveBigIntegerField(_("smallest"))
    maximum_minor = models.PositiveBigIntegerField(_("largest"))
    fee_basis_points = models.PositiveSmallIntegerField(_("fee in hundredths of a percent"), default=0, db_default=0)
    fee_fixed_minor = models.PositiveIntegerField(_("fee of each payment"), default=0, db_default=0)

    class Meta:
        ordering = ["edition", "currency", "cadence"]
        verbose_name = _("offer")
        verbose_name_plural = _("offers")
        constraints = [
            models.UniqueConstraint(fields=["edition", "currency", "cadence"], name="offer_once"),
            models.CheckConstraint(condition=Q(cadence__in=["once", "month", "year"]), name="offer_cadence"),
            models.CheckConstraint(
                condition=Q(minimum_minor__gte=1)
                & Q(default_minor__gte=models.F("minimum_minor"))
                & Q(maximum_minor__gte=models.F("default_minor"))
                & Q(maximum_minor__lte=10**11),
                name="offer_bounds",
            ),
            models.CheckConstraint(condition=Q(fee_basis_points__lte=LARGEST_FEE), name="offer_fee"),
        ]

    def __str__(self):
        return f"{self.edition} {self.currency} {self.cadence}"

    def save(self, *args, **kwargs):
        """Store the offer and forget the pages that name its amounts."""
        with transaction.atomic():
            super().save(*args, **kwargs)
            pagecache.bump(f"support:{self.edition_id}")

    def delete(self, *args, **kwargs):
        """Take the offer back and forget the pages that name its amounts."""
        with transaction.atomic():
            pagecache.bump(f"support:{self.edition_id}")
            return super().delete(*args, **kwargs)

    def clean(self):
        """Raise ValidationError unless all amounts lie between the smallest and the largest one."""
        if not 1 <= self.minimum_minor <= self.maximum_minor <= LARGEST_MINOR:
            raise ValidationError({"minimum_minor": _("The smallest amount lies between nothing and the largest.")})
        if not self.minimum_minor <= self.default_minor <= self.maximum_minor:
            raise ValidationError({"default_minor": _("This lies outside the smallest and the largest amount.")})
        presets = self.presets_minor
        whole = isinstance(presets, list) and all(isinstance(amount, int) and amount is not True for amount in presets)
        if not whole or not 1 <= len(presets) <= 8:
            raise ValidationError({"presets_minor": _("Write one to eight amounts.")})
        if not all(self.minimum_minor <= amount <= self.maximum_minor for amount in presets):
            raise ValidationError({"presets_minor": _("Each lies between the smallest and the largest amount.")})

    @property
    def presets(self):
        """The amounts as Money."""
        return [Money(amount, self.currency) for amount in self.presets_minor]

    @property
    def minimum(self):
        """The smallest amount as Money."""
        return Money(self.minimum_minor, self.currency)

    def cover_for(self, money):
        """Return what must be added to a gift so that all of `money` is left after the provider's fee; maybe nothing.

        Rounded up to the minor unit: the fee is taken of the addition too.
        """
        if not (self.fee_basis_points or self.fee_fixed_minor):
            return Money(0, money.currency)
        whole = -(-(money.minor + self.fee_fixed_minor) * 10_000 // (10_000 - self.fee_basis_points))
        return Money(whole - money.minor, money.currency)

    @property
    def maximum(self):
        """The largest amount as Money."""
        return Money(self.maximum_minor, self.currency)


class AskExclusion(models.Model):
    """A section or a topic whose stories do not ask: obituaries, attacks, stories about ourselves."""

    subject = models.CharField(_("section or topic"), max_length=40, unique=True)
    name = models.CharField(max_length=200, editable=False)

    class Meta:
        ordering = ["name"]
        verbose_name = _("subject without asking")
        verbose_name_plural = _("subjects without asking")

    def __str__(self):
        return self.name or self.subject

    def save(self, *args, **kwargs):
        """Store it and forget the pages that ask."""
        with transaction.atomic():
            super().save(*args, **kwargs)
            _forget_asking()

    def delete(self, *args, **kwargs):
        """Let these stories ask again and forget the pages that did not."""
        with transaction.atomic():
            _forget_asking()
            return super().delete(*args, **kwargs)

    @classmethod
    def forbids(cls, thing):
        """Tell whether the story may not ask because of its section or topics."""
        keys = set().union(*(subjects.of(thing) for subjects in registry.subjects.values()))
        return bool(keys) and not keys.isdisjoint(_excluded(thing.edition_id))


def _subjects_without_asking(_edition_pk):
    return frozenset(AskExclusion.objects.values_list("subject", flat=True))


_excluded = pagecache.RememberedOf("support", _subjects_without_asking)


def _forget_asking():
    pagecache.bump(*(f"support:{pk}" for pk in Edition.objects.values_list("pk", flat=True)))


def _countries():
    return RegexValidator(
        r"^([A-Z]{2}( [A-Z]{2})*)?\Z", _("Two capital letters for each country, with spaces between.")
    )


class SafetyPolicy(models.Model):
    """What an edition tells everybody before they give: who should not, and why. No campaign can switch it off."""

    edition = models.OneToOneField(
        "newsroom.Edition", models.CASCADE, related_name="safety_policy", verbose_name=_("edition")
    )
    notice_title = models.CharField(_("title of the notice"), max_length=120, blank=True)
    notice = models.TextField(
        pgettext_lazy("before giving", "notice"), max_length=2000,
        help_text=_("Stands before every choice of an amount. Let the newsroom's lawyer read it."),
    )  # fmt: skip

    is_strict = models.BooleanField(
        _("safety mode"), default=False, db_default=False,
        help_text=_("Asks where the donor and the card live before any money moves, and refuses the places below."),
    )  # fmt: skip
    territories = models.CharField(
        _("places where giving is dangerous"), max_length=200, blank=True, db_default="", validators=[_countries()],
        help_text=_("Codes of countries: RU BY. Whoever says that a bank or a life is there is not handed over."),
    )  # fmt: skip
    territory_names = models.CharField(
        _("the same places in words"), max_length=200, blank=True, db_default="", help_text=_("Velmara, occupied Orlen")
    )
    quiet_letters = models.BooleanField(
        _("quiet letters"),
        default=False,
        db_default=False,
        help_text=_("Letters to donors name no amount and no cause."),
    )

    class Meta:
        verbose_name = _("safety policy")
        verbose_name_plural = _("safety policies")

    def __str__(self):
        return f"{self.edition}"

    def save(self, *args, **kwargs):
        """Store the notice and forget the pages that show it."""
        with transaction.atomic():
            super().save(*args, **kwargs)
            pagecache.bump(f"support:{self.edition_id}")

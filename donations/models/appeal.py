"""Asking: the message to readers, and what it offers."""

from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.db import models, transaction
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from desk.models import Editorial, EditorialQuerySet
from donations.content import AppealDocument
from donations.money import LARGEST_MINOR, Money
from newsroom import pagecache
from newsroom.editions import edition_url


class AppealQuerySet(EditorialQuerySet):
    """Appeals for readers."""

    def running_in(self, edition, at=None):
        """Return the appeal that asks in an edition now: the highest priority, then the latest; or None."""
        return self.published(at).filter(edition=edition).order_by("-priority", "-published_at").first()


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

    @property
    def maximum(self):
        """The largest amount as Money."""
        return Money(self.maximum_minor, self.currency)


class SafetyPolicy(models.Model):
    """What an edition tells everybody before they give: who should not, and why. No campaign can switch it off."""

    edition = models.OneToOneField(
        "newsroom.Edition", models.CASCADE, related_name="safety_policy", verbose_name=_("edition")
    )
    notice_title = models.CharField(_("title of the notice"), max_length=120, blank=True)
    notice = models.TextField(
        _("notice"), max_length=2000,
        help_text=_("Stands before every choice of an amount. Let the newsroom's lawyer read it."),
    )  # fmt: skip

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

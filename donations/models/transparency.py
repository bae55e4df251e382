"""What an edition tells everybody about its readers' money: how many give, where it goes, how often it asks."""

from django.db import models, transaction
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from donations.models.appeal import SafetyPolicy
from donations.models.gift import Mode
from donations.models.plan import Plan
from newsroom import pagecache

# Fewer are not told: a number that small could be about somebody.
FEWEST = 50


def rounded(number):
    """Return a number rounded down so that one gift more or less cannot be seen; nothing below FEWEST."""
    if number < FEWEST:
        return 0
    step = 10 if number < 1000 else 100
    return number // step * step


class Transparency(models.Model):
    """The block on the support page, shown by an edition that chooses to. The number is written once a day."""

    edition = models.OneToOneField(
        "newsroom.Edition", models.CASCADE, related_name="transparency", verbose_name=_("edition")
    )
    is_shown = models.BooleanField(_("shown on the support page"), default=False, db_default=False)
    spending = models.TextField(
        _("where the money goes"), max_length=2000, blank=True, db_default="",
        help_text=_("In your own words: what a month costs, and what for."),
    )  # fmt: skip
    tells_number = models.BooleanField(
        _("says how many give"), default=False, db_default=False,
        help_text=_("Rounded, counted once a day, from fifty on. Never in safety mode."),
    )  # fmt: skip
    supporters = models.PositiveIntegerField(default=0, db_default=0, editable=False)

    class Meta:
        verbose_name = _("transparency")
        verbose_name_plural = _("transparency")
        constraints = [
            models.CheckConstraint(condition=Q(supporters=0) | Q(supporters__gte=FEWEST), name="transparency_hides_few")
        ]

    def __str__(self):
        return f"{self.edition}"

    def save(self, *args, **kwargs):
        """Store the words and forget the pages that show them."""
        with transaction.atomic():
            super().save(*args, **kwargs)
            pagecache.bump(f"support:{self.edition_id}")

    @classmethod
    def count_all(cls):
        """Count the plans of each edition that tells their number; forget its pages where the number changed."""
        for shown in cls.objects.filter(tells_number=True):
            going_on = Plan.objects.going_on().filter(gift__edition=shown.edition_id, gift__mode=Mode.LIVE)
            number = rounded(going_on.count())
            if number != shown.supporters:
                with transaction.atomic():
                    cls.objects.filter(pk=shown.pk).update(supporters=number)
                    pagecache.bump(f"support:{shown.edition_id}")

    @property
    def number(self):
        """How many give, or 0 where that is not told."""
        if not (self.is_shown and self.tells_number):
            return 0
        is_strict = SafetyPolicy.objects.filter(edition=self.edition_id, is_strict=True).exists()
        return 0 if is_strict else self.supporters

"""Faults on demand: a sandbox that is down or hangs, and notices that are lost, doubled or shuffled."""

from django.db import models
from django.db.models import F
from django.utils.translation import gettext_lazy as _

from donations.providers import base


class SandboxFault(models.Model):
    """One fault that strikes the next few times."""

    class Kind(models.TextChoices):
        DOWN = "down", _("The sandbox is down")
        HANG = "hang", _("It acts, but its answer never comes")
        LOST = "lost", _("Notices are lost")
        TWICE = "twice", _("Notices come twice")
        LATE = "late", _("Notices come late")

    kind = models.CharField(_("fault"), max_length=5, choices=Kind, unique=True)
    left = models.PositiveSmallIntegerField(_("times"), default=0)

    class Meta:
        verbose_name = _("sandbox fault")
        verbose_name_plural = _("sandbox faults")

    def __str__(self):
        return self.get_kind_display()

    @classmethod
    def order(cls, kind, times):
        """Let a fault strike the next `times` times; 0 ends it."""
        cls.objects.update_or_create(kind=kind, defaults={"left": times})

    @classmethod
    def strikes(cls, kind):
        """Tell whether this fault strikes now, and count it."""
        return bool(cls.objects.filter(kind=kind, left__gt=0).update(left=F("left") - 1))


def answer(act):
    """Return what `act()` returns, unless a fault is ordered: then nobody hears of it, or it never happened."""
    if SandboxFault.strikes("down"):
        raise base.ProviderDown("503")
    answer = act()
    if SandboxFault.strikes("hang"):
        raise base.ProviderDown("timeout")
    return answer

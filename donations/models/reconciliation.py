"""Every cent the provider paid us is in the books, and nothing else: compared with the provider's own list."""

import datetime
import logging

from django.db import models
from django.utils.translation import gettext_lazy as _

from donations import providers
from donations.models.books import Journal, JournalLine, effects
from donations.models.gift import Gift, Mode
from donations.models.settlement import settle
from donations.providers.base import BadAnswer, NotFound, ProviderError, UnknownProvider

logger = logging.getLogger(__name__)

AT_ONCE = 400
LOOKS_BACK = datetime.timedelta(days=10)
# Banks dispute payments for up to four months.
LATE_NEWS = datetime.timedelta(days=120)


class ReconRunQuerySet(models.QuerySet):
    """Comparisons by what they say about now."""

    def newest(self):
        """Keep the newest comparison of each provider and account."""
        last = self.order_by().values("mode", "provider", "account").annotate(last=models.Max("pk"))
        return self.filter(pk__in=last.values("last"))


class ReconRun(models.Model):
    """One comparison of our books with a provider's list."""

    class State(models.TextChoices):
        RUNNING = "running", _("Running")
        GREEN = "green", _("Everything agrees")
        RED = "red", _("Something differs")
        FAILED = "failed", _("The provider did not answer")

    mode = models.CharField(max_length=7, choices=Mode)
    provider = models.CharField(max_length=20)
    account = models.CharField(max_length=64)
    since = models.DateTimeField()
    until = models.DateTimeField()
    state = models.CharField(max_length=7, choices=State, default=State.RUNNING)
    compared = models.PositiveIntegerField(default=0)
    started_at = models.DateTimeField()

    objects = ReconRunQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        verbose_name = _("comparison with the provider")
        verbose_name_plural = _("comparisons with the provider")
        permissions = [("compare_books", "Can compare the books with the provider")]

    def __str__(self):
        return f"{self.provider} {self.until:%Y-%m-%d}"

    @classmethod
    def compare_all(cls, *, at):
        """Compare with every provider that takes gifts, or has running plans, open gifts or late news; return the runs.

        One that is switched off while gifts of ours are with it cannot be compared: its run has failed.
        """
        provider, runs = providers.active(), []
        active = (provider.mode, provider.name, provider.account) if provider else None
        for place in sorted(_places_with_business(at) | ({active} if active else set())):
            if place == active:
                runs.append(cls.compare(provider, at=at))
            else:
                runs.append(cls._compare_elsewhere(*place, at=at))
        return [run for run in runs if run is not None]

    @classmethod
    def _compare_elsewhere(cls, mode, name, account, *, at):
        try:
            provider = providers.by_name(name)
        except UnknownProvider:
            provider = None
        if provider is not None and (provider.mode, provider.account) == (mode, account):
            return cls.compare(provider, at=at)
        if mode == Mode.SANDBOX:
            return None
        logger.error("a provider with gifts of ours is switched off", extra={"provider": name})
        return cls.objects.create(
            mode=mode, provider=name, account=account, since=at, until=at, started_at=at, state=cls.State.FAILED
        )

    @classmethod
    def compare(cls, provider, *, at):
        """Compare the last ten days, or all since the last finished run, with the provider's list; return the run.

        What is missing here is fetched and booked, once; every difference is reported with both sides, and no run
        changes what is booked.
        """
        until = provider.clock(at)
        finished = cls.objects.filter(provider=provider.name, account=provider.account, state__in=["green", "red"])
        last = finished.order_by("-until").values_list("until", flat=True).first()
        since = until - LOOKS_BACK
        if last is None:
            since = datetime.datetime(2000, 1, 1, tzinfo=datetime.UTC)
        elif last < until:
            since = min(since, last - datetime.timedelta(days=1))
        run = cls.objects.create(
            mode=provider.mode, provider=provider.name, account=provider.account, since=since, until=until,
            started_at=at,
        )  # fmt: skip
        try:
            run._compare(provider, at=at)
        except ProviderError:
            run.state = cls.State.FAILED
        run.save(update_fields=["state", "compared"])
        return run

    def _compare(self, provider, *, at):
        listed = provider.movements(since=self.since, until=self.until)
        missing = self._missing(listed)
        for movement in missing:
            self._fetch(provider, movement, at=at)
        ours = self._ours(listed)
        for movement in missing:
            if movement_key(movement) in ours:
                self._report("missing_here", movement, is_settled=True)
        for movement in listed:
            self._judge(movement, ours.get(movement_key(movement)))
        theirs = {movement_key(movement) for movement in listed}
        for (kind, ref, currency), minor in self._booked_here().items():
            if (kind, ref) not in theirs and minor:
                self.items.create(kind="missing_there", movement=kind, ref=ref, ours_minor=minor, currency=currency)
        self.compared = len(theirs)
        self.state = self.State.RED if self.items.filter(is_settled=False).exists() else self.State.GREEN

    def _missing(self, listed):
        ours = self._ours(listed)
        return [movement for movement in listed if movement_key(movement) not in ours]

    def _fetch(self, provider, movement, *, at):
        """Book what no notice told us of, by the same way that a notice takes."""
        try:
            settle(provider.fetch(movement.object_kind, movement.object_ref), provider=self.provider, at=at)
        except (NotFound, BadAnswer) as error:
            logger.warning("movement without an object", extra={"why": type(error).__name__})

    def _judge(self, movement, ours):
        """Report a movement that is not here, or not with this amount in this currency."""
        money = movement.money
        if ours is None:
            self._report("missing_here", movement)
        elif money.currency not in ours:
            self._report("currency", movement)
        elif ours != {money.currency: money.minor}:
            self._report("amount", movement, ours_minor=ours[money.currency])

    def _report(self, kind, movement, **fields):
        self.items.create(
            kind=kind, movement=movement.kind, ref=movement.ref, theirs_minor=movement.money.minor,
            currency=movement.money.currency, **fields,
        )  # fmt: skip

    def _lines(self):
        return JournalLine.objects.filter(journal__provider=self.provider, journal__account=self.account)

    def _ours(self, listed):
        """Return {(kind, ref): {currency: minor units}} of the listed movements that are in our books."""
        found, refs = {}, sorted({movement.ref for movement in listed})
        for start in range(0, len(refs), AT_ONCE):
            some = refs[start : start + AT_ONCE]
            here = models.Q(journal__external_ref__in=some) | models.Q(journal__about__external_ref__in=some)
            for (kind, ref, currency), minor in effects(self._lines().filter(here)).items():
                found.setdefault((kind, ref), {})[currency] = minor
        return found

    def _booked_here(self):
        return effects(self._lines().filter(journal__occurred_at__gte=self.since, journal__occurred_at__lt=self.until))


def _places_with_business(at):
    """Return {(mode, provider, account)} where plans run, gifts are open, or money moved lately."""
    place = ("mode", "provider", "account")
    gifts = Gift.objects.filter(
        models.Q(state__in=["ready", "handed_off", "processing"])
        | models.Q(plan__isnull=False) & ~models.Q(plan__state="ended")
    )
    lately = Journal.objects.filter(occurred_at__gte=at - LATE_NEWS)
    return {*gifts.order_by().values_list(*place), *lately.order_by().values_list(*place).distinct()}


def movement_key(movement):
    """Return what a movement is called in both lists."""
    return movement.kind, movement.ref


class ReconItem(models.Model):
    """One difference, with both sides; settled when the run itself could book what was missing."""

    class Kind(models.TextChoices):
        MISSING_HERE = "missing_here", _("Missing in our books")
        MISSING_THERE = "missing_there", _("Missing at the provider")
        AMOUNT = "amount", _("Another amount")
        CURRENCY = "currency", _("Another currency")

    run = models.ForeignKey(ReconRun, models.CASCADE, related_name="items")
    kind = models.CharField(max_length=13, choices=Kind)
    movement = models.CharField(max_length=12)
    ref = models.CharField(max_length=120)
    ours_minor = models.BigIntegerField(null=True)
    theirs_minor = models.BigIntegerField(null=True)
    currency = models.CharField(max_length=3)
    is_settled = models.BooleanField(default=False)

    class Meta:
        ordering = ["id"]

    def __str__(self):
        return f"{self.kind} {self.movement} {self.ref}"

"""Daily totals: how often something was seen on a day, and nothing about who saw it."""

from django.db import models, transaction
from django.db.models import F, Q, Sum


class DailyCountQuerySet(models.QuerySet):
    """Totals of one kind of thing."""

    def totals(self, kind, *, since, until=None, keys=None):
        """Return {key: total} of the days from `since` to `until` (both included; until now by default)."""
        rows = self.filter(kind=kind, day__gte=since)
        rows = rows.filter(day__lte=until) if until else rows
        rows = rows.filter(key__in=keys) if keys is not None else rows
        return dict(rows.values_list("key").annotate(total=Sum("count")))

    def most(self, kind, *, since, count):
        """Return up to `count` keys with the greatest totals since a day, the greatest first."""
        rows = self.filter(kind=kind, day__gte=since).values_list("key").annotate(total=Sum("count"))
        return [key for key, _total in rows.order_by("-total", "key")[:count]]

    def add(self, counts):
        """Add {(kind, key, day): number} to the totals, in one transaction and in one order for every process."""
        rows = [DailyCount(kind=kind, key=key, day=day) for kind, key, day in sorted(counts)]
        with transaction.atomic():
            self.bulk_create(rows, ignore_conflicts=True, batch_size=200)
            for row in rows:
                mine = self.filter(kind=row.kind, key=row.key, day=row.day)
                mine.update(count=F("count") + counts[row.kind, row.key, row.day])


class DailyCount(models.Model):
    """How often the thing `key` of a kind was counted on a day."""

    kind = models.CharField(max_length=32)
    key = models.CharField(max_length=64)
    day = models.DateField()
    count = models.PositiveBigIntegerField(default=0)

    objects = DailyCountQuerySet.as_manager()

    class Meta:
        constraints = [
            # Serves the most read as well: a kind's days in order.
            models.UniqueConstraint(fields=["kind", "day", "key"], name="dailycount_once"),
            models.CheckConstraint(condition=~Q(kind="") & ~Q(key=""), name="dailycount_named"),
        ]

    def __str__(self):
        return f"{self.kind} {self.key} {self.day}: {self.count}"

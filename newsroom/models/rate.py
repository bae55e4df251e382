"""Counters behind the rate limits."""

from django.db import models


class RateCount(models.Model):
    """How often something happened in one window of time. `key` is a keyed hash: it names nobody."""

    key = models.CharField(max_length=64)
    window_at = models.DateTimeField()
    count = models.PositiveIntegerField(default=0)
    expires_at = models.DateTimeField(db_index=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["key", "window_at"], name="ratecount_window")]

    def __str__(self):
        return f"{self.key[:8]} {self.count}"

"""What was last seen of something that is not asked again for every page: a backup, a certificate, an alarm."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Observation(models.Model):
    """What was last noted under a name, and when. It names no person."""

    name = models.CharField(max_length=60, unique=True)
    value = models.JSONField(default=dict)
    at = models.DateTimeField()

    class Meta:
        permissions = [("view_status", _("Can see how the site fares"))]
        default_permissions = ()

    def __str__(self):
        return self.name

    @classmethod
    def note(cls, name, value, *, at):
        """Keep `value` (of JSON) as the last one under `name`."""
        cls.objects.update_or_create(name=name, defaults={"value": value, "at": at})

    @classmethod
    def last(cls, name):
        """Return what was last noted under `name`, or None."""
        return cls.objects.filter(name=name).first()

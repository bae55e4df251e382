"""What came from another system, so that bringing it again makes no double."""

import hashlib

from django.db import models


class Brought(models.Model):
    """That a thing of an export became a row of ours. `key` is a hash: what the export called it is not kept."""

    system = models.CharField(max_length=20)
    kind = models.CharField(max_length=20)
    key = models.CharField(max_length=64)
    object_id = models.BigIntegerField()

    class Meta:
        default_permissions = ()
        constraints = [models.UniqueConstraint(fields=["system", "kind", "key"], name="brought_once")]

    def __str__(self):
        return f"{self.system} {self.kind} {self.object_id}"

    @staticmethod
    def key_of(origin, name):
        """Return the key of a thing: its name within the site that the export came from."""
        return hashlib.sha256(f"{origin}\n{name}".encode()).hexdigest()

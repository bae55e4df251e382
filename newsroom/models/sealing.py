"""The keys under which people's addresses lie sealed."""

import uuid

from django.db import models


class SealingKey(models.Model):
    """The key of one person, itself sealed with the site's key. It lies in a database of its own.

    Destroying the row makes everything sealed with it unreadable, in old backups of the main database too.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    sealed_key = models.BinaryField()
    created_at = models.DateTimeField(auto_now_add=True)

    def __str__(self):
        return str(self.id)

"""The one letter that somebody may ask for instead of giving now: its address is sealed, used once and destroyed."""

import datetime
from smtplib import SMTPException

from django.db import models

from donations import mail
from newsroom import sealing

WAIT = datetime.timedelta(days=30)


class AskReminder(models.Model):
    """One wish to be written to once, a month from now."""

    edition = models.ForeignKey("newsroom.Edition", models.CASCADE, related_name="+")
    key_id = models.UUIDField()
    email_sealed = models.TextField()
    email_key = models.CharField(max_length=64, unique=True, help_text="Keyed hash: one wish for each address.")
    due_at = models.DateTimeField(db_index=True)
    claimed_at = models.DateTimeField(null=True)

    def __str__(self):
        return f"{self.due_at:%Y-%m-%d}"

    @classmethod
    def ask(cls, address, *, edition, at):
        """Keep the address until the letter has left; a second wish of the same address changes nothing."""
        email_key = sealing.lookup_key(address.strip().lower(), "ask reminder")
        if cls.objects.filter(email_key=email_key).exists():
            return
        key_id = sealing.new_key()
        fields = {"edition": edition, "key_id": key_id, "due_at": at + WAIT}
        sealed = sealing.seal(address.strip(), key_id)
        _row, made = cls.objects.get_or_create(email_key=email_key, defaults={**fields, "email_sealed": sealed})
        if not made:
            sealing.destroy_key(key_id)

    def send(self, *, at):
        """Send the letter once and destroy the address; a mail server that is down is tried again later."""
        rows = type(self).objects.filter(pk=self.pk)
        if not rows.filter(claimed_at=None).update(claimed_at=at):
            return
        try:
            mail.reminder(edition=self.edition, to=sealing.unseal(self.email_sealed, self.key_id)).send()
        except (OSError, SMTPException):
            rows.update(claimed_at=None)
            raise
        except sealing.Erased:
            pass
        self.forget()

    def forget(self):
        """Destroy the address."""
        sealing.destroy_key(self.key_id)
        self.delete()

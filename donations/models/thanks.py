"""Saying thanks: the outbox of letters to donors, and receipts without gaps."""

from smtplib import SMTPException

from django.core.exceptions import ObjectDoesNotExist
from django.db import models, transaction
from django.db.models import F
from django.utils.translation import gettext_lazy as _

from donations import mail
from donations.models.gift import Mode
from newsroom import sealing


class Message(models.Model):
    """One letter to a donor, written in the same transaction as its cause and sent after it; each at most once."""

    class State(models.TextChoices):
        QUEUED = "queued", _("Queued")
        SENDING = "sending", _("Being sent")
        SENT = "sent", _("Sent")
        DROPPED = "dropped", _("Dropped")

    kind = models.CharField(max_length=20)
    subject_id = models.CharField(max_length=40)
    sequence = models.PositiveIntegerField(default=1)
    gift = models.ForeignKey("donations.Gift", models.PROTECT, related_name="messages")
    state = models.CharField(max_length=8, choices=State, default=State.QUEUED)
    reason = models.CharField(max_length=80, blank=True)
    tries = models.PositiveSmallIntegerField(default=0)
    created_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["kind", "subject_id", "sequence"], name="message_once")]

    def __str__(self):
        return f"{self.kind} {self.subject_id}"

    @classmethod
    def queue(cls, kind, *, subject_id, gift, at):
        """Write the letter and the task that sends it, once; nothing when nobody left an address."""
        from donations.tasks import send_message

        if gift.donor_id is None:
            return None
        with transaction.atomic():
            message, made = cls.objects.get_or_create(
                kind=kind, subject_id=str(subject_id), sequence=1, defaults={"gift": gift, "created_at": at}
            )
            if made:
                send_message.enqueue(message_id=message.pk)
        return message

    def send(self, *, at):
        """Send the letter unless somebody did or does; a donor who was erased gets none.

        A process that dies in the middle leaves it visibly "being sent"; an error of the mail server queues it again
        and is raised.
        """
        rows = type(self).objects.filter(pk=self.pk)
        if not rows.filter(state=self.State.QUEUED).update(state=self.State.SENDING, tries=F("tries") + 1):
            return False
        try:
            letter = self._letter()
        except (sealing.Erased, ObjectDoesNotExist) as error:
            rows.update(state=self.State.DROPPED, reason=type(error).__name__)
            return False
        try:
            letter.send()
        except (OSError, SMTPException) as error:
            rows.update(state=self.State.QUEUED, reason=type(error).__name__)
            raise
        rows.update(state=self.State.SENT, sent_at=at, reason="")
        return True

    def _letter(self):
        gift = self.gift
        receipt = (
            Receipt.objects.select_related("journal")
            .prefetch_related("journal__lines")
            .get(journal_id=int(self.subject_id))
        )
        return mail.receipt(receipt, gift=gift, plan=getattr(gift, "plan", None), to=gift.donor.identity.read_address())


class ReceiptSeries(models.Model):
    """The last number given out in one mode and year."""

    mode = models.CharField(max_length=7, choices=Mode)
    year = models.PositiveSmallIntegerField()
    last_number = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["mode", "year"], name="receiptseries_once")]

    def __str__(self):
        return f"{self.mode} {self.year}"


class Receipt(models.Model):
    """A numbered receipt for one charge; the numbers of a mode and year have no gaps. Never changed."""

    mode = models.CharField(max_length=7, choices=Mode)
    year = models.PositiveSmallIntegerField()
    number = models.PositiveIntegerField()
    journal = models.OneToOneField("donations.Journal", models.PROTECT, related_name="receipt")
    issued_at = models.DateTimeField()
    voided_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-year", "-number"]
        verbose_name = _("receipt")
        verbose_name_plural = _("receipts")
        constraints = [models.UniqueConstraint(fields=["mode", "year", "number"], name="receipt_number")]

    def __str__(self):
        series = "" if self.mode == Mode.LIVE else f"{self.mode.upper()}-"
        return f"{series}{self.year}-{self.number:05d}"

    @classmethod
    def issue(cls, journal, *, at):
        """Return the receipt of a charge, numbered next in its mode and year; the same one when asked again."""
        with transaction.atomic():
            existing = cls.objects.filter(journal=journal).first()
            if existing:
                return existing
            ReceiptSeries.objects.get_or_create(mode=journal.mode, year=at.year)
            series = ReceiptSeries.objects.filter(mode=journal.mode, year=at.year)
            series.update(last_number=F("last_number") + 1)
            number = series.values_list("last_number", flat=True).get()
            return cls.objects.create(mode=journal.mode, year=at.year, number=number, journal=journal, issued_at=at)

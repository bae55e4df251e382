"""Saying thanks: the outbox of letters to donors, and receipts without gaps."""

from smtplib import SMTPException

from django.core.exceptions import ObjectDoesNotExist
from django.db import models, transaction
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from donations import mail
from donations.models.books import Journal
from donations.models.gift import Mode
from newsroom import sealing
from newsroom.editions import default_edition
from newsroom.models import StaffAction


class LetterText(models.Model):
    """The newsroom's own words in one kind of letter; the facts and the way to stop stand in every letter by itself."""

    class Kind(models.TextChoices):
        RECEIPT = "receipt", _("Receipt")
        REFUND = "refund", _("Refund")
        AFTER_STOP = "after_stop", _("Charged after it was stopped")
        CARD_FAILED = "card_failed", _("Card failed")
        PLAN_ENDED = "plan_ended", _("Gift ended")
        ANNUAL = "annual", _("Before an annual gift")

    edition = models.ForeignKey(
        "newsroom.Edition", models.CASCADE, related_name="letter_texts", verbose_name=_("edition")
    )
    kind = models.CharField(_("letter"), max_length=20, choices=Kind)
    subject = models.CharField(
        _("subject"), max_length=80, blank=True, help_text=_("Neutral words: others may see it on a telephone.")
    )
    opening = models.TextField(
        _("opening"), max_length=2000, blank=True,
        help_text=_("May hold {amount}, {date}, {number} and {title}. Empty: the words that come with the site."),
    )  # fmt: skip
    closing = models.TextField(_("closing"), max_length=2000, blank=True)

    class Meta:
        ordering = ["edition", "kind"]
        verbose_name = _("text of a letter")
        verbose_name_plural = _("texts of letters")
        constraints = [models.UniqueConstraint(fields=["edition", "kind"], name="lettertext_once")]

    def __str__(self):
        return f"{self.get_kind_display()}, {self.edition}"


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
    def queue(cls, kind, *, subject_id, gift, at, sequence=1):
        """Write the letter and the task that sends it, once; nothing when nobody left an address."""
        from donations.tasks import send_message

        if gift.donor_id is None:
            return None
        with transaction.atomic():
            message, made = cls.objects.get_or_create(
                kind=kind, subject_id=str(subject_id), sequence=sequence, defaults={"gift": gift, "created_at": at}
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
        gift, edition = self.gift, self.gift.edition
        policy = getattr(edition, "safety_policy", None)
        letter = mail.Letter(
            gift=gift, plan=getattr(gift, "plan", None), to=gift.donor.identity.read_address(),
            texts=LetterText.objects.filter(edition=edition, kind=self.kind).first(),
            is_quiet=bool(policy and policy.quiet_letters),
        )  # fmt: skip
        if self.kind == "receipt":
            receipts = Receipt.objects.select_related("journal").prefetch_related("journal__lines")
            return mail.receipt(letter, receipts.get(journal_id=int(self.subject_id), voided_at=None))
        if self.kind in {"refund", "after_stop"}:
            journal = Journal.objects.prefetch_related("lines").get(pk=int(self.subject_id))
            return mail.about_money(letter, self.kind, journal)
        return mail.about_plan(letter, self.kind)


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
    """A numbered receipt for one charge; the numbers of a mode and year have no gaps. Voided, never changed."""

    mode = models.CharField(max_length=7, choices=Mode)
    year = models.PositiveSmallIntegerField()
    number = models.PositiveIntegerField()
    journal = models.ForeignKey("donations.Journal", models.PROTECT, related_name="receipts")
    issued_at = models.DateTimeField()
    voided_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-year", "-number"]
        verbose_name = _("receipt")
        verbose_name_plural = _("receipts")
        permissions = [("void_receipt", "Can void and reissue receipts")]
        constraints = [
            models.UniqueConstraint(fields=["mode", "year", "number"], name="receipt_number"),
            models.UniqueConstraint(fields=["journal"], condition=Q(voided_at=None), name="receipt_one_valid"),
        ]

    def __str__(self):
        series = "" if self.mode == Mode.LIVE else f"{self.mode.upper()}-"
        return f"{series}{self.year}-{self.number:05d}"

    @classmethod
    def issue(cls, journal, *, at):
        """Return the valid receipt of a charge, numbered next in its mode and year; the same one when asked again.

        The year is the one in which the edition lives at that moment.
        """
        with transaction.atomic():
            existing = cls.objects.filter(journal=journal, voided_at=None).first()
            if existing:
                return existing
            year = timezone.localdate(at, _edition_of(journal).zone).year
            ReceiptSeries.objects.get_or_create(mode=journal.mode, year=year)
            series = ReceiptSeries.objects.filter(mode=journal.mode, year=year)
            series.update(last_number=F("last_number") + 1)
            number = series.values_list("last_number", flat=True).get()
            return cls.objects.create(mode=journal.mode, year=year, number=number, journal=journal, issued_at=at)

    @property
    def is_first_of_its_gift(self):
        """Whether it proves the first charge of its gift."""
        charges = type(self.journal).objects.filter(gift=self.journal.gift_id, kind=self.journal.kind)
        return not charges.filter(pk__lt=self.journal_id).exists()

    def reissue(self, *, by, reason, at):
        """Void this receipt and issue another for the same charge, once, and send it; return the valid one."""
        if not reason.strip():
            raise ValueError("A receipt is voided for a reason.")
        with transaction.atomic():
            if type(self).objects.filter(pk=self.pk, voided_at=None).update(voided_at=at):
                StaffAction.record(user=by, action="void receipt", thing=self, reason=reason.strip()[:300], at=at)
            valid = type(self).issue(self.journal, at=at)
            if self.journal.gift_id:
                sequence = type(self).objects.filter(journal=self.journal).count()
                gift = self.journal.gift
                Message.queue("receipt", subject_id=self.journal_id, sequence=sequence, gift=gift, at=at)
        return valid


def _edition_of(journal):
    return journal.gift.edition if journal.gift_id else default_edition()

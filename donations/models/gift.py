"""The promise: what a reader chose to give, once or again and again."""

from django.conf import settings
from django.db import IntegrityError, models, transaction
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from donations import providers
from donations.models.donor import DonorIdentity
from donations.models.provider import ProviderCall
from donations.money import Money
from donations.providers.base import HandOver, NotFound, ProviderDown, Refused
from donations.tokens import random_id, return_token, token_hash
from newsroom.models import StaffAction

TERMS_VERSION = "2026-11"


class Mode(models.TextChoices):
    """Whether money really moves. Totals and receipts never mix modes."""

    SANDBOX = "sandbox", _("Sandbox")
    TEST = "test", _("Test")
    LIVE = "live", pgettext_lazy("money", "Live")


class Cadence(models.TextChoices):
    """How often."""

    ONCE = "once", _("Once")
    MONTH = "month", _("Monthly")
    YEAR = "year", _("Annual")


class Gift(models.Model):
    """One promise, made by one form. It holds no address, no name, no network address, no article."""

    class State(models.TextChoices):
        READY = "ready", _("Ready")
        HANDED_OFF = "handed_off", _("Handed over")
        PROCESSING = "processing", _("Processing")
        PAID = "paid", _("Paid")
        FAILED = "failed", _("Failed")
        EXPIRED = "expired", _("Expired")
        CANCELLED = "cancelled", _("Cancelled")
        REFUSED = "refused", _("Refused")

    public_id = models.CharField(max_length=32, unique=True, default=random_id, editable=False)
    nonce = models.CharField(max_length=64, unique=True, help_text="Hash of the form's nonce: one gift per form.")
    return_hash = models.CharField(max_length=64, unique=True, help_text="Hash of the token of the return address.")
    edition = models.ForeignKey("newsroom.Edition", models.PROTECT, related_name="gifts")
    appeal = models.ForeignKey("donations.Appeal", models.SET_NULL, null=True, related_name="gifts")
    donor = models.ForeignKey("donations.Donor", models.SET_NULL, null=True, related_name="gifts")
    cadence = models.CharField(max_length=5, choices=Cadence)
    amount_minor = models.PositiveBigIntegerField()
    fee_cover_minor = models.PositiveBigIntegerField(
        default=0, db_default=0, help_text="What of the amount the donor added for the provider's fee."
    )
    currency = models.CharField(max_length=3)
    state = models.CharField(max_length=10, choices=State, default=State.READY)
    needs_review = models.CharField(max_length=200, blank=True)
    mode = models.CharField(max_length=7, choices=Mode)
    provider = models.CharField(max_length=20)
    account = models.CharField(max_length=64)
    provider_ref = models.CharField(max_length=120, blank=True, help_text="The hand-over's id at the provider.")
    terms_version = models.CharField(max_length=20)
    created_at = models.DateTimeField()
    handed_off_at = models.DateTimeField(null=True)
    paid_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-id"]
        verbose_name = _("gift")
        verbose_name_plural = _("gifts")
        permissions = [("refund_gift", "Can give money back and close reviews")]
        constraints = [
            models.CheckConstraint(condition=Q(amount_minor__gte=1, amount_minor__lte=10**11), name="gift_amount"),
            models.CheckConstraint(
                condition=Q(fee_cover_minor__lt=models.F("amount_minor")), name="gift_is_more_than_its_cover"
            ),
            models.CheckConstraint(condition=Q(cadence__in=Cadence.values), name="gift_cadence"),
            models.CheckConstraint(condition=Q(mode__in=Mode.values), name="gift_mode"),
            models.CheckConstraint(condition=~Q(state="paid") | Q(paid_at__isnull=False), name="gift_paid_has_time"),
            models.UniqueConstraint(
                fields=["provider", "account", "provider_ref"], condition=~Q(provider_ref=""), name="gift_provider_ref"
            ),
        ]
        # Serves the sweeper: what was handed over and never came back.
        indexes = [models.Index(fields=["state", "handed_off_at"], name="gift_waiting")]

    def __str__(self):
        return f"{self.money} {self.cadence}"

    # Events

    @classmethod
    def promise(cls, *, nonce, edition, cadence, money, provider, at, email="", appeal=None, cover_minor=0):
        """Return (the gift of this form, whether it is new). The form's nonce decides: one form is one gift.

        `nonce` is the random part of a FormNonce, `provider` an adapter; `email` is sealed apart and never kept here.
        `cover_minor` is what of `money` was added for the provider's fee.
        """
        existing = cls.objects.filter(nonce=token_hash(nonce)).first()
        if existing:
            return existing, False
        donor = DonorIdentity.for_address(email, language=edition.language, at=at) if email else None
        public_id = random_id()
        try:
            with transaction.atomic():
                gift = cls.objects.create(
                    public_id=public_id, nonce=token_hash(nonce), return_hash=token_hash(return_token(public_id)),
                    edition=edition, appeal=appeal, donor=donor, cadence=cadence, amount_minor=money.minor,
                    fee_cover_minor=cover_minor, currency=money.currency, mode=provider.mode, provider=provider.name,
                    account=provider.account, terms_version=TERMS_VERSION, created_at=at,
                )  # fmt: skip
        except IntegrityError:
            return cls.objects.get(nonce=token_hash(nonce)), False
        return gift, True

    def hand_over(self, *, at):
        """Return the address of the provider's page for this gift; asked again, the same one.

        The call's key is committed before the call and kept for every repetition. Raises ProviderDown, after which the
        gift is still ready and may be handed over again, and Refused, after which it is not.
        """
        provider = providers.by_name(self.provider)
        call = ProviderCall.prepare(self, "hand_over", at=at)
        if call.state == ProviderCall.State.CONFIRMED:
            return call.redirect_url
        if call.state == ProviderCall.State.REJECTED:
            raise Refused(call.error)
        try:
            page = provider.hand_over(self._asked(), key=call.idempotency_key)
        except ProviderDown as error:
            call.remain_unknown(error, at=at)
            raise
        except Refused as error:
            with transaction.atomic():
                call.reject(error, at=at)
                self._move({self.State.READY}, self.State.FAILED)
            raise
        with transaction.atomic():
            call.confirm(page, at=at)
            self.learn_hand_over(page.ref)
            self._move({self.State.READY}, self.State.HANDED_OFF, handed_off_at=at)
        return page.url

    def refresh(self, *, at):
        """Ask the provider how this gift stands and apply the answer. Raises ProviderDown and NotFound."""
        from donations.models.settlement import settle

        if not self.provider_ref:
            raise NotFound("never handed over")
        standing = providers.by_name(self.provider).fetch("session", self.provider_ref)
        outcome = settle(standing, provider=self.provider, at=at)
        self.refresh_from_db()
        return outcome

    def learn_hand_over(self, ref):
        """Keep the provider's id of the hand-over; the first one stays."""
        if type(self).objects.filter(pk=self.pk, provider_ref="").update(provider_ref=ref):
            self.provider_ref = ref

    def give_up(self):
        """Close a gift that never reached the provider."""
        return self._move({self.State.READY}, self.State.EXPIRED)

    def ask_review(self, reason):
        """Put the gift before a person, with one sentence."""
        self.needs_review = reason[:200]
        self.save(update_fields=["needs_review"])

    def close_review(self, *, by, reason, at):
        """Take the gift off the list of those that wait for a look."""
        with transaction.atomic():
            if type(self).objects.filter(pk=self.pk).exclude(needs_review="").update(needs_review=""):
                StaffAction.record(user=by, action="close review", thing=self, reason=reason, at=at)
        self.needs_review = ""

    def _move(self, before, after, **fields):
        moved = type(self).objects.filter(pk=self.pk, state__in=before).update(state=after, **fields)
        if moved:
            self.state = after
            for name, value in fields.items():
                setattr(self, name, value)
        return bool(moved)

    def _asked(self):
        address = settings.HOME_ORIGIN + self.return_path
        return HandOver(
            reference=self.public_id, cadence=self.cadence, money=self.money, language=self.edition.language,
            return_url=address, cancel_url=f"{address}nothing/",
        )  # fmt: skip

    # Questions

    @classmethod
    def of_return(cls, token):
        """Return the gift behind a return address; raises DoesNotExist."""
        return cls.objects.select_related("edition", "appeal").get(return_hash=token_hash(token))

    @classmethod
    def is_known(cls, nonce):
        """Tell whether this form has made its gift already."""
        return cls.objects.filter(nonce=token_hash(nonce)).exists()

    @property
    def return_path(self):
        """The address to which the provider sends the reader back."""
        return self.edition.prefix + reverse("donations:back", args=[return_token(self.public_id)])

    @property
    def money(self):
        """The promised amount."""
        return Money(self.amount_minor, self.currency)

    @property
    def is_waiting(self):
        """Whether the outcome is still open."""
        return self.state in {self.State.READY, self.State.HANDED_OFF, self.State.PROCESSING}

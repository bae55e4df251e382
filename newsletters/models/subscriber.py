"""Readers of letters: a sealed address and its keyed hash, and which letters they want."""

from django.db import IntegrityError, models, transaction
from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext_lazy as _

from newsletters.addresses import email_key, fold_domain, mailbox_key
from newsletters.models.consent import ConfirmLimit, ConfirmRequest, ConsentEvent
from newsletters.models.newsletter import Variant
from newsletters.models.suppression import Suppression
from newsletters.tokens import leave_token, random_id, read_leave_token
from newsroom import ratelimit, sealing


class Subscriber(models.Model):
    """One reader: a random id, a sealed address and its keyed hash. No name, no network address, no account."""

    public_id = models.CharField(max_length=32, unique=True, default=random_id, editable=False)
    key_id = models.UUIDField(help_text="The sealing key; destroying it is erasure.")
    address_sealed = models.TextField()
    email_key = models.CharField(max_length=64, unique=True)
    language = models.CharField(_("language"), max_length=12, blank=True)
    token_epoch = models.PositiveIntegerField(default=1, help_text="Raised to make every link sent so far useless.")
    created_at = models.DateTimeField(_("since"))

    class Meta:
        ordering = ["-id"]
        verbose_name = _("subscriber")
        verbose_name_plural = _("subscribers")
        permissions = [("erase_subscriber", _("Can erase subscribers"))]

    def __str__(self):
        return self.public_id[:8]

    # Events

    @classmethod
    def ask(cls, address, newsletters, *, language, source, wording="", at, mail=True):
        """Take down that somebody wants letters at `address` and write there to have it confirmed.

        It returns nothing, so that no door can tell a new address from one that waits, is confirmed or suppressed. A
        mailbox gets at most one such mail in 24 hours and three in all until one is answered; dots and +tags make no
        new mailbox. With `mail=False` the caller hands the token over by itself. Raises ValueError for no address.
        """
        address, key = fold_domain(address), email_key(address)
        wanted = [newsletter for newsletter in newsletters if newsletter.is_active]
        with transaction.atomic():
            if not wanted or Suppression.objects.in_force().filter(email_key=key).exists():
                return
            have = Subscription.objects.confirmed().filter(subscriber__email_key=key, newsletter__in=wanted)
            missing = set(wanted) - {subscription.newsletter for subscription in have.select_related("newsletter")}
            if not missing or not ConfirmLimit.take(mailbox_key(address), at=at):
                return
            subscriber = cls._find_or_make(address, key, language=language, at=at)
            for newsletter in wanted:
                if newsletter in missing:
                    Subscription.request(subscriber, newsletter, source=source, wording=wording, at=at)
            request = ConfirmRequest.make(subscriber, missing, at=at)
            if mail:
                request.enqueue()

    @classmethod
    def _find_or_make(cls, address, key, *, language, at):
        found = cls.objects.filter(email_key=key).first()
        if found is not None:
            return found
        key_id = sealing.new_key()
        try:
            with transaction.atomic():
                return cls.objects.create(
                    key_id=key_id, address_sealed=sealing.seal(address, key_id), email_key=key, language=language,
                    created_at=at,
                )  # fmt: skip
        except IntegrityError:
            sealing.destroy_key(key_id)
            return cls.objects.get(email_key=key)

    def erase(self, *, at, by=None, never_again=False):
        """Forget the reader for good, in old backups too; letters not yet sent are dropped.

        Of a reader who once said yes a keyed hash stays, so that no import brings the address back; with `never_again`
        no signup does either.
        """
        from newsletters.models.intake import Departure
        from newsroom.models import StaffAction

        sealing.destroy_key(self.key_id)
        with transaction.atomic():
            self.drop_waiting()
            if self.subscriptions.exclude(state=Subscription.State.PENDING).exists():
                Departure.note(self.email_key, at=at)
            if never_again:
                Suppression.impose(self.email_key, Suppression.Reason.REQUEST, at=at)
            if by is not None:
                StaffAction.record(user=by, action="erase", thing=self, at=at)
            self.delete()

    def choose(self, wanted, *, at, language=""):
        """Settle what the reader gets: `wanted` is {newsletter: variant}; whatever is not in it is left.

        Her mailbox is proven, so a newsletter that is new to her needs no further mail.
        """
        with transaction.atomic():
            for subscription in self.subscriptions.confirmed().exclude(newsletter__in=wanted):
                subscription.leave(Subscription.How.PAGE, at=at)
            for newsletter, variant in wanted.items():
                subscription, _made = self.subscriptions.get_or_create(
                    newsletter=newsletter, defaults={"requested_at": at, "source": "settings"}
                )
                subscription.confirm(method="settings", at=at)
                if subscription.variant != variant:
                    subscription.variant = variant
                    subscription.save(update_fields=["variant"])

    def pause(self, *, until, at):
        """Send nothing before `until`; what waits now is dropped. Nothing is left: afterwards letters come again."""
        with transaction.atomic():
            self.subscriptions.confirmed().update(paused_until=until)
            self.drop_waiting()

    def go_on(self, *, at):
        """End a pause."""
        self.subscriptions.filter(paused_until__gt=at).update(paused_until=None)

    def take_over(self, subscription, *, at):
        """Get what the same person got at an address that she gives up."""
        mine, _made = self.subscriptions.get_or_create(
            newsletter=subscription.newsletter, defaults={"requested_at": at, "source": "change"}
        )
        mine.confirm(method="change", at=at)
        type(mine).objects.filter(pk=mine.pk).update(variant=subscription.variant)

    @classmethod
    def ask_for_settings(cls, key, *, at):
        """Write the link to her settings to the reader of this address, at most twice an hour.

        For an address that nobody reads at the same is done, down to a task that finds nobody: time tells nothing.
        """
        from newsletters.tasks import mail_settings_link

        found = cls.objects.filter(email_key=key).values_list("pk", flat=True).first()
        if ratelimit.allow("newsletters.settings", key, limit=2, seconds=3600, at=at):
            mail_settings_link.enqueue(subscriber_id=found or 0)

    def export(self):
        """Return all that is kept about the reader, as plain data."""
        from newsletters.models.consent import ConsentWording

        events = list(ConsentEvent.objects.filter(subscription__subscriber=self))
        wordings = ConsentWording.objects.filter(version__in={event.wording_version for event in events})
        fields = ("newsletter__name", "state", "variant", "source", "requested_at", "confirmed_at", "left_at",
                  "left_how", "paused_until")  # fmt: skip
        sent = ("issue__newsletter__name", "issue__number", "issue__subject", "part", "state", "accepted_at", "reply")
        return {
            "address": self.read_address(), "language": self.language, "since": self.created_at,
            "newsletters": list(self.subscriptions.values(*fields)),
            "consent": [
                {"action": event.action, "at": event.at, "method": event.method, "wording": event.wording_version}
                for event in events
            ],
            "wordings": dict(wordings.values_list("version", "text")),
            "letters": list(self.deliveries.order_by("pk").values(*sent)),
            "suppressions": list(
                Suppression.objects.filter(email_key=self.email_key).values("reason", "created_at", "lifted_at")
            ),
        }  # fmt: skip

    def drop_waiting(self, *, subscriptions=None):
        """Turn this reader's letters that are not out yet into dropped ones and return how many."""
        from newsletters.models.delivery import Delivery

        waiting = Delivery.objects.waiting().filter(subscriber=self)
        if subscriptions is not None:
            waiting = waiting.filter(subscription__in=subscriptions)
        return waiting.update(state=Delivery.State.DROPPED, owner="", lease_until=None, next_try_at=None)

    # Questions

    def read_address(self):
        """Return the address. Raises Erased when its key is gone."""
        return sealing.unseal(self.address_sealed, self.key_id)


class SubscriptionQuerySet(models.QuerySet):
    """Who reads what."""

    def confirmed(self):
        """Keep the readers who said yes and have not left."""
        return self.filter(state="confirmed")

    def receiving(self, newsletter, at):
        """Keep those who get the newsletter at `at`: confirmed, not pausing, not suppressed. The one definition."""
        stopped = Suppression.objects.in_force().filter(email_key=OuterRef("subscriber__email_key"))
        return (
            self.confirmed()
            .filter(Q(paused_until__isnull=True) | Q(paused_until__lte=at), newsletter=newsletter)
            .exclude(Exists(stopped))
        )


class Subscription(models.Model):
    """That a reader wants one newsletter, or wanted it."""

    class State(models.TextChoices):
        PENDING = "pending", _("Not confirmed")
        CONFIRMED = "confirmed", _("Confirmed")
        UNSUBSCRIBED = "unsubscribed", _("Left")

    class How(models.TextChoices):
        ONE_CLICK = "one_click", _("One click in the mail program")
        PAGE = "page", _("Page")
        MAIL = "mail", _("Mail")
        COMPLAINT = "complaint", _("Complaint")
        BOUNCE = "bounce", _("Bounce")
        STAFF = "staff", _("Staff")
        IMPORT = "import", _("Left at the former service")

    subscriber = models.ForeignKey(Subscriber, models.CASCADE, related_name="subscriptions")
    newsletter = models.ForeignKey("newsletters.Newsletter", models.PROTECT, related_name="subscriptions")
    state = models.CharField(_("state"), max_length=12, choices=State, default=State.PENDING)
    source = models.CharField(
        _("source"), max_length=40, blank=True, help_text="The kind of page or the import; never its address."
    )
    variant = models.CharField(_("form"), max_length=8, choices=Variant, db_default="standard", default="standard")
    requested_at = models.DateTimeField(_("requested"))
    confirmed_at = models.DateTimeField(_("confirmed"), null=True)
    left_at = models.DateTimeField(_("left"), null=True)
    left_how = models.CharField(_("how"), max_length=10, choices=How, blank=True)
    paused_until = models.DateTimeField(_("paused until"), null=True)

    objects = SubscriptionQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        verbose_name = _("subscription")
        verbose_name_plural = _("subscriptions")
        constraints = [
            models.UniqueConstraint(fields=["subscriber", "newsletter"], name="subscription_once"),
            models.CheckConstraint(
                condition=Q(state="pending")
                | Q(state="confirmed", confirmed_at__isnull=False)
                | Q(state="unsubscribed", left_at__isnull=False),
                name="subscription_state_has_time",
            ),
        ]
        # Serves the start of an issue: the confirmed readers of a newsletter.
        indexes = [models.Index(fields=["newsletter", "state"], name="subscription_by_state")]

    def __str__(self):
        return f"{self.subscriber_id} → {self.newsletter_id} ({self.state})"

    # Events

    @classmethod
    def request(cls, subscriber, newsletter, *, source, wording, at):
        """Note that the reader asked for the newsletter; one who left stays out until the mail is answered."""
        subscription, made = cls.objects.get_or_create(
            subscriber=subscriber, newsletter=newsletter, defaults={"source": source[:40], "requested_at": at}
        )
        if not made and subscription.state != cls.State.CONFIRMED:
            subscription.requested_at = at
            subscription.save(update_fields=["requested_at"])
        subscription.keep_consent(ConsentEvent.Action.REQUEST, method=source, wording=wording, at=at)
        return subscription

    def confirm(self, *, method, at):
        """Let the reader in, once; a repetition changes nothing."""
        with transaction.atomic():
            rows = type(self).objects.filter(pk=self.pk).exclude(state=self.State.CONFIRMED)
            if rows.update(state=self.State.CONFIRMED, confirmed_at=at, left_at=None, left_how="", paused_until=None):
                self.keep_consent(ConsentEvent.Action.CONFIRM, method=method, at=at)
        self.refresh_from_db()

    def leave(self, how, *, at):
        """Let the reader out at once: what waits for them is dropped in the same transaction. Repeating is harmless."""
        with transaction.atomic():
            rows = type(self).objects.filter(pk=self.pk).exclude(state=self.State.UNSUBSCRIBED)
            if rows.update(state=self.State.UNSUBSCRIBED, left_at=at, left_how=how):
                self.keep_consent(ConsentEvent.Action.LEAVE, method=how, at=at)
            self.subscriber.drop_waiting(subscriptions=[self])
        self.refresh_from_db()

    def keep_consent(self, action, *, method, at, wording=""):
        """Add one line to the reader's consent."""
        ConsentEvent.objects.create(
            subscription=self, action=action, method=method[:20], wording_version=wording[:40], at=at
        )

    # Questions

    @property
    def leave_token(self):
        """The token of the link by which the reader leaves."""
        return leave_token(self.pk)

    @classmethod
    def find_by_token(cls, token):
        """Return (whether the token is ours, the subscription or None when it is erased)."""
        number = read_leave_token(token)
        if number is None:
            return False, None
        return True, cls.objects.select_related("subscriber", "newsletter__edition").filter(pk=number).first()

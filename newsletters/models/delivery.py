"""The outbox of letters: one row per issue and reader, so that each gets it once."""

from collections import Counter

from django.db import connections, models, transaction
from django.db.models import Count, Exists, F, OuterRef, Q, Value
from django.utils.translation import gettext_lazy as _

from newsletters.models.newsletter import Variant

FOLD = 2000
# Asked and written for every single letter: building these with the ORM costs more than the database's answer.
RECHECK = """
    SELECT issue.state, subscription.state, EXISTS (
        SELECT 1 FROM newsletters_suppression suppression
        WHERE suppression.email_key = subscriber.email_key AND suppression.lifted_at IS NULL
    )
    FROM newsletters_delivery delivery
    JOIN newsletters_issue issue ON issue.id = delivery.issue_id
    LEFT JOIN newsletters_subscription subscription ON subscription.id = delivery.subscription_id
    LEFT JOIN newsletters_subscriber subscriber ON subscriber.id = delivery.subscriber_id
    WHERE delivery.id = %s AND delivery.owner = %s AND delivery.state = 'claimed'
"""
SETTLE = """
    UPDATE newsletters_delivery SET state = %s, reply = %s, accepted_at = %s, owner = '', lease_until = NULL
    WHERE id = %s AND owner = %s AND state = 'claimed'
"""


class Rendering(models.Model):
    """One frozen mail of an issue: one of its forms, or one part of a long one.

    It holds placeholders of fixed length for the reader's address and token.

    The bytes go seven days after sending; the hash stays.
    """

    issue = models.ForeignKey("newsletters.Issue", models.PROTECT, related_name="renderings")
    language = models.CharField(max_length=12)
    approval = models.CharField(max_length=64, db_default="", db_index=True)
    variant = models.CharField(max_length=8, choices=Variant, db_default="standard", default="standard")
    part = models.PositiveSmallIntegerField(db_default=1, default=1)
    message = models.BinaryField(null=True)
    sha256 = models.CharField(max_length=64)
    size = models.PositiveIntegerField()
    created_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["issue", "approval", "variant", "part"], name="rendering_once_an_approval")
        ]

    def __str__(self):
        return f"{self.issue_id} {self.sha256[:8]}"


class DeliveryQuerySet(models.QuerySet):
    """Letters by what became of them."""

    def waiting(self):
        """Keep those that are not settled."""
        return self.filter(state__in=["queued", "claimed"])

    def claimable(self, at):
        """Keep those that a worker may take at `at`, in the order of sending."""
        due = Q(next_try_at__isnull=True) | Q(next_try_at__lte=at)
        return self.filter(due, state="queued", issue__state="sending").order_by("issue_id", "id")

    def mine(self, owner):
        """Keep those that this claim still holds."""
        return self.filter(state="claimed", owner=owner)

    def recheck(self, pk, owner):
        """Return (state of the issue, of the subscription, whether suppressed) of a letter still held, else None."""
        with connections[self.db].cursor() as cursor:
            cursor.execute(RECHECK, [pk, owner])
            return cursor.fetchone()

    def settle(self, pk, owner, state, *, reply="", accepted_at=None):
        """Record the end of a letter that this claim still holds and tell whether it did."""
        connection = connections[self.db]
        accepted_at = connection.ops.adapt_datetimefield_value(accepted_at)
        with connection.cursor() as cursor:
            cursor.execute(SETTLE, [str(state), reply[:200], accepted_at, pk, owner])
            return bool(cursor.rowcount)

    def totals(self):
        """Return {state: count} with every state and their sum under "total"; one query."""
        counted = dict(self.order_by().values_list("state").annotate(Count("pk")))
        totals = {state: counted.get(state, 0) for state in Delivery.State.values}
        return {**totals, "total": sum(totals.values())}

    def create_for(self, issue, rendering, subscriptions):
        """Make the missing rows of one rendering in one statement: INSERT … SELECT, leaving those that are there.

        A reader who has the issue in another form already does not get it again.
        """
        others = self.model.objects.filter(issue=issue, subscriber=OuterRef("subscriber_id"))
        others = others.exclude(rendering__approval=rendering.approval, rendering__variant=rendering.variant)
        chosen = subscriptions.exclude(Exists(others)).order_by("pk").values_list(
            Value(issue.pk, output_field=models.BigIntegerField()),
            Value(rendering.pk, output_field=models.BigIntegerField()),
            F("subscriber_id"), F("pk"),
            Value(Delivery.State.QUEUED.value, output_field=models.CharField()),
            Value(0, output_field=models.SmallIntegerField()),
            Value("", output_field=models.CharField()),
            Value("", output_field=models.CharField()),
            Value(rendering.part, output_field=models.SmallIntegerField()),
        )  # fmt: skip
        select, parameters = chosen.query.sql_with_params()
        connection = connections[self.db]
        names = ("issue", "rendering", "subscriber", "subscription", "state", "attempts", "owner", "reply", "part")
        columns = ", ".join(connection.ops.quote_name(Delivery._meta.get_field(name).column) for name in names)
        table = connection.ops.quote_name(Delivery._meta.db_table)
        with connection.cursor() as cursor:
            # Every part of this statement comes from our own models; values travel as parameters.
            cursor.execute(f"INSERT INTO {table} ({columns}) {select} ON CONFLICT DO NOTHING", parameters)
            return cursor.rowcount


class DeliveryTotal(models.Model):
    """How many deliveries of an old issue ended so; their rows are gone, and with them who got it."""

    issue = models.ForeignKey("newsletters.Issue", models.PROTECT, related_name="folded")
    state = models.CharField(max_length=8)
    count = models.PositiveIntegerField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["issue", "state"], name="deliverytotal_once")]

    def __str__(self):
        return f"{self.issue_id} {self.state}: {self.count}"


class Delivery(models.Model):
    """That one reader gets one issue, or one part of a long one: queued when the sending begins, and settled once."""

    class State(models.TextChoices):
        QUEUED = "queued", _("Waiting")
        CLAIMED = "claimed", _("Being sent")
        ACCEPTED = "accepted", _("Accepted by the mail server")
        FAILED = "failed", _("Failed")
        DROPPED = "dropped", _("Left before it was sent")

    issue = models.ForeignKey("newsletters.Issue", models.PROTECT, related_name="deliveries")
    rendering = models.ForeignKey(Rendering, models.PROTECT, null=True, related_name="deliveries")
    subscriber = models.ForeignKey("newsletters.Subscriber", models.SET_NULL, null=True, related_name="deliveries")
    subscription = models.ForeignKey("newsletters.Subscription", models.SET_NULL, null=True, related_name="deliveries")
    part = models.PositiveSmallIntegerField(_("part"), db_default=1, default=1)
    state = models.CharField(_("state"), max_length=8, choices=State, default=State.QUEUED)
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)
    owner = models.CharField(max_length=64, blank=True)
    lease_until = models.DateTimeField(null=True)
    next_try_at = models.DateTimeField(_("next try"), null=True)
    reply = models.CharField(_("reply of the mail server"), max_length=200, blank=True)
    accepted_at = models.DateTimeField(_("accepted"), null=True)

    objects = DeliveryQuerySet.as_manager()

    class Meta:
        verbose_name = _("delivery")
        verbose_name_plural = _("deliveries")
        constraints = [
            models.UniqueConstraint(fields=["issue", "subscriber", "part"], name="delivery_once_a_part"),
            models.CheckConstraint(
                condition=~Q(state="claimed") | Q(lease_until__isnull=False), name="delivery_claim_has_lease"
            ),
        ]
        indexes = [
            # Serves the claim of the next letters in order.
            models.Index(fields=["issue", "id"], condition=Q(state="queued"), name="delivery_queued"),
            # Serves the return of letters whose worker died.
            models.Index(fields=["lease_until"], condition=Q(state="claimed"), name="delivery_claimed"),
        ]

    def __str__(self):
        return f"{self.issue_id}/{self.subscriber_id} {self.state}"

    # Events

    @classmethod
    def fold(cls, issue):
        """Turn the settled rows of an old issue into counts, piece by piece, and return how many.

        Failures stay with their replies, and so does what somebody complained about.
        """
        settled, folded = cls.objects.filter(issue=issue, events__isnull=True), 0
        settled = settled.filter(state__in=[cls.State.ACCEPTED, cls.State.DROPPED]).order_by("pk")
        while piece := dict(settled.values_list("pk", "state")[:FOLD]):
            with transaction.atomic():
                rows = cls.objects.select_for_update().filter(pk__in=piece)
                for state, count in Counter(rows.values_list("state", flat=True)).items():
                    DeliveryTotal.objects.get_or_create(issue=issue, state=state, defaults={"count": 0})
                    DeliveryTotal.objects.filter(issue=issue, state=state).update(count=F("count") + count)
                    folded += count
                rows.delete()
        return folded

"""What newsletters forget, and when."""

import datetime

from django.conf import settings

from newsletters import mailbox
from newsletters.models import (
    AddressChange,
    ConfirmLimit,
    ConfirmRequest,
    Delivery,
    Issue,
    Newsletter,
    ReaderImport,
    Rendering,
    Subscriber,
    Subscription,
)
from newsletters.models.consent import LIFETIME
from newsletters.models.issue import KEEP_BYTES
from newsroom import schedules

KEEP_DELIVERIES = datetime.timedelta(days=60)
KEEP_LISTS = datetime.timedelta(days=7)


@schedules.every(minutes=60, name="newsletters.forget_unconfirmed")
def forget_unconfirmed(*, at):
    """Delete what nobody confirmed within seven days, and the readers of whom nothing else is left."""
    ConfirmRequest.objects.filter(expires_at__lt=at).delete()
    Subscription.objects.filter(state=Subscription.State.PENDING, requested_at__lt=at - LIFETIME).delete()
    alone = Subscriber.objects.filter(subscriptions__isnull=True, created_at__lt=at - LIFETIME)
    for subscriber in alone.iterator():
        subscriber.erase(at=at)
    ConfirmLimit.forget_old(at=at)
    AddressChange.forget_old(at=at)


@schedules.every(minutes=5, name="newsletters.begin_drafts")
def begin_drafts(*, at):
    """Begin the drafts whose hour has come."""
    for newsletter in Newsletter.objects.filter(is_active=True, draft_weekday__isnull=False).select_related("edition"):
        newsletter.draft_when_due(at=at)


@schedules.every(minutes=1, name="newsletters.read_mailbox")
def read_mailbox(*, at):
    """Read the site's own mailbox, when it has one."""
    if settings.MAILBOX_URL:
        mailbox.read_all(settings.MAILBOX_URL, at=at)


@schedules.every(minutes=24 * 60, name="newsletters.fold_deliveries")
def fold_deliveries(*, at):
    """Keep of letters that ended 60 days ago only how many got them, and the failures."""
    for issue in Issue.objects.filter(finished_at__lt=at - KEEP_DELIVERIES).exclude(state=Issue.State.SENDING):
        Delivery.fold(issue)


@schedules.every(minutes=60, name="newsletters.forget_lists")
def forget_lists(*, at):
    """Throw away the lists that somebody brought and did not take in within a week."""
    for bringing in ReaderImport.objects.filter(state="looked", created_at__lt=at - KEEP_LISTS):
        bringing.discard(by=None, at=at)


@schedules.every(minutes=6 * 60, name="newsletters.drop_frozen_bytes")
def drop_frozen_bytes(*, at):
    """Drop the bytes of mails seven days after their sending, and of approvals that were withdrawn; the hashes stay."""
    over = Issue.objects.filter(finished_at__lt=at - KEEP_BYTES)
    kept = Rendering.objects.filter(message__isnull=False)
    kept.filter(issue__in=over).update(message=None)
    old = kept.filter(created_at__lt=at - datetime.timedelta(days=7), issue__state="draft")
    old.update(message=None)

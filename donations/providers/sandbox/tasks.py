"""What the sandbox does after it has answered: its notices, and payments that take a while."""

from django.utils import timezone
from django_tasks import task


@task()
def deliver_notice(*, ref):
    """Deliver a notice, as often as it was ordered; raises when the webhook refuses, and comes again."""
    from donations.providers.sandbox.delivery import deliver
    from donations.providers.sandbox.models import SandboxNotice

    notice = SandboxNotice.objects.filter(ref=ref).first()
    if notice is None or notice.delivered_at:
        return
    for _copy in range(notice.copies):
        deliver(notice)
    SandboxNotice.objects.filter(pk=notice.pk).update(delivered_at=timezone.now())


@task()
def finish_pending(*, ref):
    """Let a pending payment arrive."""
    from donations.providers.sandbox.models import SandboxSession

    session = SandboxSession.objects.filter(ref=ref).first()
    if session:
        session.finish(at=timezone.now())

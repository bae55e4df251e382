"""What the site itself leaves to the worker."""

from django.utils import timezone
from django_tasks import task


@task(priority=-20)
def check_mirror(*, mirror_id):
    """Look whether a mirror answers with today's front page; one that is gone is let go."""
    from newsroom import mirror_check
    from newsroom.models import Mirror

    mirror = Mirror.objects.filter(pk=mirror_id, active=True).first()
    if mirror is not None:
        mirror_check.check(mirror, at=timezone.now())


@task(priority=10)
def purge_proxy(*, keys):
    """Have the proxy before the site forget the pages of these keys; one that does not answer is asked again."""
    from newsroom import proxies

    proxies.forget(keys)

"""A stop of collections rehearsed on 500 plans, with an outage in the middle: how long it takes, and what it proves."""

import datetime
import os
import sys
import tempfile
import time


def main():
    """Return 0 when every plan has ended and nothing is charged afterwards."""
    os.environ.update(
        NEWSROOM_MODE="test", NEWSROOM_DATA=tempfile.mkdtemp(prefix="stop-"), DJANGO_SETTINGS_MODULE="newsroom.settings"
    )
    os.environ.pop("DATABASE_URL", None)
    import django

    django.setup()
    from django.core.management import call_command
    from django.test.utils import setup_test_environment
    from django.utils import timezone

    setup_test_environment()

    for database in ("default", "keys"):
        call_command("migrate", database=database, verbosity=0)
    from donations import jobs
    from donations.models import CollectionStop
    from tests.donations.worlds import SandboxWorld, deliver
    from tests.make import make_user

    world, plans = SandboxWorld(), int(os.environ.get("PLANS", 500))
    for _number in range(plans):
        world.pay(world.gift(cadence="month"))
    deliver(world)
    now = timezone.now()
    stop = CollectionStop.order(
        edition=None, mode="sandbox", ends_at=now, reason="Rehearsal.", by=make_user(username="a"), at=now
    )
    stop.approve(by=make_user(username="b"), at=now)
    start = time.perf_counter()
    world.down(plans // 5)
    for minutes in range(0, 200, 20):
        jobs.sweep(at=now + datetime.timedelta(minutes=minutes))
        stop.refresh_from_db()
        if stop.state == stop.State.DONE:
            break
    seconds = time.perf_counter() - start
    world.renew(2)
    deliver(world)
    line, signature = stop.proof()
    print(f"{line}\nsignature {signature}\n{seconds:.1f} s of work, done after {minutes} simulated minutes")
    return 0 if stop.state == stop.State.DONE and not stop.charged_after().exists() else 1


if __name__ == "__main__":
    sys.exit(main())

"""How many gifts a second go from the promise to the books, as a ratio to the plainest commit in the same run.

    python -m bench.bench_giving [--gifts 300]                    SQLite
    DATABASE_URL=postgres://… python -m bench.bench_giving        PostgreSQL, an empty database

A gift is promised, handed to the sandbox, paid there, and booked from its notices; one process does all of it. The
plainest commit is one row of a counter.
"""

import argparse
import os
import sys
import tempfile
import time
from urllib.parse import urlsplit


def arguments():
    """Return the arguments of the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--gifts", type=int, default=300)
    return parser.parse_args()


def set_up(folder):
    """Make an empty site with its tables in `folder`, unless DATABASE_URL names another database."""
    os.environ |= {"NEWSROOM_MODE": "test", "NEWSROOM_DATA": folder, "DJANGO_SETTINGS_MODULE": "newsroom.settings"}
    import django

    django.setup()
    from django.core.management import call_command

    call_command("migrate", verbosity=0)
    call_command("migrate", "newsroom", database="keys", verbosity=0)


def plain_commits(count):
    """Return how many rows of a counter are committed in a second."""
    from django.utils import timezone

    from newsroom.models import Observation

    began = time.perf_counter()
    for number in range(count):
        Observation.objects.create(name=f"bench {number}", value={}, at=timezone.now())
    return count / (time.perf_counter() - began)


def give(count):
    """Return how many gifts are promised, paid and booked in a second, and how many are in the books."""
    from django.conf import settings
    from django.test import Client
    from django.utils import timezone

    from donations.models import Journal, ProviderEvent
    from donations.providers.sandbox.delivery import deliver
    from donations.providers.sandbox.models import SandboxNotice
    from tests.donations.making import make_gift, make_offers

    edition, client = make_offers(), Client(headers={"host": urlsplit(settings.HOME_ORIGIN).netloc})
    began = time.perf_counter()
    for _number in range(count):
        gift = make_gift(edition=edition)
        client.post(f"/sandbox/pay/{gift.provider_ref}/", {"outcome": "pay"})
        for notice in SandboxNotice.objects.filter(delivered_at=None):
            deliver(notice, by_http=False)
        for event in ProviderEvent.objects.filter(state="stored"):
            event.apply(at=timezone.now())
    return count / (time.perf_counter() - began), Journal.objects.filter(kind="charge").count()


def main():
    """Print the figures."""
    wanted = arguments()
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        set_up(folder)
        plain = plain_commits(1000)
        rate, booked = give(wanted.gifts)
        print(f"plain commits {plain:.0f}/s; gifts {rate:.1f}/s, ratio {rate / plain:.4f}")
        print(f"{booked} of {wanted.gifts} booked")
    return 0


if __name__ == "__main__":
    sys.exit(main())

"""Ten thousand random lives of gifts, told in order and in chaos with crashes: the books must agree to the cent.

`SEQUENCES=500 python -m bench.torture_books` for fewer; `SEED=70000` begins elsewhere.
"""

import os
import sys
import tempfile
import time


def main():
    """Return 0 when every life came out the same and the books agree with the provider's list."""
    folder = tempfile.mkdtemp(prefix="books-")
    os.environ.update(NEWSROOM_MODE="test", NEWSROOM_DATA=folder, DJANGO_SETTINGS_MODULE="newsroom.settings")
    os.environ.pop("DATABASE_URL", None)
    import django

    django.setup()
    from django.core.management import call_command
    from django.utils import timezone

    for database in ("default", "keys"):
        call_command("migrate", database=database, verbosity=0)
    from donations.models import Journal, JournalLine, ReconRun
    from donations.providers.sandbox.adapter import Sandbox
    from tests.donations.making import make_offers
    from tests.donations.sequences import live

    edition, count, first = make_offers(), int(os.environ.get("SEQUENCES", 10_000)), int(os.environ.get("SEED", 0))
    wrong, crashes, start = [], 0, time.perf_counter()
    for number in range(count):
        in_order, in_chaos, died = live(first + number, edition)
        crashes += died
        if in_order != in_chaos:
            wrong.append(first + number)
            print(f"seed {first + number}: {in_order} != {in_chaos}", flush=True)
        if (number + 1) % 500 == 0:
            print(f"{number + 1} lives, {crashes} crashes, {time.perf_counter() - start:.0f} s", flush=True)
    run = ReconRun.compare(Sandbox(), at=timezone.now())
    balance = sum(JournalLine.objects.values_list("amount_minor", flat=True))
    print(f"{count} lives, {Journal.objects.count()} journals, {crashes} crashes, {len(wrong)} differ;")
    print(f"the lines sum to {balance}; compared with the provider: {run.state}, {run.compared} movements.")
    return 1 if wrong or balance or run.state != "green" else 0


if __name__ == "__main__":
    sys.exit(main())

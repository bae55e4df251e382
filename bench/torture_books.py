"""Ten thousand random lives of gifts, told in order and in chaos with crashes: the books must agree to the cent.

What is done is kept in a folder, so that a run that was stopped goes on where it was: the same command again, or
the same with a larger count. `SEQUENCES=500 python -m bench.torture_books` for fewer, `SEED=70000` begins elsewhere,
`TORTURE_DIR=…` names the folder, `AFRESH=1` begins anew.
"""

import json
import logging
import os
import shutil
import sys
import tempfile
import time
from pathlib import Path

from tqdm import tqdm

COUNT, SEED = int(os.environ.get("SEQUENCES", 10_000)), int(os.environ.get("SEED", 0))
FOLDER = Path(os.environ.get("TORTURE_DIR") or Path(tempfile.gettempdir()) / f"torture-books-{SEED}")
NOTES = FOLDER / "done.json"


def begin():
    """Open the folder's databases and return what was done there."""
    if os.environ.get("AFRESH"):
        shutil.rmtree(FOLDER, ignore_errors=True)
    FOLDER.mkdir(parents=True, exist_ok=True)
    os.environ.update(NEWSROOM_MODE="test", NEWSROOM_DATA=str(FOLDER), DJANGO_SETTINGS_MODULE="newsroom.settings")
    os.environ.pop("DATABASE_URL", None)
    import django

    django.setup()
    logging.disable(logging.CRITICAL)  # crashes are the point, and the guard sees many cards fail
    from django.core.management import call_command

    for database in ("default", "keys"):
        call_command("migrate", database=database, verbosity=0)
    fresh = {"seed": SEED, "lives": 0, "crashes": 0, "wrong": [], "seconds": 0}
    done = json.loads(NOTES.read_text()) if NOTES.is_file() else fresh
    if done["seed"] != SEED:
        sys.exit(f"{FOLDER} holds lives from seed {done['seed']}; AFRESH=1 begins anew.")
    return done


def keep(done):
    """Write down what is done, whole or not at all."""
    part = NOTES.with_suffix(".part")
    part.write_text(json.dumps(done))
    part.replace(NOTES)


def live_on(done):
    """Live the lives that are still missing, each noted when it is over."""
    from tests.donations.making import make_offers
    from tests.donations.sequences import live

    edition, already, start = make_offers(), done["seconds"], time.perf_counter()
    with tqdm(total=COUNT, initial=done["lives"], unit="life", mininterval=5) as bar:
        while done["lives"] < COUNT:
            seed = SEED + done["lives"]
            in_order, in_chaos, died = live(seed, edition)
            done["crashes"] += died
            if in_order != in_chaos:
                done["wrong"].append(seed)
                bar.write(f"seed {seed}: {in_order} != {in_chaos}")
            done["lives"] += 1
            done["seconds"] = round(already + time.perf_counter() - start)
            keep(done)
            bar.set_postfix(crashes=done["crashes"], differ=len(done["wrong"]), refresh=False)
            bar.update()


def main():
    """Return 0 when every life came out the same and the books agree with the provider's list."""
    done = begin()
    live_on(done)
    from django.utils import timezone

    from donations.models import Journal, JournalLine, ReconRun
    from donations.providers.sandbox.adapter import Sandbox

    ReconRun.objects.all().delete()  # so that the comparison begins with the first movement, also after a rest
    run = ReconRun.compare(Sandbox(), at=timezone.now())
    balance = sum(JournalLine.objects.values_list("amount_minor", flat=True))
    wrong, journals = done["wrong"], Journal.objects.count()
    print(f"{done['lives']} lives in {done['seconds']} s, {journals} journals, {done['crashes']} crashes;")
    print(f"{len(wrong)} differ {wrong[:20]}; the lines sum to {balance};")
    print(f"compared with the provider: {run.state}, {run.compared} movements.")
    return 1 if wrong or balance or run.state != "green" else 0


if __name__ == "__main__":
    sys.exit(main())

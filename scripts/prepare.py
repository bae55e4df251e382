"""Bring the databases, the demo content and the static files up to date; print the demo logins on standard output.

Progress goes to standard error. Runs in the virtual environment, in one process, so that a second start is quick.
"""

import hashlib
import io
import os
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path[0] = str(ROOT)
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "newsroom.settings")


def note(text):
    """Print one line of progress."""
    print(text, file=sys.stderr, flush=True)


def migrate():
    """Bring both databases to the code's shape."""
    from django.core.management import call_command
    from django.db import connections
    from django.db.migrations.executor import MigrationExecutor

    # One model lives among the keys: the other apps' migrations would change nothing there.
    for alias, apps in (("default", [None]), ("keys", ["newsroom"])):
        executor = MigrationExecutor(connections[alias])
        graph = executor.loader.graph
        if executor.migration_plan([leaf for app in apps for leaf in graph.leaf_nodes(app)]):
            note(f"Bringing the database “{alias}” up to date …")
        call_command("migrate", *filter(None, apps), database=alias, interactive=False, verbosity=0)


def load_demo():
    """Load the demo content into a demo without stories; one that was interrupted goes on."""
    from django.conf import settings
    from django.core.management import call_command

    from articles.models import Article

    begun = settings.DATA_DIR / "demo-unfinished"
    if settings.MODE != "demo" or (Article.objects.exists() and not begun.exists()):
        return
    note("Loading the demo content (once) …")
    begun.touch()
    call_command("loaddemo", stdout=sys.stderr)
    begun.unlink()


def _static_fingerprint():
    from django.contrib.staticfiles import finders

    digest = hashlib.sha256()
    for finder in finders.get_finders():
        for path, storage in finder.list([]):
            status = os.stat(storage.path(path))
            digest.update(f"{path}\0{status.st_size}\0{status.st_mtime_ns}\n".encode())
    return digest.hexdigest()


def collect_static():
    """Hash and compress the static files when one has changed."""
    from django.conf import settings
    from django.core.management import call_command

    stamp, current = Path(settings.STATIC_ROOT) / ".collected", _static_fingerprint()
    if stamp.exists() and stamp.read_text() == current:
        return
    note("Compressing static files (when they changed) …")
    stamp.unlink(missing_ok=True)
    started = time.monotonic()
    call_command("collectstatic", interactive=False, verbosity=0)
    stamp.write_text(current)
    note(f"  done in {time.monotonic() - started:.0f} s")


def demo_logins():
    """Return who can log in, as text."""
    from django.conf import settings
    from django.core.management import call_command

    if settings.MODE != "demo":
        return ""
    text = io.StringIO()
    call_command("demologins", stdout=text)
    return text.getvalue()


def main():
    """Do all of it."""
    import django

    django.setup()
    migrate()
    collect_static()
    load_demo()
    print(demo_logins())


if __name__ == "__main__":
    main()

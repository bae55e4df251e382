"""What runs inside the site of `bench.faults`: `python -m bench.faults_site WORD …`. Each answers a line of JSON."""

import json
import sys
from collections import Counter


def fill(readers):
    """Migrate, and make a title that is read, edited, subscribed to, given to and about to write to its readers."""
    from django.core.management import call_command
    from django.test import Client
    from django.utils import timezone

    from bench.letters_rig import add_readers
    from newsletters.models import Issue
    from tests.donations.making import make_offers
    from tests.make import make_article, make_page, make_person, make_user
    from tests.newsletters.make import make_newsletter

    call_command("migrate", verbosity=0)
    call_command("migrate", "newsroom", database="keys", verbosity=0)
    edition, now = make_offers(), timezone.now()
    edition.postal_address = "1 Quay"
    edition.save()
    stories = [make_article(published=True, headline=f"Story {number}", people=[make_person()]) for number in range(5)]
    typed, user = make_page("notes", published=False, title="Save 0"), make_user("Editor", is_superuser=True)
    newsletter = make_newsletter(slug="week")
    add_readers(newsletter, int(readers), ["reader"], now)
    block = {"kind": "text", "article": None, "headline": "", "text_html": "<p>It rained on the harbour.</p>"}
    content = {"subject": "Week", "preheader": "Rain", "blocks": [block]}
    issue = Issue.begin(content, by=user, at=now, newsletter=newsletter)
    issue.approve(version=issue.read_draft().version, by=user, at=now)
    client = Client()
    client.force_login(user)
    return {
        "paths": ["/", *(story.get_absolute_url() for story in stories)], "page": typed.pk, "user": user.pk,
        "version": typed.read_draft().version, "cookies": {name: value.value for name, value in client.cookies.items()},
    }  # fmt: skip


def start():
    """Let the letter go."""
    from django.utils import timezone

    from newsletters.models import Issue

    issue, now = Issue.objects.get(), timezone.now()
    issue.send_now(by=issue.approved_by, at=now)
    issue.start(at=now)


def hang_payments(times):
    """Let the sandbox act and never answer, the next times."""
    from donations.models import SandboxFault

    SandboxFault.order("hang", int(times))


def count():
    """Return what the site knows: the typed page, who subscribed, what was given, how the letter fares, what waits."""
    from django_tasks_db.models import DBTaskResult

    from articles.models import Page
    from donations.models import Gift, Journal, SandboxNotice
    from newsletters.models import Issue, Subscriber

    draft, issue = Page.objects.get(slug="notes").read_draft(), Issue.objects.get()
    charges = Counter(Journal.objects.filter(kind="charge").values_list("gift__provider_ref", flat=True))
    subscribers = Counter(reader.read_address() for reader in Subscriber.objects.filter(subscriptions__state="pending"))
    return {
        "title": draft.content["title"], "version": draft.version, "charges": dict(charges),
        "gifts": Gift.objects.count(), "subscribers": dict(subscribers), "issue": issue.state, "letter": issue.totals(),
        "notices": SandboxNotice.objects.filter(delivered_at__isnull=True).count(),
        "tasks": DBTaskResult.objects.exclude(status__in=["SUCCESSFUL", "FAILED"]).count(),
        "failed": DBTaskResult.objects.filter(status="FAILED").count(),
    }  # fmt: skip


def worker():
    """Run a worker whose leases are short, as those of a run of minutes must be."""
    import datetime

    from newsletters import sending
    from newsroom.worker import Worker

    sending.LEASE, sending.LEASE_LEFT = datetime.timedelta(seconds=6), datetime.timedelta(seconds=2)
    sending.RETRY_MINUTES = (0.05,)
    loop = Worker()
    loop.listen()
    loop.run()


def main(word, *words):
    """Do one word."""
    import django

    django.setup()
    answer = {one.__name__: one for one in (fill, start, hang_payments, count, worker)}[word](*words)
    print(json.dumps(answer))


if __name__ == "__main__":
    main(*sys.argv[1:])

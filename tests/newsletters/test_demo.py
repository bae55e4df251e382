"""The demo's letters: whole, repeatable, and made by the verbs."""

import re

import pytest

from newsletters import demo
from newsletters.models import ConsentEvent, Delivery, Issue, Newsletter, Subscriber, Subscription, Suppression
from newsroom import demo as site
from newsroom import roles

pytestmark = [pytest.mark.django_db, pytest.mark.once]


class Progress:
    """A progress bar that only counts."""

    total = done = 0

    def reset(self, total):
        self.total, self.done = total, 0

    def update(self, count=1):
        self.done += count


@pytest.fixture
def loaded(monkeypatch):
    monkeypatch.setattr(demo, "READERS", 24)
    roles.update_groups()
    progress = Progress()
    site.load(site.FOLDER, progress)
    demo.load(site.FOLDER, progress)
    return progress


def test_demo_has_newsletters_readers_and_letters_that_add_up(loaded):
    assert loaded.total == loaded.done
    assert Newsletter.objects.count() == 3
    assert Subscriber.objects.count() == 24
    sent = Issue.objects.filter(state="sent")
    assert sent.count() == sum(len(demo.read(file)[1]) for file in (site.FOLDER / "newsletters").glob("*.md"))
    for issue in sent:
        totals = issue.totals()
        assert totals["total"] == totals["accepted"] + totals["failed"] + totals["dropped"]
    assert Issue.objects.filter(state="draft").count() == 3
    assert Suppression.objects.count() == demo.GONE
    assert "pretended" in Delivery.objects.filter(state="accepted").first().reply
    assert ConsentEvent.objects.filter(action="confirm").count() >= 24


def test_loading_again_changes_nothing(loaded):
    def counts():
        return [
            model.objects.count() for model in (Newsletter, Issue, Subscriber, Subscription, Delivery, ConsentEvent)
        ]

    before = counts()
    demo.load(site.FOLDER, Progress())
    assert counts() == before


def test_letters_of_the_demo_fit_into_every_mailbox(loaded):
    from newsletters.models import Rendering

    for rendering in Rendering.objects.all():
        message = bytes(rendering.message)
        assert len(message) < 102_000
        assert max(map(len, message.split(b"\r\n"))) <= 998
        assert not re.search(rb"<img|<script|url\(", message)


def test_files_name_only_stories_that_the_demo_has():
    for file in (site.FOLDER / "newsletters").glob("*.md"):
        header, issues = demo.read(file)
        known = {story.stem for story in (site.FOLDER / "stories" / header["edition"]).glob("*.md")}
        for issue in issues:
            assert set(issue["stories"]) <= known, (file.name, issue["number"])


def test_invented_addresses_belong_to_nobody():
    assert all(re.search(r"@(example\.(org|net|com)|(mail|post)\.example)$", address) for address in demo.addresses())
    assert len(set(demo.addresses())) == demo.READERS

"""Two editors on one story, in any order: no acknowledged word is lost, and what is live is one published revision.

`EXAMPLES` sets how many random stories are played (`make torture` plays 200); a failure names its seed.
"""

import os
import random
import threading
from dataclasses import dataclass, field
from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from articles.models import Article
from desk.models import NotReady, Stale
from desk.models.editorial import TooLate
from tests.make import make_article, make_person, make_section, make_topic, make_user

EXAMPLES = int(os.environ.get("EXAMPLES", "6"))
STEPS = 40
TOPICS = ("Elections", "Harbour", "Strike")
CONTENT_CHANGES = {"save", "autosave", "restore"}
# Autosave keeps no revision; undoing keeps what readers see again, not the draft.
UNTRACED = {"autosave", "undo"}


@dataclass
class Acknowledged:
    """What an editor was told had happened: from the version that was open to the one that stands now."""

    kind: str
    started_from: int
    became: int
    content: dict


@dataclass
class Editor:
    """Somebody with a tab, which may be stale."""

    user: object
    number: int
    choose: random.Random
    people: list
    version: int = 0
    content: dict = field(default_factory=dict)
    acknowledged: list = field(default_factory=list)
    words: int = 0

    def open(self, article):
        """Open the form."""
        draft = article.read_draft()
        self.version, self.content = draft.version, draft.content

    def type(self):
        """Return the content with new words in some of its fields."""
        self.words += 1
        new = f"editor {self.number} word {self.words}"
        typed = {
            "headline": f"Headline {new}",
            "body_html": f"<p>Body {new}</p>",
            "standfirst": f"Standfirst {new}",
            "topics": self.choose.sample(TOPICS, self.choose.randint(1, 3)),
            "bylines": [{"person": person, "role": "reporting"} for person in self.choose.sample(self.people, 1)],
        }
        names = self.choose.sample(sorted(typed), self.choose.randint(1, 3))
        return {**self.content, "slug": "story", **{name: typed[name] for name in names}}

    def act(self, article, kind, at):
        """Do one thing from what the tab shows; note it when it is acknowledged, open again when it is refused."""
        given = {"version": self.version, "by": self.user, "at": at}
        try:
            content, became = getattr(self, f"do_{kind}")(article, given)
        except (Stale, NotReady, TooLate):
            self.open(article)
            return False
        self.acknowledged.append(Acknowledged(kind, self.version, became, content))
        self.version, self.content = became, content
        return True

    def do_save(self, article, given):
        draft = article.save_draft(self.type(), revision=True, **given)
        return draft.content, draft.version

    def do_autosave(self, article, given):
        content = article.document.clean(self.type())
        return content, article.keep_typing(content, **given)

    def do_publish(self, article, given):
        change = self.choose.choice(["typo", "facts"])
        draft = article.publish(change=change, **given)
        return draft.content, draft.version

    def do_schedule(self, article, given):
        draft = article.schedule(when=given["at"] + timedelta(minutes=self.choose.randint(1, 9)), **given)
        return draft.content, draft.version

    def do_withdraw(self, article, given):
        article.withdraw(note="Withdrawn.", **given)
        return self.content, given["version"] + 1

    def do_undo(self, article, given):
        draft = article.undo(**given)
        return draft.content, draft.version

    def do_restore(self, article, given):
        numbers = sorted(article.revisions.values_list("number", flat=True))
        revision = article.revisions.get(number=self.choose.choice(numbers))
        draft = article.restore(revision, **given)
        return draft.content, draft.version

    def do_hand_in(self, article, given):
        draft = article.hand_in(**given)
        return draft.content, draft.version

    def do_send_back(self, article, given):
        draft = article.send_back(note="More.", **given)
        return draft.content, draft.version

    def do_mark_ready(self, article, given):
        draft = article.mark_ready(**given)
        return draft.content, draft.version


KINDS = tuple(name.removeprefix("do_") for name in vars(Editor) if name.startswith("do_"))
LIKELY = ("save", "autosave", "autosave", "publish", *KINDS)


def prepare(at):
    """Return a story that may be published, and the people who may sign it."""
    for name in TOPICS:
        make_topic(name)
    people = [make_person().pk, make_person().pk]
    story = make_article(section=make_section(), slug="story", topics=["Elections"], at=at)
    draft = story.read_draft()
    signed = {**draft.content, "no_byline": False, "bylines": [{"person": people[0], "role": "reporting"}]}
    story.save_draft(signed, version=draft.version, by=None, at=at, revision=True)
    return story, people


def check_live(pk):
    """Assert that what readers see is exactly one published revision."""
    article = Article.objects.get(pk=pk)
    live = list(article.revisions.filter(live_from__isnull=False, live_until__isnull=True))
    assert len(live) == (1 if article.state == "published" else 0), article.state
    if live:
        assert article.document.read(article) == live[0].content


def check_words(pk, first, acknowledged):
    """Assert that every acknowledged text stands in the draft or in the history, or that its successor had seen it."""
    article = Article.objects.get(pk=pk)
    draft = article.read_draft()
    acknowledged = sorted(acknowledged, key=lambda event: event.became)
    versions = [first, *(event.became for event in acknowledged)]
    assert versions == list(range(first, first + len(versions))), "each version was acknowledged once"
    for event in acknowledged:
        assert event.started_from == event.became - 1, f"{event.kind} started from a version it had not seen"
    assert draft.version == versions[-1]
    kept = [revision.content for revision in article.revisions.all()]
    standing = None
    for event in acknowledged:
        if event.kind in CONTENT_CHANGES:
            standing = event.content
        elif standing is not None:
            assert event.content == standing, f"{event.kind} changed the words"
        if event.kind not in UNTRACED:
            assert event.content in kept, f"{event.kind} left no trace in the history"
    assert standing is None or draft.content == standing


def play(seed):
    """Play one random story of two editors and check it after every step."""
    choose = random.Random(seed)
    at = timezone.now()
    story, people = prepare(at)
    first = story.read_draft().version
    editors = [Editor(make_user("Editor"), number, choose, people) for number in (1, 2)]
    for editor in editors:
        editor.open(story)
    for _step in range(STEPS):
        at += timedelta(seconds=choose.choice([1, 5, 70]))
        editor = choose.choice(editors)
        editor.act(Article.objects.get(pk=story.pk), choose.choice(LIKELY), at)
        if choose.random() < 0.3:
            choose.choice(editors).open(story)
        check_live(story.pk)
    events = [event for editor in editors for event in editor.acknowledged]
    check_words(story.pk, first, events)
    return {event.kind for event in events}


@pytest.mark.django_db
def test_no_order_of_two_editors_loses_a_word_or_blurs_what_is_live():
    done = set()
    for seed in range(EXAMPLES):
        try:
            done |= play(seed)
        except AssertionError as error:
            raise AssertionError(f"seed {seed}: {error}") from error
    assert done >= {"save", "autosave", "publish", "restore", "hand_in", "withdraw"}


def hammer(pk, editor, start, faults, *, steps):
    """Act again and again from a thread of its own, as fast as the database lets it."""
    try:
        start.wait()
        for _step in range(steps):
            article = Article.objects.get(pk=pk)
            editor.act(article, editor.choose.choice(LIKELY), timezone.now())
            if editor.choose.random() < 0.3:
                editor.open(Article.objects.get(pk=pk))
    except Exception as error:  # noqa: BLE001 - carried to the test's own thread
        faults.append(error)
    finally:
        connection.close()


@pytest.mark.django_db(transaction=True)
def test_editors_who_press_at_the_same_moment_lose_nothing():
    for seed in range(max(1, EXAMPLES // 6)):
        story, people = prepare(timezone.now())
        first = story.read_draft().version
        editors = [Editor(make_user("Editor"), number, random.Random(seed * 10 + number), people) for number in (1, 2)]
        for editor in editors:
            editor.open(story)
        start, faults = threading.Barrier(len(editors)), []
        threads = [
            threading.Thread(target=hammer, args=(story.pk, editor, start, faults), kwargs={"steps": 25})
            for editor in editors
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert faults == []
        events = [event for editor in editors for event in editor.acknowledged]
        assert all(editor.acknowledged for editor in editors)
        check_words(story.pk, first, events)
        check_live(story.pk)

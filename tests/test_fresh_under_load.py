"""Two server processes under readers' load: after each verb every public address is as if rendered that moment."""

import re

import pytest
from django.db import connections
from django.test import Client
from django.utils import timezone

from articles.models import Front
from newsroom import pagecache, registry
from newsroom.editions import all_editions
from tests.make import make_article, make_front, make_person, make_photo
from tests.newsletters.make import make_newsletter, send_letter
from tests.processes import Readers, Web, environ_of

pytestmark = [pytest.mark.torture, pytest.mark.postgres, pytest.mark.django_db(transaction=True)]
MORE = re.compile(rb'<section class="?more.*?</section>', re.DOTALL)


class Title:
    """A small title in which everything hangs together, and the verbs that change it."""

    def __init__(self):
        self.ada, self.vera = make_person("Ada Bren"), make_person("Vera Holm")
        self.photo = make_photo(creator="First Hand")
        self.story = make_article(
            published=True, headline="The first word", people=[self.ada], photo=self.photo, topics=["Rivers"]
        )
        self.others = [
            make_article(
                published=True, headline=f"Other {number}", people=[self.vera], topics=["Rivers"], photo=self.photo,
                body_html=f'<p>x</p><div data-related="{self.story.public_id}"></div>', section=self.story.section,
            )
            for number in range(3)
        ]  # fmt: skip
        self.front = make_front(lead=[self.others[0]])
        send_letter(make_newsletter(slug="week"), [self.story])
        self.waiting = make_article(headline="Brand new", people=[self.ada], topics=["Rivers"], photo=self.photo)

    def publish(self):
        """Publish a story that waited."""
        self.waiting.publish(version=self.waiting.read_draft().version, by=None, at=timezone.now())

    def correct(self):
        """Correct the first story."""
        draft = self._saved(headline="The corrected word")
        self.story.correct(text="The first word was wrong.", version=draft.version, by=None, at=timezone.now())

    def change_byline(self):
        """Sign the first story with another name."""
        draft = self._saved(bylines=[{"person": self.vera.pk, "role": "reporting"}])
        self.story.publish(version=draft.version, by=None, at=timezone.now(), change="typo")

    def change_front(self):
        """Lead with another story."""
        front = Front.objects.get(pk=self.front.pk)
        draft = front.read_draft()
        content = {**draft.content, "lead": [{"story": self.others[2].pk, "headline": "Leads now"}]}
        draft = front.save_draft(content, version=draft.version, by=None, at=timezone.now())
        front.publish(version=draft.version, by=None, at=timezone.now())

    def change_credit(self):
        """Credit the photo to somebody else."""
        self.photo.refresh_from_db()
        self.photo.creator = "Second Hand"
        self.photo.save()

    def withhold_name(self):
        """Let a name stand nowhere."""
        self.vera.refresh_from_db()
        self.vera.name_state = "withheld"
        self.vera.save()

    def withdraw(self):
        """Withdraw the first story."""
        self.story.refresh_from_db()
        self.story.withdraw(by=None, at=timezone.now(), note="It was wrong.")

    def _saved(self, **fields):
        draft = self.story.read_draft()
        self.story.refresh_from_db()
        return self.story.save_draft({**draft.content, **fields}, version=draft.version, by=None, at=timezone.now())


VERBS = ("publish", "correct", "change_byline", "change_front", "change_credit", "withhold_name", "withdraw")


def addresses():
    return {str(path) for edition in all_editions() for find in registry.public_urls.values() for path in find(edition)}


def cold(paths, host, settings):
    """Return {path: (status, body)} rendered in this process with nothing stored or remembered."""
    kept, settings.PAGE_CACHE_SECONDS = settings.PAGE_CACHE_SECONDS, 0
    pagecache.forget_all()
    client = Client(headers={"host": host})
    found = {path: (answer.status_code, answer.content) for path in paths if (answer := client.get(path))}
    settings.PAGE_CACHE_SECONDS = kept
    return found


def asked(web, paths):
    return {path: (status, body) for path in paths for status, _headers, body in [web.ask(path)]}


def without_more(page):
    """Return a page without “Read more”: which newer stories stand there may wait some minutes (decision 60)."""
    return page[0], MORE.sub(b"", page[1])


@pytest.fixture(params=["memory", pytest.param("redis", marks=pytest.mark.redis)])
def numbers(request, settings):
    """Where the numbers of stored pages live."""
    settings.REDIS_URL = request.getfixturevalue("redis_url") if request.param == "redis" else ""
    pagecache.forget_all()
    yield request.param
    pagecache.forget_all()


@pytest.fixture
def title():
    return Title()


@pytest.fixture
def servers(numbers, title, settings, tmp_path):
    """Two servers of one process each, so that each has a memory of its own."""
    environ, host = environ_of(settings, connections, PAGE_CACHE_SECONDS="3600"), f"localhost:{settings.PORT}"
    pair = [Web(environ, tmp_path, host=host) for _number in range(2)]
    try:
        yield [web.start() for web in pair]
    finally:
        for web in pair:
            web.stop()


def test_every_address_is_fresh_at_the_next_request_after_each_verb_while_readers_load_two_servers(
    servers, title, settings
):
    host = servers[0].host
    paths = addresses() | {title.waiting.get_absolute_url()}
    before = cold(paths, host, settings)
    with Readers(servers, paths) as readers:
        for web in servers:
            asked(web, paths)
            hits = [path for path in paths if web.ask(path)[1].get("X-Page-Cache") == "hit"]
            assert len(hits) > len(paths) * 2 // 3, "little is stored that could be stale"
        for verb in VERBS:
            getattr(title, verb)()
            answers = [asked(web, paths) for web in servers]
            after = cold(paths, host, settings)
            changed = {path for path in paths if after[path] != before[path]}
            assert changed, f"{verb} changed nothing"
            same = without_more if verb == "publish" else tuple
            for found in answers:
                stale = {path for path in paths if same(found[path]) != same(after[path])}
                assert not stale, f"{verb}: old at {sorted(stale)} of {len(changed)} changed"
            if verb == "publish":
                pagecache.bump("site")
            before = after
            paths |= addresses()
            before |= cold(paths - set(before), host, settings)
        assert cold(paths, host, settings) == before, "pages differ by themselves"
        assert cold(paths, host, settings) == before, "pages differ by themselves"
    assert not readers.failures
    assert readers.kinds["hit"] > readers.kinds["miss"], "the load was no load of stored pages"

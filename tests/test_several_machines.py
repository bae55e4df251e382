"""Two web machines and two workers on one PostgreSQL behave as one: each has a disk of its own, but for the media."""

import subprocess
import sys
from collections import Counter

import pytest
from django.conf import settings as django_settings
from django.core.files.storage import default_storage
from django.db import connections
from django.test import Client
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from donations.models import ReconRun
from newsroom import pagecache
from newsroom.models import ScheduleRun, StaffSession
from tests.make import make_article, make_edition, make_photo, make_user
from tests.newsroom.test_proxies import Peer
from tests.processes import ROOT, Web, environ_of, wait_for

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]
BUMPS = 60


@pytest.fixture
def machine(tmp_path, settings):
    """Return a function that makes the environment of one more machine: a disk of its own, the media of all."""

    def make(name, **more):
        disk = tmp_path / name
        disk.mkdir()
        for shared in ("media", "private"):
            (django_settings.DATA_DIR / shared).mkdir(exist_ok=True)
            (disk / shared).symlink_to(django_settings.DATA_DIR / shared)
        return environ_of(settings, connections, **more) | {"NEWSROOM_DATA": str(disk)}

    return make


@pytest.fixture
def webs(machine, settings, tmp_path):
    host = f"localhost:{settings.PORT}"
    pair = [Web(machine(f"web-{number}"), tmp_path, host=host) for number in range(2)]
    try:
        yield [web.start() for web in pair]
    finally:
        for web in pair:
            web.stop()


@pytest.fixture
def workers(machine):
    """Return a function that starts two workers and ends them with the test."""
    running = []

    def start(**more):
        for number in range(2):
            environ = machine(f"worker-{number}", **more)
            running.append(subprocess.Popen([sys.executable, "manage.py", "worker"], cwd=ROOT, env=environ))
        return running

    yield start
    for process in running:
        process.terminate()
    for process in running:
        process.wait(60)


def test_what_happens_on_one_machine_holds_on_the_other_at_the_next_request(webs):
    user, photo = make_user("Editor"), make_photo()
    story = make_article(headline="Harbour reopens", photo=photo)
    cookie = Client()
    cookie.force_login(user)
    session = {"Cookie": f"{django_settings.SESSION_COOKIE_NAME}={cookie.session.session_key}"}
    desk = f"/admin/articles/article/{story.pk}/change/"
    for web in webs:
        assert web.ask(desk, headers=session)[0] == 200
        assert b"Harbour reopens" not in web.ask("/")[2]
        assert web.ask("/")[1]["X-Page-Cache"] == "hit"
    story.publish(version=story.read_draft().version, by=user, at=timezone.now())
    for web in webs:
        status, _headers, body = web.ask(story.get_absolute_url())
        assert (status, b"Harbour reopens" in body) == (200, True)
        assert b"Harbour reopens" in web.ask("/")[2]
        assert web.ask(story.get_absolute_url())[1]["X-Page-Cache"] == "hit"
    assert default_storage.exists(photo.renditions[0]["name"])
    story.withdraw(by=user, at=timezone.now(), note="It was wrong.")
    StaffSession.objects.filter(user=user).end(user, by=user, at=timezone.now(), action="end sessions")
    for web in webs:
        assert web.ask(story.get_absolute_url())[0] == 410
        assert web.ask(desk, headers=session)[0] == 302


def test_two_workers_do_each_piece_of_work_once(workers, settings):
    make_edition()
    peer = Peer()
    settings.PROXY, settings.PROXY_ADDRESS = "varnish", peer.address
    processes = workers(PROXY="varnish", PROXY_ADDRESS=peer.address)
    ours, asked_for = DBTaskResult.objects.filter(task_path="newsroom.tasks.purge_proxy"), set()

    def both_took_part():
        for _number in range(BUMPS):
            asked_for.add(f"article:{len(asked_for)}")
            pagecache.bump(f"article:{len(asked_for) - 1}")
        wait_for(lambda: not ours.exclude(status="SUCCESSFUL").exists(), "all is done")
        return len({worker for (workers,) in ours.values_list("worker_ids") for worker in workers}) == 2

    try:
        wait_for(both_took_part, "both workers take part")
        wait_for(lambda: ScheduleRun.objects.filter(name="donations.reconcile").exists(), "the nightly comparison")
        asked = Counter(headers["X-Ban-Keys"] for _method, _path, headers, _body in peer.asked)
        assert set(asked.values()) == {1}
        assert len(asked) == len(asked_for) == ours.count()
        assert ReconRun.objects.count() <= 1
        assert all(process.poll() is None for process in processes)
    finally:
        peer.stop()

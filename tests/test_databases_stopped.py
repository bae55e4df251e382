"""PostgreSQL and Redis stopped under readers' load: pages that were stored go on, and all heals by itself."""

import os
import subprocess
import sys

import pytest
from django.db import connections

from newsroom import registry
from newsroom.editions import all_editions
from tests.make import make_article, make_person
from tests.newsletters.make import make_newsletter
from tests.processes import ROOT, Readers, Web, environ_of, sign_up, wait_for
from tests.stoppable import Postgres, Redis

pytestmark = [pytest.mark.torture, pytest.mark.postgres, pytest.mark.redis, pytest.mark.django_db(transaction=True)]


class Site:
    """A site of its own: a database, perhaps a Redis, two servers with warm pages, and a worker."""

    def __init__(self, postgres, redis, settings, folder):
        story = make_article(published=True, headline="Stands here", people=[make_person("Ada Bren")])
        self.letter, self.story = make_newsletter(slug="week"), story.get_absolute_url()
        found = {str(path) for edition in all_editions() for find in registry.public_urls.values()
                 for path in find(edition)}  # fmt: skip
        for alias in ("default", "keys"):
            postgres.copy(connections[alias].settings_dict, alias)
        self.postgres, self.redis, self.folder = postgres, redis, folder
        self.environ = environ_of(
            settings, connections, DATABASE_URL=f"{postgres.address}/default", PAGE_CACHE_SECONDS="1",
            KEYS_DATABASE_URL=f"{postgres.address}/keys", REDIS_URL=redis.address if redis else "", DATABASE_POOL="4",
            NEWSROOM_DATA=str(folder / "data"), BEHIND_PROXY="1",
        )  # fmt: skip
        host = f"localhost:{settings.PORT}"
        self.servers = [Web(self.environ, folder, host=host) for _number in range(2)]
        self.paths, self.worker = found, None

    def start(self):
        """Start the processes and let every page be stored; pages that are never stored leave the list of paths."""
        for web in self.servers:
            web.start()
        with (self.folder / "worker.log").open("ab") as log:
            command = [sys.executable, "manage.py", "worker"]
            self.worker = subprocess.Popen(command, cwd=ROOT, env=self.environ, stdout=log, stderr=log)
        for web in self.servers:
            kept = {path for path in self.paths if web.ask(path)[1].get("X-Page-Cache") in {"miss", "hit"}}
            self.paths &= kept
        return self

    def stop(self):
        """End the processes."""
        for web in self.servers:
            web.stop()
        if self.worker is not None:
            self.worker.kill()
            self.worker.wait()

    def kinds(self):
        """Return how each server answers for one page now."""
        return {web.ask(self.story)[1].get("X-Page-Cache") for web in self.servers}

    def sign_up(self):
        """Return the statuses with which both servers take a reader's wish for a letter, by its last step."""
        return {sign_up(web, self.letter.slug) for web in self.servers}

    def is_well(self):
        """Tell whether both servers make pages anew and take what readers write."""
        return self.kinds() <= {"miss", "hit"} and self.sign_up() == {200}

    def log(self):
        """Return what the processes wrote."""
        return "".join(file.read_text(errors="replace") for file in self.folder.glob("*.log"))


@pytest.fixture(params=["redis", *(["memory"] if os.environ.get("TORTURE") else [])])
def site(request, settings, tmp_path):
    with Postgres() as postgres:
        redis = Redis() if request.param == "redis" else None
        if redis:
            redis.start()
        found = Site(postgres, redis, settings, tmp_path)
        try:
            yield found.start()
        finally:
            found.stop()
            if redis:
                redis.__exit__()


def test_no_reader_of_a_stored_page_sees_a_fault_while_databases_stop_and_all_heals_by_itself(site):
    assert len(site.paths) > 10
    assert site.is_well()
    with Readers(site.servers, site.paths) as readers:
        site.postgres.stop()
        wait_for(lambda: site.kinds() == {"stale"}, "stored pages of a site whose database stopped")
        readers.wait_for_more(60)
        assert site.sign_up() == {503}
        site.postgres.start()
        wait_for(site.is_well, "a site that healed after its database came back")

        site.postgres.set_read_only(to=True)
        wait_for(lambda: site.sign_up() == {503}, "a refusal in words while nothing can be written")
        readers.wait_for_more(60)
        site.postgres.set_read_only(to=False)
        wait_for(site.is_well, "a site that writes again")

        with site.postgres.exhausted():
            wait_for(lambda: site.kinds() == {"stale"}, "stored pages of a site without connections")
            readers.wait_for_more(60)
            assert site.sign_up() == {503}
        wait_for(site.is_well, "a site that has connections again")

        if site.redis:
            site.redis.stop()
            readers.wait_for_more(60)
            assert site.is_well()
            site.redis.start()
            wait_for(lambda: "hit" in site.kinds(), "a site that stores pages again")
    assert not readers.failures
    assert readers.kinds["stale"] > 0
    assert "the database is away: readers get stored pages" in site.log()
    assert site.worker.poll() is None
    assert "database unavailable, the worker waits" in site.log()

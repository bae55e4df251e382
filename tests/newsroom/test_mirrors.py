"""Mirrors: the same pages under other addresses, strangers refused, and what a look from outside sees."""

import datetime
import http.server
import threading

import pytest
from django.conf import settings as django_settings
from django.core.cache import cache
from django.core.exceptions import ValidationError
from django.core.management import call_command
from django.urls import reverse
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from newsroom import mirror_check, mirrors, pagecache, registry, roles, tasks, worker
from newsroom.models import Mirror, StaffAction
from tests.articles.pages import Page, foreign
from tests.donations.making import make_appeal, make_offers
from tests.make import make_article, make_edition, make_mirror, make_page, make_photo, make_user
from tests.newsletters.make import make_newsletter

pytestmark = pytest.mark.django_db
HOST = {"host": "lantern-3.example"}
HOME = {"host": django_settings.HOME_ORIGIN.partition("://")[2]}
SHARING = ("https://wa.me/", "https://t.me/", "https://www.facebook.com/")
ONION = "http://" + "a" * 55 + "d.onion"


@pytest.fixture
def site():
    """A story with a photo, a newsletter and an appeal."""
    edition = make_offers(
        make_edition(postal_address="1 Quay", support_title="To our readers", support_text="<p>We live from you.</p>")
    )
    make_newsletter(edition=edition)
    make_appeal(edition)
    make_page("about")
    return make_article(published=True, headline="News", photo=make_photo())


# Who is answered


def test_a_host_that_is_not_listed_is_refused_and_no_page_is_stored_for_it(site, client):
    pagecache.forget_all()
    for path in ("/", "/static/css/site.css", "/admin/", site.get_absolute_url()):
        answer = client.get(path, headers=HOST)
        assert answer.status_code == 421
        assert b"localhost" not in answer.content
    assert not pagecache.store.pages


@pytest.mark.parametrize("name", ["bad host", "a/b", "", "[::1", "ex%41mple", "a:b:c", "lantern-3.example:x"])
def test_a_host_that_is_no_name_is_refused(site, client, name):
    make_mirror()
    assert client.get("/", headers={"host": name}).status_code in {400, 421}


def test_a_mirror_switched_off_is_refused_at_once(site, client, django_capture_on_commit_callbacks):
    mirror = make_mirror()
    assert client.get("/", headers=HOST).status_code == 200
    mirror.active = False
    with django_capture_on_commit_callbacks(execute=True):
        mirror.save()
    assert client.get("/", headers=HOST).status_code == 421
    with django_capture_on_commit_callbacks(execute=True):
        mirror.delete()
    assert mirrors.listed() == ()


@pytest.mark.parametrize("name", ["LANTERN-3.example", "lantern-3.example.", "lantern-3.example:8443"])
def test_a_name_may_be_written_differently(site, client, name):
    make_mirror()
    assert client.get("/", headers={"host": name}).status_code == 200


def test_an_ip_address_can_be_a_mirror(site, client):
    make_mirror("http://203.0.113.7")
    assert client.get("/", headers={"host": "203.0.113.7"}).status_code == 200


# What they answer


@pytest.mark.parametrize("host", ["lantern-3.example", "203.0.113.7"])
def test_a_mirror_answers_with_the_same_pages_and_names_home_as_their_origin(site, client, host):
    make_mirror()
    make_mirror("http://203.0.113.7")
    away = []
    for find in registry.public_urls.values():
        for path in find(site.edition):
            answer = client.get(path, headers={"host": host})
            if "/support/" in path:
                assert answer["Location"] == django_settings.HOME_ORIGIN + path
                continue
            assert answer.status_code == 200, path
            assert answer["X-Robots-Tag"] == "noindex"
            assert not answer.cookies
            assert host not in answer.text.replace("https://lantern-3.example", "").replace("http://203.0.113.7", "")
            if answer["Content-Type"].startswith("text/html") and "Content-Disposition" not in answer.headers:
                page = Page(answer.text)
                assert foreign(page.loaded()) == []
                assert [form for form in page.all("form") if form["action"] != "/search/"] == []
                assert [link["href"] for link in page.all("link", rel="canonical")] in (
                    [],
                    [django_settings.HOME_ORIGIN + path],
                )
                away += [link for link in foreign(page.links()) if not link.startswith(django_settings.HOME_ORIGIN)]
                assert {link for link in foreign(page.links()) if link.startswith(django_settings.HOME_ORIGIN)} <= {
                    django_settings.HOME_ORIGIN + place for place in ("/support/", "/text/support/", "/newsletters/")
                }, path
    shared = {link for link in away if link.startswith(SHARING)}
    assert all(f"{django_settings.HOME_ORIGIN}/".replace(":", "%3A").replace("/", "%2F") in link for link in shared)
    assert set(away) - shared <= {"https://lantern-3.example/", "http://203.0.113.7/"}


def test_stored_pages_of_home_and_of_mirrors_are_never_mixed(site, client, settings):
    make_mirror()
    make_mirror("https://lantern-4.example")
    address, name = site.get_absolute_url(), {"host": "lantern-4.example"}
    first, at_home = client.get(address, headers=HOST), client.get(address, headers=HOME)
    assert "box--support" in at_home.text
    assert "box--newsletter" in at_home.text
    assert "box--" not in first.text
    assert "X-Robots-Tag" not in at_home.headers
    assert client.get(address, headers=HOST).content == first.content
    assert client.get(address, headers=HOME).content == at_home.content
    shared = client.get(address, headers=name)
    assert (shared["X-Page-Cache"], shared.content) == ("hit", first.content), "mirrors share their pages"
    assert client.get(address, headers={"host": HOME["host"].partition(":")[0] + ":1"})["X-Page-Cache"] == "miss"
    assert client.get(address, headers={"host": HOME["host"].partition(":")[0] + ":2"})["X-Page-Cache"] == "hit"


def test_by_a_setting_mirrors_ask_too_and_send_the_reader_home(site, client, settings):
    settings.ASK_ON_MIRRORS = True
    make_mirror()
    page = Page(client.get(site.get_absolute_url(), headers=HOST).text)
    assert page.all("form") == []
    assert {django_settings.HOME_ORIGIN + "/support/", django_settings.HOME_ORIGIN + "/newsletters/"} <= set(
        page.links()
    )


def test_an_http_mirror_is_not_sent_to_https_and_an_https_one_is(site, client, settings):
    settings.SECURE_SSL_REDIRECT = True
    make_mirror()
    make_mirror(ONION)
    assert client.get("/", headers=HOST)["Location"] == "https://lantern-3.example/"
    assert client.get("/", headers={"host": ONION[7:]}).status_code == 200


# What a row may say


@pytest.mark.parametrize(
    "address",
    [
        "", "lantern", "ftp://a.example", "https://", "https://u:p@a.example", "https://a.example/?x=1", "javascript:1",
        "https://a.example/#x", "https://a b", "https://[::1", "https://a..example", "https://a.example:99999",
        "https://пример.example", "https://a\x00.example", "x" * 300, "http://localhost:1", "https://a.example:0",
    ],
)  # fmt: skip
def test_what_is_no_address_is_refused(address):
    with pytest.raises(ValidationError):
        Mirror(address=address).full_clean()


def test_a_plain_http_address_needs_the_setting_and_an_onion_does_not(settings):
    settings.PLAIN_MIRRORS = False
    Mirror(address=ONION).full_clean()
    Mirror(address="https://203.0.113.7:8443/lantern", languages="ru en").full_clean()
    with pytest.raises(ValidationError):
        Mirror(address="http://203.0.113.7").full_clean()
    with pytest.raises(ValidationError):
        Mirror(address="https://a.example", languages="xx").full_clean()


# The look from outside


class Answers(http.server.BaseHTTPRequestHandler):
    body, status, headers_sent = b"", 200, ()

    def do_GET(self):
        self.server.asked.append((self.path, self.headers["Host"]))
        self.send_response(self.server.status)
        for name, value in self.server.headers_sent:
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(self.server.body)

    def log_message(self, *args):
        pass


@pytest.fixture
def peer():
    """A mirror on this machine."""
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Answers)
    server.status, server.body, server.headers_sent, server.asked = 200, b"", (), []
    server.address = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield server
    server.shutdown()
    server.server_close()
    thread.join()


def looked_at(address):
    mirror = Mirror.objects.filter(address=address).first() or make_mirror(address)
    pagecache.forget_all()
    mirrors.forget()
    tasks.check_mirror.func(mirror_id=mirror.pk)
    mirror.refresh_from_db()
    return mirror


def forget_pages():
    """Forget what is stored here and in Redis: in this test nothing is committed, so nobody hears of a change."""
    pagecache.forget_all()
    cache.clear()


def test_a_mirror_with_todays_front_page_is_current(site, client, peer):
    peer.body = client.get("/", headers=HOME).content
    mirror = looked_at(peer.address)
    assert (mirror.state, mirror.is_working) == ("current", True)
    assert peer.asked == [("/", peer.address[7:])]
    make_article(published=True, headline="Newer")
    forget_pages()
    assert looked_at(peer.address).state == "old"
    peer.body = client.get("/", headers=HOME).content.replace(b'href="/20', b'href="20')
    assert looked_at(peer.address).state == "current", "a copy with relative links counts too"


@pytest.mark.parametrize(
    ("status", "body", "headers", "state"),
    [
        (200, b"<h1>Blocked by order</h1>", (), "other"),
        (302, b"", (("Location", "http://127.0.0.1:1/"),), "other"),
        (500, b"", (), "other"),
        (200, b"x" * 2_100_000, (), "away"),
    ],
)
def test_other_answers_take_a_mirror_off_the_list(site, peer, status, body, headers, state):
    peer.status, peer.body, peer.headers_sent = status, body, headers
    mirror = looked_at(peer.address)
    assert (mirror.state, mirror.is_working) == (state, False)
    assert len(peer.asked) == 1
    mirrors.forget()
    assert mirrors.working() == []


def test_a_mirror_that_is_gone_does_not_answer(site, peer):
    address = f"{peer.address}/x"
    peer.shutdown()
    peer.socket.close()
    assert looked_at(address).state == "away"


@pytest.mark.parametrize(
    "host", ["127.0.0.1", "[::1]", "10.0.0.1", "169.254.169.254", "[::ffff:10.0.0.1]", "[fd00::1]", "0.0.0.0"]
)
def test_nobody_looks_behind_private_addresses(site, settings, host, monkeypatch):
    settings.PRIVATE_MIRRORS = False
    monkeypatch.setattr(mirror_check.socket.socket, "connect", lambda *_args: pytest.fail("connected"))
    mirror = looked_at(f"http://{host}:{9}")
    assert (mirror.state, mirror.state_note) == ("away", "The address is not public.")


def test_an_onion_without_a_way_to_it_stays_listed(site):
    mirror = looked_at(ONION)
    assert (mirror.state, mirror.is_working) == ("unknown", True)


def test_an_older_look_never_overwrites_a_newer_one():
    mirror, now = make_mirror(), timezone.now()
    mirror.note_check("current", "", at=now)
    mirror.note_check("away", "", at=now - datetime.timedelta(minutes=1))
    mirror.refresh_from_db()
    assert mirror.state == "current"


def test_pages_are_made_anew_only_when_the_list_changes(django_capture_on_commit_callbacks):
    mirror, now = make_mirror(), timezone.now()
    steps = []
    for state in ("current", "old", "away", "other", "current"):
        before = pagecache.versions().latest("site")
        with django_capture_on_commit_callbacks(execute=True):
            mirror.note_check(state, "", at=now)
        steps.append(pagecache.versions().latest("site") != before)
    assert steps == [False, False, True, False, True]


def test_the_worker_looks_at_every_active_mirror(django_capture_on_commit_callbacks, monkeypatch):
    seen = []
    monkeypatch.setattr(mirror_check, "check", lambda mirror, *, at: seen.append(mirror.address))
    make_mirror()
    make_mirror("https://off.example", active=False)
    worker.drain()
    assert seen == ["https://lantern-3.example"]


def test_the_command_says_what_it_saw_and_fails_when_one_does(site, client, peer, capsys):
    peer.body = client.get("/", headers=HOME).content
    make_mirror(peer.address)
    call_command("check_mirrors")
    assert "\tcurrent" in capsys.readouterr().out
    peer.status = 503
    with pytest.raises(SystemExit):
        call_command("check_mirrors")
    assert "other\tIt answers with status 503." in capsys.readouterr().out


# The admin


def test_an_administrator_lists_a_mirror_and_the_record_says_who(client):
    chief = make_user(roles.ADMINISTRATOR)
    client.force_login(chief)
    answer = client.post(reverse("admin:newsroom_mirror_add"), {
        "address": "https://lantern-9.example/", "label": "Nine", "languages": "en", "active": "on", "position": "0",
    })  # fmt: skip
    assert answer.status_code == 302
    mirrors.forget()
    assert [mirror.address for mirror in mirrors.listed()] == ["https://lantern-9.example"]
    action = StaffAction.objects.get()
    assert (action.user, action.action, action.reason) == (chief, "add mirror", "https://lantern-9.example")


def test_the_button_has_mirrors_looked_at_and_only_for_those_who_may(client):
    mirror, pressed = make_mirror(), reverse("admin:newsroom_mirror_changelist")
    pairs = {"action": "look", "_selected_action": mirror.pk}
    for role, wanted in ((roles.REPORTER, 0), (roles.EDITOR, 1)):
        client.force_login(make_user(role))
        client.post(pressed, pairs)
        assert DBTaskResult.objects.filter(task_path="newsroom.tasks.check_mirror").count() == wanted
    client.post(pressed, {"action": "delete_selected", "_selected_action": mirror.pk, "post": "yes"})
    assert Mirror.objects.exists()

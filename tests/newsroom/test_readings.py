"""How the site fares: for people on one page, for Prometheus, and by mail when something needs a person."""

import datetime
import ssl
import threading

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from django.core import mail
from django.db import DatabaseError
from django.utils import timezone
from django_tasks_db.models import DBTaskResult
from prometheus_client.parser import text_string_to_metric_families

from newsroom import alarms, readings, registry, views
from newsroom.models import Observation, ScheduleRun
from tests.environment import free_port
from tests.make import make_user
from tests.newsletters.make import make_due, make_newsletter, make_readers

pytestmark = pytest.mark.django_db
NOW = datetime.datetime(2026, 11, 26, 12, tzinfo=datetime.UTC)
TOKEN = "x" * 40


def reading(name, at=NOW):
    return next(one for _group, found in readings.everything(at) for one in found if one.name == name)


def seen(minutes):
    ScheduleRun.objects.update_or_create(
        name="donations.sweep", defaults={"last_run_at": NOW - datetime.timedelta(minutes=minutes)}
    )


@pytest.fixture
def quiet():
    """A site on which nothing is wrong."""
    seen(1)
    Observation.note("backup", {}, at=NOW)


@pytest.mark.parametrize(("minutes", "level"), [(1, "ok"), (16, "error")])
def test_worker_that_was_not_seen_for_a_quarter_of_an_hour_needs_somebody(minutes, level):
    seen(minutes)
    assert reading("worker_silent_seconds").level == level
    assert reading("worker_silent_seconds").value == minutes * 60


def test_worker_that_was_never_seen_needs_somebody():
    assert (reading("worker_silent_seconds").value, reading("worker_silent_seconds").level) == (None, "error")


def test_backup_is_missed_after_two_days_in_production_alone(settings):
    settings.PRODUCTION = True
    assert reading("backup_age_seconds").level == "warning"
    Observation.note("backup", {}, at=NOW - datetime.timedelta(hours=47))
    assert reading("backup_age_seconds").level == "ok"
    Observation.note("backup", {}, at=NOW - datetime.timedelta(hours=49))
    assert reading("backup_age_seconds").level == "warning"


@pytest.mark.parametrize(("free", "level"), [(50, "ok"), (9, "warning"), (2, "error")])
def test_disk_that_fills_is_told(monkeypatch, free, level):
    usage = type("Usage", (), {"total": 100 * 10**9, "free": free * 10**9})
    monkeypatch.setattr(readings.shutil, "disk_usage", lambda path: usage)
    assert reading("disk_free_bytes").level == level


@pytest.fixture
def tls(tmp_path, settings):
    """A server that shows a certificate for 5 days; returns (port, a context that trusts it, its end)."""
    key, now = ec.generate_private_key(ec.SECP256R1()), timezone.now().replace(microsecond=0)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    ends = now + datetime.timedelta(days=5)
    made = x509.CertificateBuilder(name, name, key.public_key(), 1, now - datetime.timedelta(days=1), ends)
    made = made.add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
    certificate = made.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM)
    plain = serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    (tmp_path / "all.pem").write_bytes(certificate + key.private_bytes(serialization.Encoding.PEM, *plain))
    (tmp_path / "ca.pem").write_bytes(certificate)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(tmp_path / "all.pem")
    settings.SECURE, settings.HOME_ORIGIN = True, "https://localhost"
    with readings.socket.create_server(("localhost", 0)) as server:
        thread = threading.Thread(target=_greet_once, args=[server, context])
        thread.start()
        yield server.getsockname()[1], ssl.create_default_context(cafile=tmp_path / "ca.pem"), ends
        thread.join()


def _greet_once(server, context):
    plain, _address = server.accept()
    try:
        with context.wrap_socket(plain, server_side=True) as talk:
            talk.recv(1)
    except OSError:
        plain.close()


def test_certificate_that_ends_soon_is_told(tls):
    port, context, ends = tls
    readings.look_at_certificate(at=ends - datetime.timedelta(days=5), port=port, context=context)
    assert reading("certificate_left_seconds", ends - datetime.timedelta(days=30)).level == "ok"
    assert reading("certificate_left_seconds", ends - datetime.timedelta(days=20)).level == "warning"
    assert reading("certificate_left_seconds", ends - datetime.timedelta(days=5)).level == "error"
    assert reading("certificate_left_seconds", ends + datetime.timedelta(days=1)).words == "it has ended"


def test_certificate_that_cannot_be_read_is_told(settings):
    settings.SECURE, settings.HOME_ORIGIN = True, "https://localhost"
    readings.look_at_certificate(at=NOW, port=free_port())
    found = reading("certificate_left_seconds")
    assert (found.level, found.value) == ("error", None)
    assert "ConnectionRefusedError" in found.words


# For machines


def test_metrics_are_for_those_who_know_the_token(client, settings, quiet):
    assert client.get("/metrics").status_code == 404
    settings.METRICS_TOKEN = TOKEN
    for wrong in ("", "Bearer ", f"Bearer {TOKEN}x", TOKEN, "Bearer ²"):
        assert client.get("/metrics", headers={"Authorization": wrong}).status_code == 404, wrong
    answer = client.get("/metrics", headers={"Authorization": f"Bearer {TOKEN}"})
    assert answer.status_code == 200
    found = {family.name for family in text_string_to_metric_families(answer.text)}
    assert {"newsroom_worker_silent_seconds", "newsroom_tasks_late", "newsroom_disk_free_bytes"} <= found
    assert answer["Cache-Control"].startswith("max-age=0")
    assert not answer.cookies


def test_metrics_name_and_count_no_reader(client, settings, quiet):
    settings.METRICS_TOKEN = TOKEN
    newsletter = make_newsletter()
    make_readers(3, newsletter)
    make_due(newsletter, at=NOW).start(at=NOW)
    text = client.get("/metrics", headers={"Authorization": f"Bearer {TOKEN}"}).text
    assert "newsroom_letters_waiting 3.0" in text
    assert "@" not in text
    assert "example.org" not in text


def test_ready_means_that_both_databases_answer_and_no_migration_waits(client, monkeypatch):
    assert client.get("/readyz").json() == {"status": "ok", "default": "ok", "keys": "ok"}
    with monkeypatch.context() as patch:
        patch.setattr(views.MigrationExecutor, "migration_plan", lambda self, targets: ["0099"])
        assert client.get("/readyz").status_code == 503
        assert client.get("/readyz").json()["default"] == "migrations wait"

    def away(connection):
        raise DatabaseError

    monkeypatch.setattr(views, "MigrationExecutor", away)
    answer = client.get("/readyz")
    assert (answer.status_code, answer.json()["keys"]) == (503, "unavailable")


# For people


def test_page_shows_every_figure_to_administrators_alone(client, quiet, monkeypatch):
    monkeypatch.setitem(registry.stuck._entries, "x", lambda at: [{"title": "Three tasks failed", "note": "x.y"}])
    client.force_login(make_user("Editor"))
    assert client.get("/admin/status/").status_code == 403
    client.force_login(make_user("Administrator"))
    page = client.get("/admin/status/").text
    assert "Three tasks failed" in page
    for label in ("The worker was last seen", "Free room for data", "Letters that wait", "Books last compared"):
        assert label in page
    assert "/admin/status/" in client.get("/admin/").text
    assert client.post("/admin/status/").status_code in {200, 405}
    client.logout()
    assert client.get("/admin/status/").status_code == 302


@pytest.fixture
def chief(settings):
    settings.ALARM_ADDRESSES = ["chief@example.org"]


def ring(hours=0):
    return alarms.ring(at=NOW + datetime.timedelta(hours=hours))


def test_alarm_rings_once_then_after_a_day_and_tells_when_all_is_well(quiet, chief, monkeypatch):
    assert not ring()
    wrong = ["A task failed (2 minutes)"]
    monkeypatch.setattr(readings, "alarms", lambda at: list(wrong))
    assert ring()
    wrong[0] = "A task failed (12 minutes)"  # the same fault, older
    assert not ring(1)
    wrong.append("The disk is full")
    assert ring(2)
    assert not ring(25)
    assert ring(26)
    wrong.clear()
    assert ring(27)
    assert not ring(28)
    subjects = [letter.subject for letter in mail.outbox]
    assert subjects == [
        "[Newsroom] 1 thing needs somebody", "[Newsroom] 2 things need somebody", "[Newsroom] 2 things need somebody",
        "[Newsroom] All is well again",
    ]  # fmt: skip
    assert mail.outbox[0].to == ["chief@example.org"]
    assert "- A task failed (2 minutes)" in mail.outbox[0].body


def test_alarm_without_addresses_goes_to_the_superusers(quiet, monkeypatch):
    make_user(None, username="root", is_superuser=True, email="root@example.org")
    make_user(None, username="gone", is_superuser=True, email="gone@example.org", is_active=False)
    monkeypatch.setattr(readings, "alarms", lambda at: ["The disk is full"])
    assert ring()
    assert mail.outbox[0].to == ["root@example.org"]


def test_alarm_that_cannot_leave_is_logged_and_stops_nothing(quiet, chief, monkeypatch, caplog):
    monkeypatch.setattr(readings, "alarms", lambda at: ["The disk is full"])
    monkeypatch.setattr(alarms.EmailMessage, "send", lambda self: (_ for _ in ()).throw(OSError("no relay")))
    assert not ring()
    assert "alarm could not be mailed" in caplog.text


def test_task_that_failed_rings(quiet, chief):
    failed = DBTaskResult.objects.create(
        task_path="x.y", args_kwargs={"args": [], "kwargs": {}}, status="FAILED", backend_name="default",
        exception_class_path="", traceback="", finished_at=NOW,
    )  # fmt: skip
    assert ring()
    assert failed.task_path in mail.outbox[0].body

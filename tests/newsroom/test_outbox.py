"""The demo's mailbox: each mail a file, readable in the browser, harmless there."""

import pytest
from django.core.mail import EmailMultiAlternatives

from newsroom import outbox
from tests import make

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def mailbox(settings, tmp_path):
    settings.OUTBOX_DIR = tmp_path / "outbox"
    make.make_edition()


def send(to="reader@example.org", subject="Please confirm", text="Click http://localhost:8000/x/", html=None):
    message = EmailMultiAlternatives(subject, text, "desk@example.org", [to], headers={"List-Id": "<week.example.org>"})
    if html:
        message.attach_alternative(html, "text/html")
    return outbox.OutboxBackend().send_messages([message])


def names(settings):
    return sorted(file.stem for file in settings.OUTBOX_DIR.glob("*.eml"))


def test_an_empty_mailbox_says_so(client):
    assert "No mails yet" in client.get("/outbox/").content.decode()


def test_a_mail_is_listed_read_and_its_links_are_links(client, settings):
    assert send() == 1
    listing = client.get("/outbox/").content.decode()
    assert "Please confirm" in listing
    mail = client.get(f"/outbox/{names(settings)[0]}/").content.decode()
    assert 'href="http://localhost:8000/x/"' in mail
    assert "week.example.org" in mail


def test_only_mails_to_one_address_on_request(client):
    send(to="one@example.org", subject="For one")
    send(to="two@example.org", subject="For two")
    listing = client.get("/outbox/?to=ONE@").content.decode()
    assert "For one" in listing and "For two" not in listing


def test_the_html_part_stands_alone_and_can_run_nothing(client, settings):
    send(html="<p style='color:red'>Hello</p><script>alert(1)</script>")
    response = client.get(f"/outbox/{names(settings)[0]}/html")
    policy = response.headers["Content-Security-Policy"]
    assert "script-src 'none'" in policy and "sandbox" in policy
    assert response.headers["X-Frame-Options"] == "SAMEORIGIN"


def test_markup_in_a_subject_or_text_is_shown_and_not_run(client, settings):
    send(subject="<script>alert(1)</script>", text="<img src=x onerror=alert(1)>")
    for path in ("/outbox/", f"/outbox/{names(settings)[0]}/"):
        page = client.get(path).content.decode()
        assert "<script>alert" not in page and "<img src=x" not in page


@pytest.mark.parametrize("name", ["nothing", "../keys/secret_key", "20260101000000000000-0000000g"])
def test_what_is_no_mail_is_not_found(client, name):
    assert client.get(f"/outbox/{name}/", follow=True).status_code == 404


def test_no_half_written_mail_is_ever_seen(settings):
    outbox.deliver(b"Subject: x\r\n\r\nbody")
    assert not list(settings.OUTBOX_DIR.glob("*.part"))
    assert len(names(settings)) == 1

"""The day on which somebody may take the machine: every reader is forgotten, after a second question."""

import pytest
from django.utils import timezone

from newsletters.models import Delivery, Departure, ReaderImport, Subscriber, erase_all_readers
from newsroom.models import SealingKey, StaffAction
from tests.make import make_user
from tests.newsletters.make import make_due, make_newsletter, make_reader, make_readers

pytestmark = pytest.mark.django_db
PAGE = "/admin/newsletters/subscriber/erase-all/"
LIST = b"email,subscribed_to_emails,created_at\nvera@example.org,true,2024-01-01\n"


def test_every_address_and_every_key_is_gone_and_the_totals_still_add_up():
    newsletter, now, chief = make_newsletter(), timezone.now(), make_user("Administrator")
    make_readers(3, newsletter)
    ReaderImport.bring(newsletter, LIST, "x.csv", by=None, at=now)
    issue = make_due(newsletter, at=now)
    issue.start(at=now)
    assert erase_all_readers(by=chief, at=now) == 3
    assert not Subscriber.objects.exists()
    assert not SealingKey.objects.exists()
    assert set(Delivery.objects.values_list("state", "subscriber")) == {("dropped", None)}
    assert issue.totals()["total"] == 3
    assert ReaderImport.objects.get().state == "discarded"
    assert Departure.objects.count() == 3
    assert StaffAction.objects.get(action="erase all readers").user == chief
    assert erase_all_readers(by=chief, at=now) == 0


def test_first_press_asks_and_only_the_typed_number_erases(client):
    make_readers(2, make_newsletter())
    client.force_login(make_user("Administrator"))
    assert "Erase every reader" in client.get("/admin/newsletters/subscriber/").content.decode()
    assert "Readers now: 2" in client.post(PAGE).content.decode()
    for wrong in ("", "3", "two", "\u0662", "2\x00"):
        assert client.post(PAGE, {"count": wrong}).status_code == 422, wrong
    assert Subscriber.objects.count() == 2
    assert client.post(PAGE, {"count": "2"}).status_code == 302
    assert not Subscriber.objects.exists()


@pytest.mark.parametrize("role", ["Newsletter editor", "Editor", "Fundraiser"])
def test_nobody_else_may(client, role):
    make_reader("vera@example.org", make_newsletter())
    client.force_login(make_user(role))
    assert client.post(PAGE, {"count": "1"}).status_code == 403
    assert client.get(PAGE).status_code in (403, 405)
    assert Subscriber.objects.exists()

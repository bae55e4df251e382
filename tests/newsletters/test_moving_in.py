"""Moving in: lists of other services are looked at first, and nobody who left is ever brought back by one."""

import datetime
import io
import zipfile

import pytest
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command
from django.db import connection, transaction
from django.utils import timezone

from newsletters import lists
from newsletters.addresses import email_key
from newsletters.models import ConsentEvent, Departure, ReaderImport, Subscriber, Subscription, Suppression
from newsroom import worker
from newsroom.models import SealingKey, StaffAction
from tests.make import make_user
from tests.newsletters.make import make_newsletter, make_reader

pytestmark = pytest.mark.django_db
NOW = datetime.datetime(2026, 11, 20, 9, 0, tzinfo=datetime.UTC)
MAILCHIMP = "Email Address,First Name,OPTIN_TIME,OPTIN_IP,CONFIRM_TIME,LEID,EUID"
SUBSCRIBED = f"""{MAILCHIMP}
vera@example.org,Vera,2021-03-04 09:00:00,192.0.2.1,2021-03-04 10:11:12,1,a
Boris@Example.ORG,Boris,2022-01-01 00:00:00,,,2,b
gone@example.org,Left Twice,2020-01-01 00:00:00,,,3,c
"""
UNSUBSCRIBED = f"""{MAILCHIMP},UNSUB_TIME,UNSUB_REASON
gone@example.org,Gone,,,,4,d,2023-05-06 07:08:09,NORMAL
"""
CLEANED = f"""{MAILCHIMP},CLEAN_TIME,CLEAN_CAMPAIGN_TITLE
dead@example.org,Dead,,,,5,e,2022-02-02 02:02:02,No. 4
"""
LISTMONK = """uuid,email,name,attributes,status,created_at,updated_at
u1,vera@example.org,Vera,"{""city"": ""x""}",enabled,2024-05-06T07:08:09.123Z,2024-05-06T07:08:09Z
u2,off@example.org,Off,{},disabled,2024-01-01T00:00:00Z,2024-02-01T00:00:00Z
u3,bad@example.org,Bad,{},blocklisted,2024-01-01T00:00:00Z,2024-02-01T00:00:00Z
"""
GHOST = """id,email,name,note,subscribed_to_emails,complimentary_plan,stripe_customer_id,created_at,deleted_at,labels
1,vera@example.org,Vera,,true,false,,2023-04-05T06:07:08.000Z,,
2,off@example.org,Off,,false,false,,2023-04-05T06:07:08.000Z,,
"""
SUBSTACK = """email,active_subscription,expiry,plan,email_disabled,digest_enabled,created_at,first_payment_at
vera@example.org,false,,other,false,false,2022-11-15T07:55:22.660Z,
off@example.org,false,,other,true,false,2022-11-15T07:55:22.660Z,
"""


def packed(**files):
    """Return a zip of these files."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in files.items():
            archive.writestr(name.replace("__", "/") + ".csv", text)
    return out.getvalue()


AUDIENCE = packed(
    subscribed_email_audience_export_1a2b=SUBSCRIBED, unsubscribed_email_audience_export_1a2b=UNSUBSCRIBED,
    cleaned_email_audience_export_1a2b=CLEANED,
)  # fmt: skip


def bring(newsletter, data, name="list.csv", *, write=True, **options):
    """Bring a list, let the worker look at it and take it in, and return it."""
    data = data.encode() if isinstance(data, str) else data
    bringing = ReaderImport.bring(newsletter, data, name, by=None, at=NOW, **options)
    worker.drain()
    bringing.refresh_from_db()
    if write:
        assert bringing.state == "looked"
        assert bringing.take_in(by=None, at=NOW)
        worker.drain()
        bringing.refresh_from_db()
        assert bringing.state == "done"
    return bringing


def standings(newsletter):
    """Return {address: state} of those who are known by address."""
    mine = Subscription.objects.filter(newsletter=newsletter).select_related("subscriber")
    return {each.subscriber.read_address(): each.state for each in mine}


def found(bringing):
    """Return what the report counts."""
    return {name: count for name, _words, count, _places in bringing.report()}


@pytest.mark.parametrize(
    ("data", "name", "kind", "inside", "out"),
    [
        (AUDIENCE, "audience.zip", "mailchimp", {"vera@example.org", "Boris@example.org"}, {"gone@example.org"}),
        (LISTMONK, "subscribers.csv", "listmonk", {"vera@example.org"}, {"off@example.org"}),
        (GHOST, "ghost.csv", "ghost", {"vera@example.org"}, {"off@example.org"}),
        (packed(email_list=SUBSTACK, posts__1="post_id,email\n1,x@example.org\n"), "export.zip", "substack",
         {"vera@example.org"}, {"off@example.org"}),
    ],
)  # fmt: skip
def test_export_is_taken_as_it_comes(data, name, kind, inside, out):
    newsletter = make_newsletter()
    bringing = bring(newsletter, data, name)
    assert bringing.kind == kind
    assert set(standings(newsletter)) == inside
    assert set(standings(newsletter).values()) == {"confirmed"}
    for address in out:
        assert Departure.objects.filter(email_key=email_key(address), newsletter=newsletter).exists()
        assert not Subscriber.objects.filter(email_key=email_key(address)).exists()
    vera = Subscription.objects.get(subscriber__email_key=email_key("vera@example.org"))
    assert vera.source == f"import {kind}"
    assert vera.confirmed_at.year < 2025
    assert [(line.action, line.method) for line in vera.consent.all()] == [
        ("confirm", f"import {kind}"), ("import", f"import {kind}"),
    ]  # fmt: skip


def test_dead_and_blocked_mailboxes_are_never_written_to():
    newsletter = make_newsletter()
    bring(newsletter, AUDIENCE, "a.zip")
    bring(newsletter, LISTMONK)
    reasons = dict(Suppression.objects.values_list("email_key", "reason"))
    assert reasons == {email_key("dead@example.org"): "bounce", email_key("bad@example.org"): "request"}


def test_looking_writes_nothing_and_promises_what_taking_in_does():
    newsletter = make_newsletter()
    looked = bring(newsletter, AUDIENCE, "a.zip", write=False)
    assert looked.state == "looked"
    assert not Subscriber.objects.exists()
    assert not Suppression.objects.exists()
    assert not Departure.objects.exists()
    promised = found(looked)
    assert promised == {"added": 2, "noted": 1, "stopped": 1, "repeated": 1}
    assert looked.take_in(by=None, at=NOW)
    worker.drain()
    looked.refresh_from_db()
    assert found(looked) == promised


def test_nobody_who_left_was_erased_or_suppressed_comes_back():
    newsletter = make_newsletter()
    for name in ("left", "erased", "never", "blocked"):
        make_reader(f"{name}@example.org", newsletter, at=NOW)

    def reader(name):
        return Subscriber.objects.get(email_key=email_key(f"{name}@example.org"))

    reader("left").subscriptions.get().leave(Subscription.How.PAGE, at=NOW)
    reader("erased").erase(at=NOW)
    reader("never").erase(at=NOW, never_again=True)
    Suppression.impose(email_key("blocked@example.org"), Suppression.Reason.COMPLAINT, at=NOW)
    rows = "".join(f"{n},{name}@example.org,x,,true,false,,2026-01-01T00:00:00Z,,,\n" for n, name in
                   enumerate(("left", "erased", "never", "blocked", "new")))  # fmt: skip
    bringing = bring(newsletter, GHOST.partition("\n")[0] + "\n" + rows)
    assert found(bringing) == {"added": 1, "left_here": 1, "forgotten": 1, "suppressed": 2}
    assert standings(newsletter)["left@example.org"] == "unsubscribed"
    assert not Subscriber.objects.filter(email_key=email_key("erased@example.org")).exists()


def test_who_was_erased_can_still_come_back_by_asking():
    newsletter = make_newsletter()
    make_reader("vera@example.org", newsletter).erase(at=NOW)
    assert make_reader("vera@example.org", newsletter).subscriptions.confirmed().exists()


def test_signup_that_nobody_confirmed_leaves_no_trace():
    newsletter = make_newsletter()
    Subscriber.ask("x@example.org", [newsletter], language="en", source="box", at=NOW, mail=False)
    Subscriber.objects.get().erase(at=NOW)
    assert not Departure.objects.exists()


def test_later_list_does_not_bring_back_who_left_in_an_earlier_one():
    newsletter, other = make_newsletter(), make_newsletter()
    bring(newsletter, AUDIENCE, "a.zip")
    again = GHOST.replace("vera@", "gone@")
    assert found(bring(newsletter, again))["forgotten"] == 1
    assert found(bring(other, again))["added"] == 1


def test_who_left_there_after_coming_here_is_taken_out_and_who_came_afterwards_stays():
    newsletter = make_newsletter()
    make_reader("gone@example.org", newsletter, at=datetime.datetime(2023, 1, 1, tzinfo=datetime.UTC))
    assert found(bring(newsletter, UNSUBSCRIBED)) == {"taken_out": 1}
    assert standings(newsletter)["gone@example.org"] == "unsubscribed"
    other = make_newsletter()
    make_reader("gone@example.org", other, at=NOW)
    assert found(bring(other, UNSUBSCRIBED)) == {"newer_here": 1}
    assert standings(other)["gone@example.org"] == "confirmed"


def test_suppression_that_staff_lifted_stays_lifted():
    newsletter = make_newsletter()
    Suppression.impose(email_key("dead@example.org"), Suppression.Reason.BOUNCE, at=NOW)
    Suppression.objects.get().lift(by=make_user("Administrator"), reason="She wrote to us", at=NOW)
    assert found(bring(newsletter, CLEANED)) == {"lifted": 1}
    assert not Suppression.objects.in_force().exists()


def test_consent_without_a_date_is_asked_for_by_mail(mailoutbox):
    newsletter = make_newsletter()
    undated = SUBSTACK.replace("2022-11-15T07:55:22.660Z", "")
    assert found(bring(newsletter, undated, ask_undated=True)) == {"asked": 1, "noted": 1}
    assert standings(newsletter)["vera@example.org"] == "pending"
    assert [message.to for message in mailoutbox] == [["vera@example.org"]]
    assert found(bring(newsletter, undated, ask_undated=True))["busy"] == 1


def test_second_time_changes_nothing():
    newsletter = make_newsletter()
    bring(newsletter, AUDIENCE, "a.zip")
    before = ConsentEvent.objects.count(), Subscriber.objects.count(), Departure.objects.count()
    assert found(bring(newsletter, AUDIENCE, "a.zip")) == {"here": 2, "noted": 1, "suppressed": 1, "repeated": 1}
    assert (ConsentEvent.objects.count(), Subscriber.objects.count(), Departure.objects.count()) == before


def test_addresses_of_a_list_lie_sealed_and_go_with_it(django_capture_on_commit_callbacks):
    newsletter = make_newsletter()
    looked = bring(newsletter, AUDIENCE, "a.zip", write=False)
    assert "vera" not in "".join(looked.pieces.values_list("sealed", flat=True))
    assert looked.discard(by=None, at=NOW)
    assert not looked.pieces.exists()
    assert not SealingKey.objects.filter(pk=looked.key_id).exists()
    with django_capture_on_commit_callbacks(execute=True):
        done = bring(newsletter, AUDIENCE, "a.zip")
    assert set(done.pieces.values_list("sealed", flat=True)) == {""}
    assert not SealingKey.objects.filter(pk=done.key_id).exists()
    assert not done.discard(by=None, at=NOW)


def test_report_and_places_name_no_address():
    bringing = bring(make_newsletter(), SUBSCRIBED + "not an address,x,,,,7,f\n", write=False)
    assert bringing.places["unreadable"] == ["list.csv, 5"]
    assert "@" not in str(bringing.report())


def many(count):
    """Return a list of so many readers."""
    header = LISTMONK.partition("\n")[0]
    return (
        header
        + "\n"
        + "".join(
            f"u,reader{number}@example.org,x,{{}},enabled,2024-01-01T00:00:00Z,2024-01-01T00:00:00Z\n"
            for number in range(count)
        )
    )


class PowerCut(BaseException):
    """What ends a worker without asking."""


def test_worker_that_dies_in_the_middle_makes_no_doubles_and_loses_nobody(monkeypatch):
    newsletter = make_newsletter()
    monkeypatch.setattr("newsletters.models.reader_import.PIECE", 7)
    bringing = bring(newsletter, many(40), write=False)
    bringing.take_in(by=None, at=NOW)
    real, cuts = ReaderImport._note, iter([False, True, False, True, True, False, False, False, False])

    def cut(self, rows, outcomes):
        real(self, rows, outcomes)
        if next(cuts):
            raise PowerCut

    monkeypatch.setattr(ReaderImport, "_note", cut)
    while True:
        bringing.refresh_from_db()
        piece = bringing.next_piece()
        if piece is None:
            break
        try:
            with transaction.atomic():
                bringing.do_piece(piece.position, state="taking", at=NOW)
        except PowerCut:
            continue
    bringing.refresh_from_db()
    assert bringing.state == "done"
    assert bringing.seen == Subscriber.objects.count() == Subscription.objects.confirmed().count() == 40
    assert found(bringing) == {"added": 40}
    assert SealingKey.objects.count() == 41  # that of the list goes at the commit


def test_piece_that_two_workers_take_is_done_once():
    newsletter = make_newsletter()
    bringing = bring(newsletter, many(5), write=False)
    bringing.take_in(by=None, at=NOW)
    assert not bringing.do_piece(1, state="looking", at=NOW)
    assert bringing.do_piece(1, state="taking", at=NOW)
    assert not bringing.do_piece(1, state="taking", at=NOW)
    assert not bringing.do_piece(1, state="looking", at=NOW)
    assert not ReaderImport.objects.get().take_in(by=None, at=NOW)
    assert Subscriber.objects.count() == 5


def test_a_piece_costs_the_same_number_of_questions_for_many(django_assert_max_num_queries):
    newsletter = make_newsletter()
    bringing = bring(newsletter, many(300), write=False)
    bringing.take_in(by=None, at=NOW)
    with django_assert_max_num_queries(35, connection=connection):
        bringing.do_piece(1, state="taking", at=NOW)
    assert Subscriber.objects.count() == 300


def test_list_nobody_took_in_is_thrown_away_after_a_week():
    from newsletters.jobs import forget_lists

    bringing = bring(make_newsletter(), GHOST, write=False)
    forget_lists(at=NOW + datetime.timedelta(days=6))
    assert ReaderImport.objects.get().state == "looked"
    forget_lists(at=NOW + datetime.timedelta(days=8))
    bringing.refresh_from_db()
    assert bringing.state == "discarded"


@pytest.mark.parametrize(
    "data",
    [
        b"", b"\x00\x01\x02", b"name,colour\nx,red\n", b"PK\x03\x04 broken",
        packed(posts="post_id,email\n1,x@example.org"),
        ("email,subscribed_to_emails,created_at\n" + '"' + "x" * 200_000 + '"').encode(), "email".encode("utf-16"),
    ],
    ids=["empty", "binary", "other columns", "broken zip", "no list inside", "huge cell", "utf-16"],
)  # fmt: skip
def test_what_is_no_list_is_refused_in_words(data):
    with pytest.raises(ValidationError):
        ReaderImport.bring(make_newsletter(), data, "x.csv", by=None, at=NOW)
    assert not ReaderImport.objects.exists()


def test_odd_name_of_a_file_does_no_harm():
    data = packed(**{"a\x07\u202e" + "x" * 300: GHOST + "1,no,x,,true,false,,,,\n"})
    bringing = bring(make_newsletter(), data, "x\ud800.zip")
    (place,) = bringing.places["unreadable"]
    assert place.isprintable()
    assert len(place) < 100


def test_zip_that_unpacks_to_more_than_allowed_is_refused(monkeypatch):
    monkeypatch.setattr(lists, "MAX_BYTES", 1000)
    with pytest.raises(ValidationError, match="too large"):
        lists.read(packed(a="x" * 5000), "x.zip")


@pytest.mark.parametrize(
    "line",
    [
        "a\x07@example.org",
        "a@b",
        "\ud800@example.org",
        "ä@example.org",
        "x" * 300 + "@example.org",
        "@",
        "a b@example.org",
    ],
)
def test_odd_addresses_are_counted_and_nothing_breaks(line):
    text = GHOST.partition("\n")[0] + f"\n1,{line},x,,true,false,,31.02.2024,,,\n"
    bringing = bring(make_newsletter(), text.encode("utf-8", "surrogatepass"))
    assert found(bringing) == {"unreadable": 1}


@pytest.mark.parametrize(
    "text", ["", "yesterday", "2024-13-45", "0001-01-01T00:00:00+14:00", "9999-12-31", "2024-02-30"]
)
def test_date_that_is_none_is_none(text):
    assert lists.read_moment(text) is None


def test_command_looks_first_and_goes_on_where_it_was(tmp_path, capsys):
    newsletter = make_newsletter(slug="weekly")
    file = tmp_path / "audience.zip"
    file.write_bytes(AUDIENCE)
    call_command("importreaders", str(file), newsletter="weekly", verbosity=0)
    said = capsys.readouterr().out
    assert "New readers" in said
    assert "Nothing is written" in said
    assert not Subscriber.objects.exists()
    call_command("importreaders", go_on=ReaderImport.objects.get().pk, write=True, verbosity=0)
    assert set(standings(newsletter).values()) == {"confirmed"}
    with pytest.raises(CommandError, match="no newsletter"):
        call_command("importreaders", str(file), newsletter="other")


# In the admin

LIST = "/admin/newsletters/readerimport/"


@pytest.fixture
def editor(client):
    user = make_user("Newsletter editor")
    client.force_login(user)
    return user


def test_editor_brings_a_list_reads_the_report_and_takes_it_in(client, editor):
    newsletter = make_newsletter()
    upload = SimpleUploadedFile("audience.zip", AUDIENCE)
    answer = client.post(LIST + "bring/", {"newsletter": newsletter.pk, "file": upload}, follow=True)
    page = answer.redirect_chain[-1][0]
    assert 'http-equiv="refresh"' in answer.content.decode()
    worker.drain()
    shown = client.get(page).content.decode()
    assert "nothing is written yet" in shown
    assert "New readers" in shown
    client.post(page.replace("change/", "act/"), {"wish": "take_in"})
    worker.drain()
    assert Subscription.objects.confirmed().count() == 2
    assert "Done" in client.get(page).content.decode()
    assert StaffAction.objects.filter(user=editor, action="take readers in").exists()
    assert client.get(LIST).status_code == 200


def test_what_is_no_list_is_refused_at_the_field(client, editor):
    upload = SimpleUploadedFile("x.csv", b"a,b\n1,2\n")
    answer = client.post(LIST + "bring/", {"newsletter": make_newsletter().pk, "file": upload})
    assert answer.status_code == 422
    assert "no export that we know" in answer.content.decode()
    assert client.post(LIST + "bring/", {"newsletter": "x"}).status_code == 422


def test_list_is_thrown_away_and_an_unknown_wish_does_nothing(client, editor):
    bringing = bring(make_newsletter(), GHOST, write=False)
    address = f"{LIST}{bringing.pk}/act/"
    client.post(address, {"wish": "x"})
    client.post(address, {"wish": "go_on"})
    bringing.refresh_from_db()
    assert bringing.state == "looked"
    client.post(address, {"wish": "discard"})
    bringing.refresh_from_db()
    assert bringing.state == "discarded"


@pytest.mark.parametrize("role", ["Reporter", "Editor", "Fundraiser", None])
def test_others_bring_nobody(client, role):
    bringing = bring(make_newsletter(), GHOST, write=False)
    client.force_login(make_user(role, is_staff=True) if role else make_user(is_staff=True))
    for address in ("bring/", f"{bringing.pk}/act/", "takeout/"):
        assert client.post(LIST + address, {"wish": "take_in", "sure": "on"}).status_code == 403, address
    assert client.get(LIST).status_code == 403


def test_looking_at_the_door_never_acts(client, editor):
    bringing = bring(make_newsletter(), GHOST, write=False)
    assert client.get(f"{LIST}{bringing.pk}/act/").status_code == 405
    assert client.get(LIST + "bring/").status_code == 302
    assert timezone.now() > bringing.created_at

"""When many sign up at once each proves some work; other sites of ours always do."""

import base64
import json
import re
from html import unescape

import pytest
from altcha import solve_challenge_v1
from django.core import mail
from django.test import Client
from django.utils import timezone

from newsletters import limits, proof
from newsletters.models import ConfirmLimit, ConsentEvent, ConsentWording, Subscriber
from newsroom import registry, worker
from tests.newsletters.make import later, make_newsletter

pytestmark = pytest.mark.django_db


@pytest.fixture
def newsletter():
    return make_newsletter()


@pytest.fixture
def burst(monkeypatch):
    """Many have signed up in this hour, and a challenge is small."""
    monkeypatch.setattr(limits, "BURST", 0)
    monkeypatch.setattr(proof, "MAX_NUMBER", 50)


@pytest.fixture
def cheap(monkeypatch):
    monkeypatch.setattr(proof, "MAX_NUMBER", 50)


def solve(challenge):
    """Return what a browser sends for a challenge."""
    number = solve_challenge_v1(challenge["challenge"], challenge["salt"], "SHA-256", 50).number
    kept = {name: challenge[name] for name in ("algorithm", "challenge", "salt", "signature")}
    return base64.b64encode(json.dumps({**kept, "number": number}).encode()).decode()


def check_page(client, newsletter, email="vera@example.org"):
    page = client.post("/newsletters/signup/", {"email": email, "newsletters": newsletter.slug}).content.decode()
    challenge = re.search(r'data-challenge="([^"]+)"', page)
    data = {"email": email, "newsletters": newsletter.slug}
    data["form_nonce"] = re.search(r'name="form_nonce" value="([^"]+)"', page).group(1)
    return data, json.loads(unescape(challenge.group(1))) if challenge else None


def test_in_quiet_hours_nobody_computes(client, newsletter):
    data, challenge = check_page(client, newsletter)
    assert challenge is None
    client.post("/newsletters/signup/", data)
    assert Subscriber.objects.count() == 1


def test_in_a_burst_only_who_solved_the_challenge_gets_in(client, newsletter, burst):
    data, challenge = check_page(client, newsletter)
    again = client.post("/newsletters/signup/", data).content.decode()
    assert "data-challenge" in again
    assert not Subscriber.objects.exists()
    client.post("/newsletters/signup/", {**data, "altcha": solve(challenge)})
    assert Subscriber.objects.count() == 1


def test_a_solution_counts_once(client, newsletter, burst):
    data, challenge = check_page(client, newsletter)
    solution = solve(challenge)
    client.post("/newsletters/signup/", {**data, "altcha": solution})
    data, _other = check_page(client, newsletter, "olga@example.org")
    client.post("/newsletters/signup/", {**data, "altcha": solution})
    assert Subscriber.objects.count() == 1


def test_a_page_shown_before_the_burst_comes_again_with_a_challenge(client, newsletter, monkeypatch):
    data, _none = check_page(client, newsletter)
    monkeypatch.setattr(limits, "BURST", 0)
    assert "data-challenge" in client.post("/newsletters/signup/", data).content.decode()


def forge(**changes):
    challenge = json.loads(proof.make_challenge(at=timezone.now()))
    solved = json.loads(base64.b64decode(solve(challenge)))
    return base64.b64encode(json.dumps({**solved, **changes}).encode()).decode()


@pytest.mark.parametrize(
    "solution",
    [
        "", "²", "x" * 5000, "bm9uZQ==", base64.b64encode(b"[]").decode(), base64.b64encode(b"\xff").decode(),
        {"number": 51}, {"number": "1"}, {"number": True}, {"salt": 7}, {"signature": None}, {"signature": "0" * 64},
        {"algorithm": "MD5"}, {"salt": "x?expires=99999999999&"}, {"challenge": "\ud800"},
    ],
)  # fmt: skip
def test_forged_solution_is_none(cheap, solution):
    text = solution if isinstance(solution, str) else forge(**solution)
    assert not proof.is_solved(text, at=timezone.now())


def test_solution_goes_stale(cheap):
    now = timezone.now()
    solution = solve(json.loads(proof.make_challenge(at=now)))
    assert not proof.is_solved(solution, at=later(now, minutes=21))
    assert proof.is_solved(solution, at=later(now, minutes=19))


def test_burst_is_told_to_the_status_page(newsletter, monkeypatch):
    assert not registry.status["newsletters"](timezone.now())
    monkeypatch.setattr(limits, "BURST", 0)
    assert "prove some work" in registry.status["newsletters"](timezone.now())[0][1]


@pytest.mark.once
def test_a_thousand_posts_for_one_victim_through_every_door_cause_one_mail(newsletter, cheap, monkeypatch):
    monkeypatch.setattr(limits, "PER_NETWORK", 10**6)
    monkeypatch.setattr(limits, "PER_NETWORK_UNVOUCHED", 10**6)
    monkeypatch.setattr(limits, "EVERYBODY", 10**6)
    monkeypatch.setattr(limits, "BURST", 10**6)
    client = Client()
    for number in range(100):
        spelling = f"v.i.c{'.' * (number % 2)}tim+{number}@Example.ORG".replace("..", ".")
        data, _none = check_page(client, newsletter, spelling)
        for _time in range(10):
            client.post("/newsletters/signup/", data)
    for number in range(20):
        post(client, email=f"victim+api{number}@example.org", newsletters=[newsletter.slug])
    worker.drain()
    assert len(mail.outbox) == 1
    assert ConfirmLimit.objects.count() == 1


# Other sites


def post(client, **sent):
    challenge = client.get("/newsletters/api/signup").json()["challenge"]
    body = json.dumps({"altcha": solve(challenge), **sent})
    return client.post("/newsletters/api/signup", body, content_type="application/json")


def test_another_site_signs_up_with_a_proof_and_without_a_cookie(newsletter, cheap):
    client = Client(enforce_csrf_checks=True)
    offered = client.get("/newsletters/api/signup").json()["newsletters"]
    assert [found["slug"] for found in offered] == [newsletter.slug]
    answer = post(client, email="vera@example.org", newsletters=[newsletter.slug])
    assert (answer.status_code, answer.json()) == (202, {"message": "Look into your mailbox"})
    assert not answer.cookies
    worker.drain()
    assert mail.outbox[0].to == ["vera@example.org"]
    assert ConsentEvent.objects.get().method == "api"


def test_answer_to_another_site_is_the_same_for_a_stranger_and_a_reader(newsletter, cheap):
    client = Client()
    first = post(client, email="vera@example.org", newsletters=[newsletter.slug])
    second = post(client, email="vera@example.org", newsletters=[newsletter.slug])
    assert (first.status_code, first.content) == (second.status_code, second.content)


@pytest.mark.parametrize(
    ("sent", "field"),
    [
        ({"email": "x"}, "email"), ({"email": 7}, "email"), ({"newsletters": ["none"]}, "newsletters"),
        ({"newsletters": {}}, "newsletters"), ({"altcha": "x"}, "altcha"), ({"altcha": ""}, "altcha"),
        ({"email": "a@b.example\u0000"}, "email"),
    ],
)  # fmt: skip
def test_wrong_fields_are_named_and_nothing_is_stored(newsletter, cheap, sent, field):
    answer = post(Client(), **{"email": "vera@example.org", "newsletters": [newsletter.slug], **sent})
    assert answer.status_code == 400
    assert field in answer.json()["errors"]
    assert not Subscriber.objects.exists()


@pytest.mark.parametrize("body", [b"", b"[]", b"\xff", b"{", b"[" * 100_000, b"7", b"null"])
def test_what_is_no_json_is_refused(newsletter, body):
    answer = Client().post("/newsletters/api/signup", body, content_type="application/json")
    assert answer.status_code == 400


def test_network_is_limited_through_this_door_too(newsletter, cheap, monkeypatch):
    monkeypatch.setattr(limits, "PER_NETWORK_UNVOUCHED", 1)
    client = Client()
    codes = [
        post(client, email=f"vera{number}@example.org", newsletters=[newsletter.slug]).status_code for number in (1, 2)
    ]
    assert codes == [202, 429]


# The words of the consent


def test_words_are_kept_under_their_version_once(client, newsletter):
    for email in ("vera@example.org", "olga@example.org"):
        data, _none = check_page(client, newsletter, email)
        client.post("/newsletters/signup/", data)
    wording = ConsentWording.objects.get()
    assert newsletter.promise in wording.text
    assert {event.wording_version for event in ConsentEvent.objects.all()} == {wording.version}
    newsletter.promise = "Only when it matters."
    newsletter.save()
    data, _none = check_page(client, newsletter, "ida@example.org")
    client.post("/newsletters/signup/", data)
    assert ConsentWording.objects.count() == 2


def test_consent_cannot_be_changed_by_code_or_in_the_database(client, newsletter):
    from django.db import DatabaseError, transaction

    data, _none = check_page(client, newsletter)
    client.post("/newsletters/signup/", data)
    for model in (ConsentEvent, ConsentWording):
        with pytest.raises(TypeError):
            model.objects.get().save()
        field = "method" if model is ConsentEvent else "text"
        with pytest.raises(DatabaseError), transaction.atomic():
            model.objects.update(**{field: "changed"})


def test_erased_reader_takes_the_consent_along(client, newsletter):
    data, _none = check_page(client, newsletter)
    client.post("/newsletters/signup/", data)
    Subscriber.objects.get().erase(at=timezone.now())
    assert not ConsentEvent.objects.exists()

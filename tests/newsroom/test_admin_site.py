"""Editions, accounts and the record of the staff in the admin, and everybody's first page."""

import pytest
from django.urls import reverse
from django.utils import timezone

from newsroom.models import Edition, StaffAction, User
from tests.make import make_article, make_edition, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def administrator(client):
    user = make_user("Administrator")
    client.force_login(user)
    return user


def edition_data(edition, **changes):
    names = [field.name for field in Edition._meta.fields if field.name not in {"id", "logo", "is_default", "code"}]
    default = {"is_default": "on"} if edition.is_default else {}
    return {**{name: getattr(edition, name) for name in names}, **default, **changes}


def test_the_words_of_an_edition_are_edited_and_cleaned(client, administrator):
    edition = make_edition()
    data = edition_data(
        edition, title="The Beacon", support_text="<p onclick='x'>Give <script>1</script><b>now</b>.</p>"
    )
    assert client.post(reverse("admin:newsroom_edition_change", args=[edition.pk]), data).status_code == 302
    edition.refresh_from_db()
    assert (edition.title, edition.support_text) == ("The Beacon", "<p>Give <strong>now</strong>.</p>")


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("title", ""), ("title", "x" * 81), ("title", "bell\x07"), ("time_zone", "Mars/Base"), ("currency", "eur"),
        ("language", "xx"),
    ],
)  # fmt: skip
def test_bad_words_of_an_edition_are_refused_at_their_field(client, administrator, field, value):
    edition = make_edition()
    url = reverse("admin:newsroom_edition_change", args=[edition.pk])
    response = client.post(url, edition_data(edition, **{field: value}))
    assert response.status_code == 200
    assert field in response.context["adminform"].form.errors


def test_the_code_of_an_edition_stays(client, administrator):
    edition = make_edition()
    client.post(reverse("admin:newsroom_edition_change", args=[edition.pk]), edition_data(edition, code="xx"))
    edition.refresh_from_db()
    assert edition.code == "en"


def test_an_administrator_makes_an_account_with_a_role_and_no_superuser(client, administrator):
    from django.contrib.auth.models import Group

    data = {
        "username": "new", "email": "new@example.org", "usable_password": "true",
        "password1": "a long enough passphrase",
        "password2": "a long enough passphrase", "is_staff": "on", "groups": [Group.objects.get(name="Reporter").pk],
        "is_superuser": "on",
    }  # fmt: skip
    assert client.post(reverse("admin:newsroom_user_add"), data).status_code == 302
    user = User.objects.get(username="new")
    assert user.has_perm("articles.add_article")
    assert not user.is_superuser


def test_nobody_raises_an_account_or_opens_a_superuser_without_being_one(client, administrator):
    root = User.objects.create_superuser("root", "root@example.org", "a long enough passphrase")
    url = reverse("admin:newsroom_user_change", args=[administrator.pk])
    data = {
        "username": administrator.username,
        "email": administrator.email,
        "is_active": "on",
        "is_staff": "on",
        "is_superuser": "on",
    }
    client.post(url, data)
    administrator.refresh_from_db()
    assert not administrator.is_superuser
    assert (
        client.post(reverse("admin:newsroom_user_change", args=[root.pk]), {**data, "username": "root"}).status_code
        == 403
    )
    assert client.post(reverse("admin:auth_user_password_change", args=[root.pk]), {}).status_code == 403


def test_the_record_of_the_staff_is_read_only(client, administrator):
    article = make_article()
    action = StaffAction.record(user=administrator, action="publish", thing=article, at=timezone.now())
    assert client.get(reverse("admin:newsroom_staffaction_changelist")).status_code == 200
    assert client.get(reverse("admin:newsroom_staffaction_add")).status_code == 403
    url = reverse("admin:newsroom_staffaction_change", args=[action.pk])
    assert client.post(url, {"action": "nothing"}).status_code == 403
    assert (
        client.post(reverse("admin:newsroom_staffaction_delete", args=[action.pk]), {"post": "yes"}).status_code == 403
    )


@pytest.mark.parametrize(
    "role", ["Reporter", "Editor", "Photo editor", "Newsletter editor", "Fundraiser", "Administrator"]
)
def test_the_first_page_opens_for_every_role(client, role):
    client.force_login(make_user(role))
    assert client.get(reverse("admin:index")).status_code == 200


def test_the_first_page_shows_each_what_waits(client):
    reporter, editor = make_user("Reporter"), make_user("Editor")
    article = make_article(by=reporter, headline="A story that waits")
    client.force_login(reporter)
    assert "A story that waits" in client.get(reverse("admin:index")).content.decode()
    client.force_login(editor)
    assert "A story that waits" not in client.get(reverse("admin:index")).content.decode()
    article.hand_in(version=1, by=reporter, at=timezone.now())
    assert "A story that waits" in client.get(reverse("admin:index")).content.decode()
    article.send_back(version=2, by=editor, at=timezone.now(), note="Who says so?")
    client.force_login(reporter)
    assert "Who says so?" in client.get(reverse("admin:index")).content.decode()

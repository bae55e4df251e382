"""Staff accounts: nobody signs up, a second factor is asked where it is due, and passkeys are at the door."""

import pytest
from allauth.mfa.adapter import get_adapter
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP, format_hotp_value, hotp_value, yield_hotp_counters_from_time
from django.contrib.auth.models import Group
from django.urls import reverse

from newsroom import roles
from newsroom.models import User

pytestmark = pytest.mark.django_db(databases="__all__")
PASSWORD = "a long enough phrase"


@pytest.fixture
def editor():
    user = User.objects.create_user("editor", "editor@example.org", PASSWORD, is_staff=True)
    user.groups.add(Group.objects.get(name=roles.EDITOR))
    return user


def log_in(client, **changes):
    return client.post(reverse("account_login"), {"login": "editor", "password": PASSWORD, **changes})


def test_the_login_page_offers_a_passkey_and_no_signup(client):
    page = client.get(reverse("account_login")).content.decode()
    assert 'id="passkey_login"' in page
    assert reverse("account_signup") not in page


def test_nobody_can_sign_up(client):
    data = {"username": "eve", "email": "eve@example.org", "password1": PASSWORD, "password2": PASSWORD}
    client.post(reverse("account_signup"), data)
    assert not User.objects.exists()


def test_a_password_opens_the_admin_where_no_second_factor_is_asked(client, editor):
    assert log_in(client).status_code == 302
    assert client.get(reverse("admin:index")).status_code == 200


def test_a_wrong_password_is_refused_at_the_form_and_says_nothing_about_the_account(client, editor):
    wrong = log_in(client, password="wrong").content.decode()
    unknown = log_in(client, login="nobody", password="wrong").content.decode()
    assert "error-summary" in wrong
    message = wrong.split('role="alert">')[1].split("<")[0]
    assert message == unknown.split('role="alert">')[1].split("<")[0]


@pytest.mark.parametrize(
    "login", ["", "x" * 5000, "a\x00b", "a\ud800b".encode("utf-8", "surrogatepass").decode("latin-1")]
)
def test_strange_logins_are_refused_without_a_fault(client, editor, login):
    assert log_in(client, login=login).status_code == 200


def test_staff_without_a_second_factor_are_led_to_its_set_up_where_it_is_required(client, editor, settings):
    settings.SECOND_FACTOR_REQUIRED = True
    log_in(client)
    response = client.get(reverse("admin:index"))
    assert response.status_code == 302
    assert response.url == reverse("mfa_index")
    assert client.get(reverse("mfa_index")).status_code == 200


def test_a_code_from_an_authenticator_app_is_asked_and_opens_the_admin(client, editor, settings):
    settings.SECOND_FACTOR_REQUIRED = True
    secret = "JBSWY3DPEHPK3PXP"
    TOTP.activate(editor, secret)
    assert log_in(client).url == reverse("mfa_authenticate")
    assert client.get(reverse("admin:index")).status_code == 302
    code = format_hotp_value(hotp_value(secret, next(iter(yield_hotp_counters_from_time()))))
    client.post(reverse("mfa_authenticate"), {"code": code})
    assert client.get(reverse("admin:index")).status_code == 200


def test_a_wrong_code_opens_nothing(client, editor):
    TOTP.activate(editor, "JBSWY3DPEHPK3PXP")
    log_in(client)
    client.post(reverse("mfa_authenticate"), {"code": "000000"})
    assert client.get(reverse("admin:index")).status_code == 302


def test_passkeys_codes_and_recovery_codes_can_be_set_up(client, editor):
    log_in(client)
    for name in ("mfa_index", "mfa_activate_totp", "mfa_add_webauthn"):
        assert client.get(reverse(name), follow=True).status_code == 200
    assert {Authenticator.Type.WEBAUTHN, Authenticator.Type.TOTP} <= set(
        get_adapter().get_supported_types()
        if hasattr(get_adapter(), "get_supported_types")
        else Authenticator.Type.values
    )


def test_account_pages_have_no_inline_script_and_are_never_stored(client):
    response = client.get(reverse("account_login"))
    assert "no-store" in response.headers["Cache-Control"]
    policy = response.headers["Content-Security-Policy"]
    assert "unsafe" not in policy


def test_every_group_exists_with_permissions_after_migration():
    names = set(Group.objects.values_list("name", flat=True))
    assert set(roles.ALL) <= names
    assert Group.objects.get(name=roles.EDITOR).permissions.filter(codename="publish_article").exists()
    assert not Group.objects.get(name=roles.REPORTER).permissions.filter(codename="publish_article").exists()

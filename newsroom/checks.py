"""System checks: each setting that can be wrong says so before the site starts."""

from urllib.parse import urlsplit

from django.conf import settings
from django.core.checks import Error, Tags, Warning, register
from django.db import connection

from newsroom import minisign


@register(Tags.security)
def secrets_are_strong(app_configs, **kwargs):
    """Refuse short secrets and equal ones in production."""
    if settings.MODE != "production":
        return []
    problems = [
        Error(f"{name} must have at least 50 characters.", id=f"newsroom.E00{number}")
        for number, name in enumerate(("SECRET_KEY", "SEALING_KEY"), start=1)
        if len(getattr(settings, name)) < 50 or len(set(getattr(settings, name))) < 8
    ]
    if settings.SECRET_KEY == settings.SEALING_KEY:
        problems.append(Error("SECRET_KEY and SEALING_KEY must differ.", id="newsroom.E003"))
    return problems


@register(Tags.security)
def production_fails_closed(app_configs, **kwargs):
    """Refuse DEBUG, the sandbox and plain http on a public host in production."""
    if settings.MODE != "production":
        return []
    problems = []
    if settings.DEBUG:
        problems.append(Error("DEBUG is on in production.", id="newsroom.E004"))
    if settings.PAYMENT_PROVIDER == "sandbox":
        problems.append(Error("The sandbox for payments cannot run in production.", id="newsroom.E005"))
    if not settings.SECURE and not urlsplit(settings.HOME_ORIGIN).hostname.endswith(".onion"):
        problems.append(Error("NEWSROOM_HOME must start with https:// in production.", id="newsroom.E006"))
    return problems


@register()
def signing_key_can_be_read(app_configs, **kwargs):
    """Refuse a key for the list of mirrors that is none."""
    try:
        minisign.SecretKey.read(settings.SIGNING_KEY) if settings.SIGNING_KEY else None
    except minisign.BadKey as error:
        said = f"NEWSROOM_SIGNING_KEY is no key of minisign without a password: {error}."
        return [Error(said, id="newsroom.E008", hint="manage.py make_mirror_key FILE")]
    return []


@register(Tags.security, deploy=True)
def staff_have_second_factors(app_configs, **kwargs):
    """Warn when staff may log in with a password alone."""
    if settings.SECOND_FACTOR_REQUIRED:
        return []
    return [Warning("SECOND_FACTOR_REQUIRED is off: a stolen password opens the newsroom.", id="newsroom.W001")]


@register(Tags.database, databases=["default"])
def no_demo_accounts(app_configs, databases=None, **kwargs):
    """Refuse to serve a production site whose database holds the demo's accounts."""
    if settings.MODE != "production" or not databases:
        return []
    from newsroom.models import User

    if User._meta.db_table not in connection.introspection.table_names():
        return []  # the first migration has yet to make it
    if User.objects.filter(email__endswith="@demo.invalid", is_active=True).exists():
        return [Error("The database holds active demo accounts (…@demo.invalid).", id="newsroom.E007")]
    return []

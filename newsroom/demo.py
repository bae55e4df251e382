"""The demo's content: files that a person can read, brought in through the verbs that editors use."""

import datetime
from dataclasses import dataclass
from pathlib import Path

import yaml
from django.conf import settings
from django.contrib.auth.models import Group
from django.utils import timezone

from newsroom import roles
from newsroom.models import Edition, User

FOLDER = settings.BASE_DIR / "demo"
PASSWORD = "far-shore-demo"  # noqa: S105 - of the demo alone, printed at every start
DOMAIN = "demo.invalid"
WRITTEN_ON = datetime.date(2026, 11, 23)


@dataclass(frozen=True)
class Login:
    """A demo account; its name is what it may do."""

    username: str
    first_name: str
    last_name: str
    role: str
    person: str = ""


LOGINS = (
    Login("reporter", "Mira", "Halvorsen", roles.REPORTER, "mira-halvorsen"),
    Login("editor", "Daniil", "Orlec", roles.EDITOR, "daniil-orlec"),
    Login("photo", "Noor", "Castell", roles.PHOTO_EDITOR, "noor-castell"),
    Login("letters", "Hanna", "Lind", roles.NEWSLETTER_EDITOR, "hanna-lind"),
    Login("fundraiser", "Tove", "Aasen", roles.FUNDRAISER),
    Login("admin", "Vera", "Lukasz", roles.ADMINISTRATOR, "vera-lukasz"),
)


def read(file):
    """Return (header, body) of a file that begins with a block of YAML between two lines of three hyphens."""
    _before, header, body = Path(file).read_text(encoding="utf-8").split("---\n", 2)
    return yaml.safe_load(header), body.strip()


def shift(today=None):
    """Return how far the demo's dates move so that the newest stories are recent: whole weeks, so weekdays stay."""
    today = today or timezone.now().date()
    return datetime.timedelta(weeks=max(0, (today - WRITTEN_ON).days // 7))


def moment(value, edition):
    """Return the aware time that a file names in its edition's zone, moved by `shift`."""
    if isinstance(value, datetime.datetime):
        local = value.replace(tzinfo=None)
    else:
        local = datetime.datetime.fromisoformat(str(value))
    return (local + shift()).replace(tzinfo=edition.zone)


def user(username):
    """Return a demo account."""
    return User.objects.get(username=username, email=f"{username}@{DOMAIN}")


def load(folder, progress):
    """Bring in the editions and the demo accounts."""
    files = sorted((folder / "editions").glob("*.md"))
    progress.reset(total=len(files) + len(LOGINS))
    for file in files:
        load_edition(read(file)[0])
        progress.update()
    for login in LOGINS:
        load_login(login)
        progress.update()


def load_edition(header):
    """Make the edition that a header describes when it is not there."""
    if Edition.objects.filter(code=header["code"]).exists():
        return
    columns = {field.name for field in Edition._meta.concrete_fields}
    values = {name: value for name, value in header.items() if name in columns}
    values["is_default"] = header.get("default", False)
    values["support_text"] = paragraphs(header["support_text"], header.get("support_signature", ""))
    values["postal_address"] = ", ".join(header["postal_address"].split("\n")).strip(", ")
    Edition.objects.create(
        **{name: value.strip() if isinstance(value, str) else value for name, value in values.items()}
    )


def load_login(login):
    """Make a demo account with its group when it is not there."""
    made, is_new = User.objects.get_or_create(
        username=login.username,
        defaults={
            "email": f"{login.username}@{DOMAIN}",
            "first_name": login.first_name,
            "last_name": login.last_name,
            "is_staff": True,
        },
    )
    if is_new:
        made.set_password(PASSWORD)
        made.save(update_fields=["password"])
        made.groups.add(Group.objects.get(name=login.role))


def paragraphs(text, signature=""):
    """Return plain paragraphs as HTML, the signature on a line of its own."""
    parts = [" ".join(part.split()) for part in text.strip().split("\n\n")]
    html = "".join(f"<p>{part}</p>" for part in parts)
    return f"{html}<p><em>{signature}</em></p>" if signature else html

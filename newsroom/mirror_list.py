"""The list of working mirrors as it travels: a page, plain text and JSON, signed so that a list from a stranger counts.

The files carry the day on which they were asked for, so that an old list can be told from a new one; they are made at
each request and never stored. The page holds no day.
"""

import hashlib
import json

from django.conf import settings
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from newsroom import minisign, mirrors
from newsroom.editions import default_edition
from newsroom.pagecache import reader_page

NAMES = ("mirrors.txt", "mirrors.json")
TYPES = {"txt": "text/plain", "json": "application/json", "minisig": "text/plain"}


def key():
    """Return the key that signs, or None; outside production one is made of the site's secret."""
    if settings.SIGNING_KEY:
        return minisign.SecretKey.read(settings.SIGNING_KEY)
    if settings.MODE == "production":
        return None
    made = hashlib.blake2b(settings.SECRET_KEY.encode(), digest_size=40, person=b"mirror list").digest()
    return minisign.SecretKey(made[:8], made[8:])


def public_key():
    """Return the line by which everybody checks the lists, or nothing."""
    signing = key()
    return signing.public if signing else ""


def written(name, *, day):
    """Return the bytes of one of the files of NAMES for a day."""
    found, title = mirrors.working(), default_edition().title
    if name == "mirrors.txt":
        lines = [f"# {title}: {settings.HOME_ORIGIN}", f"# {day:%Y-%m-%d}", *(mirror.address for mirror in found)]
        return "\n".join([*lines, ""]).encode()
    rows = [
        {"address": mirror.address, "label": mirror.label, "languages": mirror.languages.split()} for mirror in found
    ]
    about = {"title": title, "home": settings.HOME_ORIGIN, "day": f"{day:%Y-%m-%d}", "mirrors": rows}
    return (json.dumps(about, ensure_ascii=False, indent=1) + "\n").encode()


@require_safe
@reader_page
def page(request):
    """Show the addresses that work, and how to check a list that came from somebody else."""
    return render(request, "newsroom/mirrors.html", {
        "mirrors": mirrors.working(request.edition), "public_key": public_key(),
    })  # fmt: skip


@require_safe
def file(request, name):
    """Answer with the list as text or JSON, or with the signature of one of them."""
    content = name.removesuffix(".minisig")
    if content not in NAMES:
        raise Http404
    day = timezone.now().date()
    data = written(content, day=day)
    if name != content:
        signing = key()
        if signing is None:
            raise Http404
        data = signing.sign(data, trusted_comment=f"{content} {day:%Y-%m-%d} {settings.HOME_ORIGIN}").encode()
    response = HttpResponse(data, content_type=f"{TYPES[name.rpartition('.')[2]]}; charset=utf-8")
    response["Cache-Control"] = "public, no-cache"
    return response


def public_urls(edition):
    """Yield the page of an edition, and with the default one the files."""
    yield f"{edition.prefix}/mirrors/"
    if edition.is_default:
        yield from (f"/{name}" for name in NAMES)
        if key() is not None:
            yield from (f"/{name}.minisig" for name in NAMES)


def status(at):
    """Return (level, sentence) for each mirror that fails, and when the list goes out unsigned."""
    from django.utils.translation import gettext as _

    found = mirrors.listed()
    unsigned = [("warning", _("The list of mirrors is not signed: NEWSROOM_SIGNING_KEY is not set."))]
    failing = [mirror for mirror in found if not mirror.is_working]
    return (unsigned if found and key() is None else []) + [
        ("warning", f"{mirror.address}: {mirror.get_state_display()}. {mirror.state_note}".strip())
        for mirror in failing
    ]

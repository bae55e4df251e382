"""Photo credits, made by one function so that they look the same wherever they stand.

`join_credit` decides the words; everything else here dresses them: a line, HTML with its link, structured data.
"""

import re

from django.utils.html import format_html

SLASH = re.compile(r"\s*/\s*")


def join_credit(creator, agency):
    """Return "creator / agency", one of them alone, or "" when there is none; nobody is named twice."""
    parts = [part.strip() for both in (creator, agency) for part in SLASH.split(both)]
    named = {}
    for part in filter(None, parts):
        named.setdefault(part.casefold(), part)
    return " / ".join(named.values())


def credit_html(photo):
    """Return the credit as safe HTML, with its link where it has one, or ""."""
    if not photo.credit or not photo.credit_url:
        return photo.credit and format_html("{}", photo.credit)
    return format_html('<a href="{}" rel="noopener noreferrer">{}</a>', photo.credit_url, photo.credit)


def photo_line(caption, credit):
    """Return the line under a photo in the trade's form: "Emmanuel Bonne. EPA / TASS"."""
    caption = caption.strip()
    if caption and credit:
        caption += full_stop(caption)
    return " ".join(part for part in (caption, credit) if part)


def full_stop(caption):
    """Return the full stop that `caption` lacks before a credit, or ""."""
    return "" if not caption or caption[-1] in ".!?…»”" else "."


def image_object(photo, *, origin, caption="", box="", shapes=("", "16:9", "4:3", "1:1")):
    """Return the photo as schema.org's ImageObject, one for each shape in which search engines ask for it.

    `origin` goes before the addresses. What is not known is left out. Source: schema.org/ImageObject and Google's
    "Image metadata" (creator, creditText, copyrightNotice, license).
    """
    words = {
        "caption": caption,
        "creator": _creator(photo.creator or photo.agency),
        "creditText": photo.credit,
        "copyrightNotice": photo.copyright,
        "license": photo.licence_url,
        "acquireLicensePage": photo.credit_url,
    }  # fmt: skip
    words = {name: value for name, value in words.items() if value}
    found = {entry["name"]: entry for crop in shapes if (entry := photo.rendition(1200, crop=crop, box=box))}
    return [
        {
            "@type": "ImageObject", "url": origin + photo.url_of(entry), "width": entry["w"], "height": entry["h"],
            **words,
        }
        for entry in found.values()
    ]  # fmt: skip


def _creator(name):
    """Return who made it; a single word, such as "EPA", is taken for an organisation."""
    return name and {"@type": "Person" if " " in name else "Organization", "name": name}

"""What a picture file says about itself, as fields of a photo: XMP first, then IPTC, then EXIF.

The words are proposals: somebody confirms them. Where the camera stood, which one it was and who owns it is never read.
Properties by the IPTC Photo Metadata Standard 2023.1, datasets by IPTC-IIM 4.2, tags by EXIF 2.32.
"""

import datetime
import re
import struct
import zlib
from xml.etree.ElementTree import ParseError

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import fromstring
from PIL import IptcImagePlugin

from newsroom import html

LIMITS = {
    "caption": 500, "creator": 120, "agency": 120, "copyright": 200, "keywords": 300, "place": 160, "alt": 300,
    "rights_note": 500, "licence_url": 300,
}  # fmt: skip
MAX_XMP_BYTES = 1_000_000
BROKEN = (
    OSError, SyntaxError, ValueError, TypeError, IndexError, KeyError, AttributeError, EOFError, OverflowError,
    MemoryError, RecursionError, struct.error, zlib.error, ParseError, DefusedXmlException,
)  # fmt: skip
# What cameras write where a caption belongs.
NO_CAPTION = re.compile(r"(?:OLYMPUS|SONY|MINOLTA|KODAK|SAMSUNG|default|DCIM|DSC|IMG|dav|SDC)[\w .-]*", re.IGNORECASE)
IPTC_WORDS = {"caption": (120,), "creator": (80,), "agency": (110, 115), "copyright": (116,), "rights_note": (40,)}
IPTC_PLACE, IPTC_KEYWORDS, IPTC_DATE, IPTC_UTF8 = (92, 90, 95, 101), 25, 55, b"\x1b%G"
EXIF_WORDS = {"caption": 0x010E, "creator": 0x013B, "copyright": 0x8298}
WINDOWS_WORDS = {"caption": 0x9C9C, "creator": 0x9C9D, "keywords": 0x9C9E}
RUSSIAN = re.compile(rb"[\xa8\xb8\xc0-\xff]{3}")
DC, PHOTOSHOP = "{http://purl.org/dc/elements/1.1/}", "{http://ns.adobe.com/photoshop/1.0/}"
CORE, RIGHTS = "{http://iptc.org/std/Iptc4xmpCore/1.0/xmlns/}", "{http://ns.adobe.com/xap/1.0/rights/}"
XMP, RDF = "{http://ns.adobe.com/xap/1.0/}", "{http://www.w3.org/1999/02/22-rdf-syntax-ns#}"
XMP_WORDS = {
    "caption": (f"{DC}description",),
    "creator": (f"{DC}creator",),
    "agency": (f"{PHOTOSHOP}Credit", f"{PHOTOSHOP}Source"),
    "copyright": (f"{DC}rights",),
    "rights_note": (f"{PHOTOSHOP}Instructions", f"{RIGHTS}UsageTerms"),
    "licence_url": (f"{RIGHTS}WebStatement",),
    "alt": (f"{CORE}AltTextAccessibility",),
    "keywords": (f"{DC}subject",),
}
XMP_PLACE = (f"{CORE}Location", f"{PHOTOSHOP}City", f"{PHOTOSHOP}State", f"{PHOTOSHOP}Country")


def read_words(image):
    """Return {field: value} of what the file says, only what is there. Never raises."""
    words = {}
    for read in (_exif_words, _iptc_words, _xmp_words):
        try:
            words.update({name: value for name, value in read(image).items() if value})
        except BROKEN:
            continue
    if words.get("agency") and words.get("creator"):
        words["agency"] = _without_creator(words["agency"], words["creator"])
    return {name: value for name, value in words.items() if value}


def _without_creator(agency, creator):
    """Return the credit line without the photographer at its head: creators and agencies are joined again later."""
    if agency.casefold().startswith(creator.casefold()):
        return agency[len(creator) :].lstrip(" /,–-")
    return agency


# EXIF


def _exif_words(image):
    exif = image.getexif()
    words = {name: _line(_windows(exif.get(tag)), name) for name, tag in WINDOWS_WORDS.items()}
    words |= {name: line for name, tag in EXIF_WORDS.items() if (line := _line(_ascii(exif.get(tag)), name))}
    if NO_CAPTION.fullmatch(words.get("caption") or ""):
        words["caption"] = ""
    words["taken_on"] = _day(str(exif.get_ifd(0x8769).get(0x9003) or exif.get(0x0132))[:10], "%Y:%m:%d")
    return words


def _ascii(value):
    """Return EXIF text, which by the standard is ASCII and in the wild is anything."""
    if isinstance(value, str):
        value = value.encode("latin-1", "ignore")
    return _decode([value])[0] if isinstance(value, bytes) else ""


def _windows(value):
    if isinstance(value, tuple):
        value = bytes(value)
    return value.decode("utf-16-le", "ignore") if isinstance(value, bytes) else ""


# IPTC


def _iptc_words(image):
    found = IptcImagePlugin.getiptcinfo(image) or {}
    is_utf8 = found.get((1, 90)) == IPTC_UTF8
    rows = [(number, value) for (record, number), values in found.items() if record == 2 for value in _several(values)]
    texts = _decode([value for _number, value in rows], is_utf8=is_utf8)
    fields = {}
    for (number, _value), text in zip(rows, texts, strict=True):
        fields.setdefault(number, []).append(text)
    words = {
        name: next((line for number in numbers if (line := _line(", ".join(fields.get(number, ())), name))), "")
        for name, numbers in IPTC_WORDS.items()
    }
    words["keywords"] = _line(", ".join(fields.get(IPTC_KEYWORDS, ())), "keywords")
    words["place"] = _place(" ".join(fields.get(number, ())) for number in IPTC_PLACE)
    words["taken_on"] = _day("".join(fields.get(IPTC_DATE, ()))[:8], "%Y%m%d")
    return words


def _several(values):
    return [value for value in (values if isinstance(values, list) else [values]) if isinstance(value, bytes)]


def _decode(values, *, is_utf8=False):
    """Return texts of which nobody wrote down the encoding: UTF-8, else Windows-1251 where Cyrillic words stand.

    One file has one encoding, so all its values decide together.
    """
    together = b"\n".join(values)
    try:
        together.decode("utf-8")
        encoding = "utf-8"
    except UnicodeDecodeError:
        encoding = "utf-8" if is_utf8 else "cp1251" if RUSSIAN.search(together) else "cp1252"
    return [value.decode(encoding, "replace" if is_utf8 else "ignore") for value in values]


# XMP


def _xmp_words(image):
    packet = image.info.get("xmp") or image.info.get("XML:com.adobe.xmp") or b""
    packet = packet.encode() if isinstance(packet, str) else packet
    if not packet or len(packet) > MAX_XMP_BYTES:
        return {}
    properties = {}
    for description in fromstring(packet.strip(b"\x00 \r\n\t")).iter(f"{RDF}Description"):
        properties |= {name: [value] for name, value in description.attrib.items()}
        properties |= {child.tag: _values(child) for child in description}
    words = {
        name: next((line for key in keys if (line := _line(", ".join(properties.get(key, ())), name))), "")
        for name, keys in XMP_WORDS.items()
    }
    words["place"] = _place(" ".join(properties.get(key, ())) for key in XMP_PLACE)
    stamp = (*properties.get(f"{PHOTOSHOP}DateCreated", ()), *properties.get(f"{XMP}CreateDate", ()), "")[0]
    words["taken_on"] = _day(stamp[:10], "%Y-%m-%d")
    if not re.match(r"https?://[^\s\"<>]+\Z", words["licence_url"]):
        words["licence_url"] = ""
    return words


def _values(element):
    """Return the texts of a property: of a choice of languages the default one, else every item of the list."""
    items = list(element.iter(f"{RDF}li"))
    if not items:
        return [element.text or ""]
    if element.find(f"{RDF}Alt") is not None:
        default = [item for item in items if item.get("{http://www.w3.org/XML/1998/namespace}lang") == "x-default"]
        items = (default or items)[:1]
    return [item.text for item in items if item.text]


# Values


def _place(parts):
    cleaned = (_line(part, "place") for part in parts)
    return ", ".join(dict.fromkeys(part for part in cleaned if part))[: LIMITS["place"]]


def _day(text, pattern):
    try:
        day = datetime.datetime.strptime(text, pattern).date()  # noqa: DTZ007 - a day without a zone
    except ValueError:
        return None
    return day if day.year > 1825 else None


def _line(text, name):
    return " ".join(html.tidy_text(str(text or "")).replace("\ufffd", "").split())[: LIMITS[name]].strip()

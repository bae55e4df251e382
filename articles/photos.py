"""Uploaded pictures: checked by what they hold, turned upright, and read for the words that agencies put into them."""

import datetime
import hashlib
import io
import struct
import zlib
from dataclasses import dataclass, field

from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _
from PIL import Image, ImageCms, ImageOps, IptcImagePlugin, UnidentifiedImageError

from newsroom import html

FORMATS = {"JPEG": ".jpg", "PNG": ".png", "WEBP": ".webp", "AVIF": ".avif"}
BROKEN = (
    OSError, SyntaxError, ValueError, TypeError, IndexError, KeyError, AttributeError, EOFError, OverflowError,
    MemoryError, struct.error, zlib.error,
)  # fmt: skip
IPTC_WORDS = {(2, 120): "caption", (2, 80): "creator", (2, 110): "agency", (2, 25): "keywords", (2, 90): "place"}
EXIF_WORDS = {0x010E: "caption", 0x013B: "creator"}
LIMITS = {"caption": 500, "creator": 120, "agency": 120, "keywords": 300, "place": 160}


@dataclass
class Picture:
    """A checked upload: its bytes, its upright size, and the words found inside."""

    content: bytes
    suffix: str
    width: int
    height: int
    words: dict = field(default_factory=dict)

    @property
    def sha256(self):
        """The fingerprint of the bytes, by which the same file is recognised."""
        return hashlib.sha256(self.content).hexdigest()


def examine(file):
    """Return the Picture in an uploaded file; raise ValidationError with a sentence when it cannot be one.

    What decides is the content, never the name: JPEG, PNG, WebP and AVIF within PHOTO_MAX_BYTES and PHOTO_MAX_PIXELS.
    """
    content = _read(file)
    image = open_image(content)
    try:
        turned = image.getexif().get(0x0112) in {5, 6, 7, 8}
        words = read_words(image)
        suffix = FORMATS[image.format]
        width, height = image.size
        image.draft(image.mode, (64, 64))
        image.load()
    except BROKEN as error:
        raise ValidationError(_("This picture is damaged or incomplete."), code="damaged") from error
    if turned:
        width, height = height, width
    return Picture(content, suffix, width, height, words)


def open_image(content):
    """Return the opened, not yet decoded picture of these bytes; raise ValidationError when it is none or too large."""
    try:
        image = Image.open(io.BytesIO(content), formats=tuple(FORMATS))
    except UnidentifiedImageError as error:
        raise ValidationError(_("This is no picture in JPEG, PNG, WebP or AVIF."), code="format") from error
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise ValidationError(_too_many_pixels(), code="pixels") from error
    except BROKEN as error:
        raise ValidationError(_("This picture is damaged or incomplete."), code="damaged") from error
    if image.width * image.height > settings.PHOTO_MAX_PIXELS:
        raise ValidationError(_too_many_pixels(), code="pixels")
    return image


def upright(image, *, longest):
    """Return the picture as RGB in sRGB, turned upright, decoded no larger than needed for `longest` pixels a side."""
    profile = image.info.get("icc_profile")
    image.draft(image.mode, (longest, longest))
    image = ImageOps.exif_transpose(image)
    if image.mode.startswith("I;16"):
        image = image.convert("I").point(lambda value: value / 256).convert("L")
    if image.mode in {"RGBA", "LA", "PA"} or "transparency" in image.info:
        image = image.convert("RGBA")
        white = Image.new("RGBA", image.size, "white")
        return Image.alpha_composite(white, image).convert("RGB")
    return _to_srgb(image, profile)


def _to_srgb(image, profile):
    if profile and image.mode in {"RGB", "CMYK", "L"}:
        try:
            source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
            return ImageCms.profileToProfile(image, source, ImageCms.createProfile("sRGB"), outputMode="RGB")
        except (ImageCms.PyCMSError, OSError, ValueError):
            return image.convert("RGB")
    return image.convert("RGB")


def _read(file):
    size = getattr(file, "size", None)
    if size is not None and size > settings.PHOTO_MAX_BYTES:
        raise ValidationError(_too_many_bytes(), code="bytes")
    file.seek(0)
    content = file.read(settings.PHOTO_MAX_BYTES + 1)
    if len(content) > settings.PHOTO_MAX_BYTES:
        raise ValidationError(_too_many_bytes(), code="bytes")
    if not content:
        raise ValidationError(_("This file is empty."), code="empty")
    return content


def _too_many_bytes():
    limit = settings.PHOTO_MAX_BYTES // 1_000_000
    return _("This file is larger than %(limit)d MB.") % {"limit": limit}


def _too_many_pixels():
    limit = settings.PHOTO_MAX_PIXELS // 1_000_000
    return _("This picture has more than %(limit)d megapixels.") % {"limit": limit}


# The words inside


def read_words(image):
    """Return what the file says about itself, as Photo fields: IPTC first, then EXIF. Never raises."""
    words = {}
    for read in (_exif_words, _iptc_words):
        try:
            words.update({name: value for name, value in read(image).items() if value})
        except BROKEN:
            continue
    return words


def _iptc_words(image):
    fields = IptcImagePlugin.getiptcinfo(image) or {}
    is_utf8 = fields.get((1, 90)) == b"\x1b%G"
    words = {name: _text(fields.get(key), is_utf8=is_utf8, limit=LIMITS[name]) for key, name in IPTC_WORDS.items()}
    words["taken_on"] = _day(_text(fields.get((2, 55)), is_utf8=True, limit=8), "%Y%m%d")
    return words


def _exif_words(image):
    exif = image.getexif()
    words = {name: _text(exif.get(tag), is_utf8=True, limit=LIMITS[name]) for tag, name in EXIF_WORDS.items()}
    words["taken_on"] = _day(str(exif.get_ifd(0x8769).get(0x9003))[:10], "%Y:%m:%d")
    return words


def _day(text, pattern):
    try:
        return datetime.datetime.strptime(text, pattern).date()  # noqa: DTZ007 - a day without a zone
    except ValueError:
        return None


def _text(value, *, is_utf8, limit):
    if isinstance(value, list):
        return ", ".join(_text(entry, is_utf8=is_utf8, limit=limit) for entry in value)[:limit]
    if isinstance(value, bytes):
        try:
            value = value.decode("utf-8")
        except UnicodeDecodeError:
            value = value.decode("utf-8" if is_utf8 else "cp1252", errors="replace")
    return " ".join(html.tidy_text(str(value or "")).split())[:limit].strip()

"""Uploaded pictures: checked by what they hold, measured against the limits, turned upright."""

import hashlib
import io
from dataclasses import dataclass, field

from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _
from pi_heif import register_heif_opener
from PIL import Image, ImageOps, UnidentifiedImageError

from articles import colour, likeness
from articles.photo_words import BROKEN, read_words

register_heif_opener(thumbnails=False)
FORMATS = {"JPEG": ".jpg", "PNG": ".png", "WEBP": ".webp", "AVIF": ".avif", "HEIF": ".heic"}
ACCEPT = "image/jpeg,image/png,image/webp,image/avif,image/heic,image/heif"
MAX_SIDE = 30_000
MAX_STRETCH = 20
CLEAN = {"quality": 92, "subsampling": 0, "optimize": True}
CLEAN_LONGEST = 4800


@dataclass
class Picture:
    """A checked upload: its bytes, its upright size, the words found inside, and what it looks like."""

    content: bytes
    suffix: str
    width: int
    height: int
    words: dict = field(default_factory=dict)
    likeness: str = ""

    @property
    def sha256(self):
        """The fingerprint of the bytes, by which the same file is recognised."""
        return hashlib.sha256(self.content).hexdigest()


def examine(file):
    """Return the Picture in an uploaded file; raise ValidationError with a sentence when it cannot be one.

    What decides is the content, never the name: JPEG, PNG, WebP, AVIF and HEIC within PHOTO_MAX_BYTES and
    PHOTO_MAX_PIXELS.
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
        looks = likeness.of(ImageOps.exif_transpose(image))
    except BROKEN as error:
        raise ValidationError(_("This picture is damaged or incomplete."), code="damaged") from error
    if turned:
        width, height = height, width
    return Picture(content, suffix, width, height, words, looks)


def open_image(content):
    """Return the opened, not yet decoded picture of these bytes; raise ValidationError when it is none or too large."""
    try:
        image = Image.open(io.BytesIO(content), formats=tuple(FORMATS))
    except UnidentifiedImageError as error:
        raise ValidationError(_("This is no picture in JPEG, PNG, WebP, AVIF or HEIC."), code="format") from error
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise ValidationError(_too_many_pixels(), code="pixels") from error
    except BROKEN as error:
        raise ValidationError(_("This picture is damaged or incomplete."), code="damaged") from error
    if image.width * image.height > settings.PHOTO_MAX_PIXELS or max(image.size) > MAX_SIDE:
        raise ValidationError(_too_many_pixels(), code="pixels")
    if max(image.size) > MAX_STRETCH * min(image.size):
        raise ValidationError(_("This picture is a strip: more than 20 times as long as it is wide."), code="strip")
    return image


def upright(image, *, longest):
    """Return the picture as RGB, turned upright, decoded no larger than needed for `longest` pixels a side.

    Its `info` holds nothing but the colour profile to write, if any; see articles.colour.
    """
    profile = image.info.get("icc_profile")
    image.draft(image.mode, (longest, longest))
    image = ImageOps.exif_transpose(image)
    if image.mode.startswith("I;16"):
        image = image.convert("I").point(lambda value: value / 256).convert("L")
    if image.mode in {"RGBA", "LA", "PA"} or "transparency" in image.info:
        image = image.convert("RGBA")
    elif image.mode in {"P", "1"}:
        image = image.convert("RGB")
    image.thumbnail((longest, longest), Image.Resampling.LANCZOS)
    if image.mode == "RGBA":
        image = Image.alpha_composite(Image.new("RGBA", image.size, "white"), image).convert("RGB")
    image, profile = colour.settle(image, profile)
    image.info = {"icc_profile": profile} if profile else {}
    return image


def clean_copy(content):
    """Return a large JPEG of the picture that tells nothing but what one sees: it can stand in for the original."""
    image = upright(open_image(content), longest=CLEAN_LONGEST)
    stream = io.BytesIO()
    image.save(stream, "JPEG", **CLEAN, icc_profile=image.info.get("icc_profile"))
    return stream.getvalue()


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

"""The pictures that readers get: several widths and formats of each photo, without a byte of metadata."""

import io

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from PIL import Image, ImageOps

from articles import photos
from newsroom.storage import random_name

WIDTHS = (400, 800, 1200, 1600)
CARD_WIDTHS = (400, 800)
CARD = "3:2"
CARD_RATIO = 3 / 2
LONGEST = 3200
FORMATS = {
    "avif": {"quality": 60, "speed": 8},
    "webp": {"quality": 78, "method": 4},
    "jpeg": {"quality": 80, "optimize": True, "progressive": True},
}
SUFFIXES = {"avif": ".avif", "webp": ".webp", "jpeg": ".jpg"}


def make_base(content):
    """Store one JPEG of at most 1600 pixels' width and return its entry for Photo.renditions."""
    image = photos.upright(photos.open_image(content), longest=LONGEST)
    return _store(_fit(image, min(WIDTHS[-1], image.width)), "jpeg")


def make_all(content, *, focal_x, focal_y):
    """Store every rendition and return the entries: whole pictures by width, then 3:2 cards around the focal point."""
    image = photos.upright(photos.open_image(content), longest=LONGEST)
    entries = []
    for width in sizes_for(image.width):
        entries += _store_all(_fit(image, width))
    for width in CARD_WIDTHS:
        entries += _store_all(_card(image, width, focal_x, focal_y), crop=CARD)
    return entries


def sizes_for(width):
    """Return the widths to make for a picture of this width: never larger than it is, and at least one."""
    fitting = [wanted for wanted in WIDTHS if wanted < width]
    return [*fitting, min(width, WIDTHS[-1])] if len(fitting) < len(WIDTHS) else list(WIDTHS)


def delete(names):
    """Delete files of renditions that no photo names any more."""
    for name in names:
        default_storage.delete(name)


def _fit(image, width):
    height = max(1, round(image.height * width / image.width))
    return image if width == image.width else image.resize((width, height), Image.Resampling.LANCZOS, reducing_gap=2.0)


def _card(image, width, focal_x, focal_y):
    size = (width, round(width / CARD_RATIO))
    return ImageOps.fit(image, size, Image.Resampling.LANCZOS, centering=_centering(image, focal_x, focal_y))


def _centering(image, focal_x, focal_y):
    """Return Pillow's centering that puts the focal point as near to the middle of the crop as the picture allows."""

    def along(length, kept, focal):
        spare = length - kept
        return min(1.0, max(0.0, (focal * length - kept / 2) / spare)) if spare > 0 else 0.5

    kept_width = min(image.width, image.height * CARD_RATIO)
    kept_height = min(image.height, image.width / CARD_RATIO)
    return along(image.width, kept_width, focal_x), along(image.height, kept_height, focal_y)


def _store_all(image, crop=""):
    return [_store(image, name, crop) for name in FORMATS]


def _store(image, name, crop=""):
    bare = Image.new("RGB", image.size)
    bare.paste(image)
    stream = io.BytesIO()
    bare.save(stream, name.upper(), **FORMATS[name])
    stored = default_storage.save(random_name("photos", f"x{SUFFIXES[name]}"), ContentFile(stream.getvalue()))
    entry = {"w": bare.width, "h": bare.height, "format": name, "name": stored}
    return {**entry, "crop": crop} if crop else entry

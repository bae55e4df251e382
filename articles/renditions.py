"""The pictures that readers get: several widths, shapes and formats of each photo, without a byte of metadata.

An entry of `Photo.renditions` is {w, h, format, name}, with `crop` when it has the shape of a use ("3:2"), and with
`box` when it was cut by hand ("x,y,w,h" in shares of the upright picture).
"""

import io
from dataclasses import dataclass
from xml.sax.saxutils import escape

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.utils.translation import gettext_lazy as _
from PIL import Image, ImageOps

from articles import photos
from newsroom.storage import random_name

WIDTHS = (400, 800, 1200, 1600)
MAX_HEIGHT = 3200
LONGEST = 3200
FORMATS = {
    "avif": {"quality": 60, "speed": 8},
    "webp": {"quality": 78, "method": 4},
    "jpeg": {"quality": 80, "optimize": True, "progressive": True},
}
SUFFIXES = {"avif": ".avif", "webp": ".webp", "jpeg": ".jpg"}
MAX_BOXES = 20


@dataclass(frozen=True)
class Shape:
    """A shape in which the site shows photos: its ratio, where it stands, and which files are made."""

    ratio: float
    use: str
    widths: tuple = (1200,)
    formats: tuple = ("jpeg",)


CARD = "3:2"
LINK = "1.91:1"
SHAPES = {
    CARD: Shape(3 / 2, _("Cards and lists"), (400, 800), tuple(FORMATS)),
    LINK: Shape(1.91, _("Links in messengers and social networks")),
    "16:9": Shape(16 / 9, _("Search engines, wide")),
    "4:3": Shape(4 / 3, _("Search engines")),
    "1:1": Shape(1.0, _("Search engines, square")),
}


def make_base(content, *, keep=None):
    """Store one JPEG of at most 1600 pixels' width and return its entry for Photo.renditions."""
    image = photos.upright(photos.open_image(content), longest=LONGEST)
    return _Writer(image, keep).store(_fit(image, WIDTHS[-1]), "jpeg")


def make_part(content, box, *, keep=None):
    """Store one JPEG of the part that a hand-made crop keeps and return its entry."""
    image = photos.upright(photos.open_image(content), longest=LONGEST)
    part, _focal = _cut(image, box, 0.5, 0.5)
    return _Writer(image, keep).store(_fit(part, WIDTHS[-1]), "jpeg", box=box)


def make_all(content, *, focal_x, focal_y, boxes=(), keep=None):
    """Store every rendition and return the entries: the whole picture and each hand-made crop by width, then shapes.

    `keep` is (creator, copyright) that the files name, or None. Nothing is left behind when one of them fails.
    """
    image = photos.upright(photos.open_image(content), longest=LONGEST)
    writer = _Writer(image, keep)
    try:
        writer.store_widths(image)
        for crop, shape in SHAPES.items():
            writer.store_shape(image, crop, shape, (focal_x, focal_y))
        for box in boxes:
            part, focal = _cut(image, box, focal_x, focal_y)
            writer.store_widths(part, box=box)
            writer.store_shape(part, CARD, SHAPES[CARD], focal, box=box)
    except BaseException:
        delete(entry["name"] for entry in writer.entries)
        raise
    return writer.entries


def pick(entries, *, crop="", box=""):
    """Return the entries of a shape; while it is not made, those of the whole picture stand in, so nothing is a hole.

    What was cut off by hand is never shown: of a `box` only what lies inside it is returned, which may be nothing.
    """
    for wish in ((crop, box), ("", box)):
        found = [entry for entry in entries if (entry.get("crop", ""), entry.get("box", "")) == wish]
        if found:
            return sorted(found, key=lambda entry: entry["w"])
    return []


def sizes_for(width):
    """Return the widths to make for a picture of this width: never larger than it is, and at least one."""
    fitting = [wanted for wanted in WIDTHS if wanted < width]
    return [*fitting, min(width, WIDTHS[-1])] if len(fitting) < len(WIDTHS) else list(WIDTHS)


def delete(names):
    """Delete files of renditions that no photo names any more."""
    for name in names:
        default_storage.delete(name)


def _fit(image, width):
    """Return the picture in this width at most, and not so high that a format cannot hold it."""
    width = min(width, image.width, max(1, round(image.width * MAX_HEIGHT / image.height)))
    if width == image.width:
        return image
    height = max(1, round(image.height * width / image.width))
    return image.resize((width, height), Image.Resampling.LANCZOS, reducing_gap=2.0)


def _cut(image, box, focal_x, focal_y):
    """Return the part of the picture that a hand-made crop keeps, and the focal point inside it."""
    x, y, w, h = (float(share) for share in box.split(","))
    left, top = min(round(x * image.width), image.width - 1), min(round(y * image.height), image.height - 1)
    right, bottom = round((x + w) * image.width), round((y + h) * image.height)
    part = image.crop((left, top, min(image.width, max(left + 1, right)), min(image.height, max(top + 1, bottom))))
    return part, (_inside(focal_x, x, w), _inside(focal_y, y, h))


def _inside(focal, start, length):
    return min(1.0, max(0.0, (focal - start) / length)) if length else 0.5


def _shaped(image, width, ratio, focal):
    size = (width, round(width / ratio))
    return ImageOps.fit(image, size, Image.Resampling.LANCZOS, centering=_centering(image, ratio, *focal))


def _centering(image, ratio, focal_x, focal_y):
    """Return Pillow's centering that puts the focal point as near to the middle of the crop as the picture allows."""

    def along(length, kept, focal):
        spare = length - kept
        return min(1.0, max(0.0, (focal * length - kept / 2) / spare)) if spare > 0 else 0.5

    kept_width = min(image.width, image.height * ratio)
    kept_height = min(image.height, image.width / ratio)
    return along(image.width, kept_width, focal_x), along(image.height, kept_height, focal_y)


class _Writer:
    """Writes bare pictures under random names: pixels, our own colour profile, and what the setting keeps."""

    def __init__(self, image, keep):
        self.entries = []
        self.extras = {"icc_profile": image.info.get("icc_profile"), **(named(*keep) if keep else {})}
        self.extras = {name: value for name, value in self.extras.items() if value}

    def store_widths(self, image, **where):
        """Store the picture in every width and format."""
        fitted = {each.size: each for each in (_fit(image, width) for width in sizes_for(image.width))}
        for each in fitted.values():
            for form in FORMATS:
                self.store(each, form, **where)

    def store_shape(self, image, crop, shape, focal, **where):
        """Store the picture cut to a shape around the focal point."""
        for width in shape.widths:
            shaped = _shaped(image, width, shape.ratio, focal)
            for form in shape.formats:
                self.store(shaped, form, crop=crop, **where)

    def store(self, image, form, **where):
        """Store one file and return its entry."""
        bare = Image.new("RGB", image.size)
        bare.paste(image)
        stream = io.BytesIO()
        bare.save(stream, form.upper(), **FORMATS[form], **self.extras)
        stored = default_storage.save(random_name("photos", f"x{SUFFIXES[form]}"), ContentFile(stream.getvalue()))
        entry = {"w": bare.width, "h": bare.height, "format": form, "name": stored, **where}
        self.entries.append(entry)
        return entry


def named(creator, copyright_notice):
    """Return what Pillow writes into a file so that it names creator and copyright in EXIF and XMP, nothing else."""
    exif = Image.Exif()
    if creator:
        exif[0x013B] = creator.encode()
    if copyright_notice:
        exif[0x8298] = copyright_notice.encode()
    creators = f"<dc:creator><rdf:Seq><rdf:li>{escape(creator)}</rdf:li></rdf:Seq></dc:creator>" if creator else ""
    rights = escape(copyright_notice)
    rights = f'<dc:rights><rdf:Alt><rdf:li xml:lang="x-default">{rights}</rdf:li></rdf:Alt></dc:rights>'
    packet = (
        '<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
        '<rdf:Description rdf:about="" xmlns:dc="http://purl.org/dc/elements/1.1/">'
        f"{creators}{rights if copyright_notice else ''}</rdf:Description></rdf:RDF></x:xmpmeta>"
    )
    return {"exif": exif, "xmp": packet.encode()} if creator or copyright_notice else {}

"""What photos from agencies, phones and cameras say is read into fields, and nothing of it reaches readers.

The files in tests/articles/photos/ are made by make.py there; whatever may not get out holds the word SECRET.
"""

import datetime
import io
from pathlib import Path

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage, storages
from django.utils import timezone
from PIL import Image, ImageCms, IptcImagePlugin

from articles import colour, photo_words
from articles.models import Photo

pytestmark = pytest.mark.django_db
FOLDER = Path(__file__).parent / "photos"
FILES = sorted(path.name for path in FOLDER.iterdir() if path.suffix in {".jpg", ".png", ".webp", ".avif", ".heic"})
OURS = {name: colour.profile_of(name) for name in colour.SPACES}


def take_in(name, **fields):
    content = (FOLDER / name).read_bytes()
    return Photo.take_in(ContentFile(content, name=name), by=None, at=timezone.now(), anyway=True, **fields)


def public_files(photo):
    """Return the bytes of every file that readers have got or get: the first one and all renditions."""
    names = [entry["name"] for entry in photo.renditions]
    photo.want_crop("0.1,0.1,0.5,0.5")
    photo.make_renditions()
    names += [entry["name"] for entry in photo.renditions]
    assert len(names) > 12
    return [default_storage.open(name).read() for name in names]


XMP = {
    "caption": "Паром уходит на рассвете.", "credit": "Ada Bren / Reuters", "copyright": "© Ada Bren",
    "keywords": "ferry, harbour", "place": "Piraeus, Greece", "taken_on": datetime.date(2026, 3, 6),
    "alt": "A ferry with its lights on.", "rights_note": "Once only", "licence_url": "https://example.org/licence",
}  # fmt: skip
FIELDS = {
    "iptc-utf8.jpg": {
        "caption": "Очередь у школы № 5, Екатеринбург.", "creator": "Иван Щукин", "agency": "EPA/TASS",
        "credit": "Иван Щукин / EPA / TASS", "copyright": "© 2026 EPA", "keywords": "выборы, очередь",
        "place": "Екатеринбург, Россия", "taken_on": datetime.date(2026, 3, 4), "rights_note": "NO ARCHIVE",
    },
    "iptc-cp1251.jpg": {
        "caption": "Очередь у школы № 5, Екатеринбург.", "credit": "Иван Щукин / EPA / TASS",
        "keywords": "выборы, очередь", "place": "Екатеринбург, Россия",
    },
    "iptc-latin1.jpg": {
        "caption": "Café à Zürich, « ouvert ».", "credit": "José Núñez / AFP", "copyright": "© 2026 Núñez",
        "place": "Zürich", "taken_on": datetime.date(2026, 3, 5),
    },
    "exif.jpg": {
        "caption": "A harbour at dawn.", "credit": "Ada Bren", "copyright": "Ada Bren 2026",
        "taken_on": datetime.date(2026, 3, 7),
    },
    "exif-nothing-said.jpg": {"caption": "", "credit": "", "taken_on": None},
    **dict.fromkeys(("xmp.jpg", "xmp.png", "xmp.webp", "xmp.avif", "phone.heic"), XMP),
}  # fmt: skip


@pytest.mark.parametrize("name", FIELDS)
def test_the_words_of_the_file_fill_the_fields(name):
    photo = take_in(name)
    photo.refresh_from_db()
    assert {field: getattr(photo, field) for field in FIELDS[name]} == FIELDS[name]


@pytest.mark.parametrize("name", FILES)
def test_no_public_file_says_anything(name):
    photo = take_in(name)
    for content in public_files(photo):
        lowered = content.lower()
        for word in (b"secret", "secret".encode("utf-16-le"), "Щукин".encode(), b"Bren", b"adobe:ns", b"Photoshop 3.0"):
            assert word.lower() not in lowered
        image = Image.open(io.BytesIO(content))
        assert not image.getexif()
        assert not IptcImagePlugin.getiptcinfo(image)
        assert not {"xmp", "exif", "comment", "photoshop", "Software", "XML:com.adobe.xmp"} & set(image.info)
        assert image.info.get("icc_profile") in {None, *OURS.values()}


@pytest.mark.parametrize("name", ["iptc-utf8.jpg", "xmp.webp", "xmp.avif", "phone.heic"])
def test_a_setting_keeps_creator_and_copyright_and_nothing_else(name, settings):
    settings.PHOTO_KEEP_CREDIT = True
    photo = take_in(name)
    for content in public_files(photo):
        assert photo.creator.encode() in content
        assert photo.copyright.encode() in content
        assert b"secret" not in content.lower()
        image = Image.open(io.BytesIO(content))
        assert set(image.getexif()) == {0x013B, 0x8298}
        read = photo_words.read_words(image)
        assert read == {"creator": photo.creator, "copyright": photo.copyright}


@pytest.mark.parametrize("number", range(1, 9))
def test_a_picture_turned_in_any_of_eight_ways_stands_upright(number):
    photo = take_in(f"turned-{number}.jpg")
    assert (photo.width, photo.height) == (48, 32)
    for content in public_files(photo):
        image = Image.open(io.BytesIO(content)).convert("RGB")
        if image.width * 2 == image.height * 3 and image.getpixel((image.width - 3, image.height - 3))[0] > 200:
            corners = [(3, 3), (image.width - 4, 3), (3, image.height - 4), (image.width - 4, image.height - 4)]
            seen = [tuple(value > 128 for value in image.getpixel(place)) for place in corners]
            assert seen == [(True, False, False), (False, True, False), (False, False, True), (True, True, True)]
    whole = photo.rendition(48)
    assert (whole["w"], whole["h"]) == (48, 32)


@pytest.mark.parametrize(
    ("name", "space"), [("iptc-utf8.jpg", "Adobe RGB"), ("srgb.jpg", "sRGB"), ("screen.jpg", "sRGB")]
)
def test_colours_stay_as_they_are_with_a_profile_of_our_own(name, space):
    original = Image.open(FOLDER / name)
    source = ImageCms.ImageCmsProfile(io.BytesIO(original.info["icc_profile"]))
    wanted = ImageCms.profileToProfile(original, source, ImageCms.createProfile("LAB"), outputMode="LAB")
    photo = take_in(name)
    base = Image.open(default_storage.open(photo.renditions[0]["name"]))
    assert base.info["icc_profile"] == OURS[space]
    ours = ImageCms.ImageCmsProfile(io.BytesIO(base.info["icc_profile"]))
    got = ImageCms.profileToProfile(base, ours, ImageCms.createProfile("LAB"), outputMode="LAB")
    light = [abs(a - b) for a, b in zip(wanted.getchannel(0).tobytes(), got.getchannel(0).tobytes(), strict=True)]
    assert sum(light) / len(light) < 4, "of 255, after compression"


def test_a_profile_that_is_broken_does_no_harm():
    stream = io.BytesIO()
    Image.new("RGB", (60, 40), "red").save(stream, "JPEG", icc_profile=b"SECRET" * 40)
    photo = Photo.take_in(ContentFile(stream.getvalue()), by=None, at=timezone.now())
    content = default_storage.open(photo.renditions[0]["name"]).read()
    assert b"SECRET" not in content


def test_the_original_stays_private_as_it_came():
    photo = take_in("iptc-utf8.jpg")
    assert photo.original.read() == (FOLDER / "iptc-utf8.jpg").read_bytes()
    assert not default_storage.exists(photo.original.name)
    with pytest.raises(ValueError, match="no address"):
        storages["private"].url(photo.original.name)


@pytest.mark.parametrize("name", ["iptc-utf8.jpg", "xmp.png", "phone.heic", "turned-6.jpg"])
def test_a_setting_drops_the_original_and_crops_are_made_all_the_same(name, settings):
    settings.PHOTO_ORIGINALS = "drop"
    photo = take_in(name)
    kept = photo.original.read()
    assert b"secret" not in kept.lower()
    assert not Image.open(io.BytesIO(kept)).getexif()
    assert Image.open(io.BytesIO(kept)).size == (photo.width, photo.height)
    photo.move_focal_point(0.2, 0.3)
    photo.make_renditions()
    assert len(photo.renditions) > 12


def test_names_from_a_file_wait_for_somebody_to_confirm_them():
    at = timezone.now()
    assert take_in("exif-nothing-said.jpg").confirmed_at
    assert take_in("exif.jpg", creator="Ada", agency="EPA", copyright="EPA").confirmed_at
    photo = take_in("xmp.jpg")
    assert photo.confirmed_at is None
    photo.confirm(at=at)
    assert Photo.objects.get(pk=photo.pk).confirmed_at == at
    photo.confirm(at=at + datetime.timedelta(days=1))
    assert photo.confirmed_at == at


def test_an_xmp_packet_that_attacks_the_parser_is_passed_over():
    bomb = b'<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><x>&b;</x>'
    far = b'<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]><x>&a;</x>'
    for packet in (bomb, far, b"<x>" * 5000, b"\xff\xfe", b"<x/>" + b" " * 2_000_000):
        image = Image.new("RGB", (8, 8))
        image.info["xmp"] = packet
        assert photo_words.read_words(image) == {}

"""Photos: what is taken in, what is refused, and what readers get."""

import io
from pathlib import Path

import pytest
from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage, storages
from django.utils import timezone
from django_tasks_db.models import DBTaskResult
from PIL import Image

from articles import renditions, tasks
from articles.models import Photo
from tests.make import make_image_file, make_photo, make_user

pytestmark = pytest.mark.django_db
PHOTOS = Path(__file__).parent / "photos"


def take_in(content, name="photo.jpg"):
    return Photo.take_in(ContentFile(content, name=name), by=None, at=timezone.now())


def image_bytes(form="JPEG", size=(60, 40), mode="RGB", **save):
    stream = io.BytesIO()
    Image.new(mode, size, 0).save(stream, form, **save)
    return stream.getvalue()


@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP", "AVIF"])
def test_the_four_formats_are_taken_in_and_shown_at_once_as_a_jpeg(form):
    photo = take_in(image_bytes(form), name="anything.exe")
    assert [entry["format"] for entry in photo.renditions] == ["jpeg"]
    assert default_storage.open(photo.renditions[0]["name"]).read(2) == b"\xff\xd8"
    assert photo.original.name.startswith("originals/")
    assert not photo.original.name.endswith(".exe")


@pytest.mark.parametrize("mode", ["RGBA", "P", "L", "LA", "I;16", "1"])
def test_every_way_to_hold_colours_becomes_a_picture_for_readers(mode):
    photo = take_in(image_bytes("PNG", mode=mode))
    assert Image.open(default_storage.open(photo.renditions[0]["name"])).mode == "RGB"


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "This file is empty."),
        (b"hello, I am a text", "This is no picture in JPEG, PNG, WebP, AVIF or HEIC."),
        (b"<svg xmlns='http://www.w3.org/2000/svg'><script>1</script></svg>", "This is no picture"),
        (b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n", "This is no picture"),
        (image_bytes("GIF"), "This is no picture"),
        (image_bytes("PNG", size=(300, 300))[:120], "damaged"),
        (image_bytes("JPEG", size=(800, 800))[:900], "damaged"),
        (b"\xff\xd8\xff\xe0" + b"\x00" * 300, "picture"),
        (b"\x89PNG\r\n\x1a\n" + b"\x00" * 50, "picture"),
    ],
)
def test_a_file_that_is_no_whole_picture_is_refused_with_a_sentence(content, sentence):
    with pytest.raises(ValidationError, match=sentence):
        take_in(content)
    assert Photo.objects.count() == 0


def test_a_picture_with_too_many_pixels_is_refused_before_it_is_decoded(settings):
    settings.PHOTO_MAX_PIXELS = 1_000_000
    with pytest.raises(ValidationError, match="more than 1 megapixels"):
        take_in(image_bytes("PNG", size=(1200, 1000)))


def test_a_bomb_of_pixels_is_refused():
    with pytest.raises(ValidationError, match="megapixels"):
        take_in(image_bytes("PNG", size=(20000, 20000), mode="1"))


def test_a_file_with_too_many_bytes_is_refused(settings):
    settings.PHOTO_MAX_BYTES = 1_000_000
    with pytest.raises(ValidationError, match="larger than 1 MB"):
        take_in(b"\xff" * 1_000_001)


def test_a_picture_lying_on_its_side_is_turned_upright():
    exif = Image.Exif()
    exif[0x0112] = 6
    photo = take_in(image_bytes(size=(60, 40), exif=exif))
    assert (photo.width, photo.height) == (40, 60)
    assert (photo.renditions[0]["w"], photo.renditions[0]["h"]) == (40, 60)


def test_words_inside_the_file_fill_what_is_not_given():
    exif = Image.Exif()
    exif[0x010E], exif[0x013B] = "A harbour at dawn.", "Emmanuel Bonne"
    exif.get_ifd(0x8769)[0x9003] = "2026:03:04 05:06:07"
    photo = Photo.take_in(
        ContentFile(image_bytes(exif=exif), name="a.jpg"),
        by=None,
        at=timezone.now(),
        creator="Somebody else",
        agency="",
    )
    assert (photo.caption, photo.creator, str(photo.taken_on)) == ("A harbour at dawn.", "Somebody else", "2026-03-04")


def test_nonsense_inside_the_file_does_not_stop_it():
    exif = Image.Exif()
    exif[0x010E] = "x" * 5000 + "\x07"
    exif.get_ifd(0x8769)[0x9003] = "yesterday"
    photo = take_in(image_bytes(exif=exif))
    assert photo.caption == "x" * 500
    assert photo.taken_on is None


def test_pictures_for_readers_carry_no_metadata():
    exif = Image.Exif()
    exif[0x013B] = "Secret Photographer"
    exif.get_ifd(0x8825)[1] = "N"
    photo = make_photo(ContentFile(image_bytes(size=(900, 600), exif=exif), name="a.jpg"))
    photo.make_renditions()
    for entry in photo.renditions:
        content = default_storage.open(entry["name"]).read()
        image = Image.open(io.BytesIO(content))
        assert b"Secret Photographer" not in content
        assert not image.getexif()
        assert "icc_profile" not in image.info or image.format == "AVIF"


def test_all_renditions_replace_the_first_one():
    photo = make_photo(make_image_file(2000, 1000))
    first = photo.renditions[0]["name"]
    photo.make_renditions()
    photo.refresh_from_db()
    whole = {(entry["w"], entry["format"]) for entry in photo.renditions if "crop" not in entry}
    cards = {(entry["w"], entry["h"]) for entry in photo.renditions if entry.get("crop") == "3:2"}
    assert whole == {(width, form) for width in (400, 800, 1200, 1600) for form in ("avif", "webp", "jpeg")}
    assert cards == {(400, 267), (800, 533)}
    assert first not in {entry["name"] for entry in photo.renditions}
    assert default_storage.exists(first), "a stored page may still name it for a while"


def test_a_small_picture_is_never_blown_up():
    photo = make_photo(make_image_file(500, 300))
    photo.make_renditions()
    assert {entry["w"] for entry in photo.renditions if "crop" not in entry} == {400, 500}


def test_crops_keep_the_focal_point():
    image = Image.new("RGB", (1600, 400), "white")
    image.paste("red", (1400, 100, 1600, 300))
    stream = io.BytesIO()
    image.save(stream, "JPEG")
    photo = make_photo(ContentFile(stream.getvalue(), name="wide.jpg"))
    photo.move_focal_point(0.95, 0.5)
    photo.make_renditions()
    card = Image.open(default_storage.open(photo.rendition(400, crop="3:2")["name"]))
    red, green, _blue = card.getpixel((card.width - 20, card.height // 2))
    assert red > 200
    assert green < 80


def test_a_focal_point_moved_meanwhile_is_not_overwritten_by_older_crops(monkeypatch):
    photo = make_photo()
    before = photo.renditions
    make_all = renditions.make_all

    def make_while_somebody_moves_it(*args, **kwargs):
        Photo.objects.get(pk=photo.pk).move_focal_point(0.1, 0.5)
        return make_all(*args, **kwargs)

    monkeypatch.setattr(renditions, "make_all", make_while_somebody_moves_it)
    photo.make_renditions()
    assert Photo.objects.get(pk=photo.pk).renditions == before


def test_the_same_file_twice_is_one_photo():
    content = make_image_file().read()
    first = make_photo(ContentFile(content, name="a.jpg"))
    again = make_photo(ContentFile(content, name="b.jpg"), caption="Another caption.")
    assert again.pk == first.pk
    assert again.was_known
    assert again.caption == first.caption


def test_who_took_it_in_is_known():
    user = make_user()
    assert make_photo(by=user).uploaded_by == user


def test_every_shape_that_the_site_shows_is_made_around_the_focal_point():
    photo = make_photo(make_image_file(2000, 1000))
    photo.make_renditions()
    shapes = {entry["crop"]: entry["w"] / entry["h"] for entry in photo.renditions if "crop" in entry}
    assert {name: round(ratio, 2) for name, ratio in shapes.items()} == {
        "3:2": 1.5, "1.91:1": 1.91, "16:9": 1.78, "4:3": 1.33, "1:1": 1.0
    }  # fmt: skip


def test_a_crop_made_by_hand_is_made_at_once_and_nothing_is_shown_of_what_it_cuts_off():
    image = Image.new("RGB", (1000, 800), "white")
    image.paste("red", (0, 0, 500, 400))
    stream = io.BytesIO()
    image.save(stream, "JPEG")
    photo = make_photo(ContentFile(stream.getvalue(), name="a.jpg"))
    assert photo.url(800, box="0,0,0.5,0.5") == ""
    assert photo.url(400, crop="3:2", box="0,0,0.5,0.5") == ""
    before = DBTaskResult.objects.count()
    photo.want_crop("0,0,0.5,0.5")
    photo.want_crop("0,0,0.5,0.5")
    assert DBTaskResult.objects.count() == before + 1
    at_once = photo.rendition(500, box="0,0,0.5,0.5")
    assert (at_once["w"], at_once["h"], at_once["format"]) == (500, 400, "jpeg")
    assert photo.rendition(400, crop="3:2", box="0,0,0.5,0.5") == at_once
    photo.make_renditions()
    entry = photo.rendition(500, box="0,0,0.5,0.5")
    assert (entry["w"], entry["h"]) == (500, 400)
    colours = Image.open(default_storage.open(entry["name"])).getcolors(256_000)
    assert all(colour[0] > 200 and colour[1] < 90 for _count, colour in colours)
    card = photo.rendition(400, crop="3:2", box="0,0,0.5,0.5")
    assert (card["box"], card["w"], card["h"]) == ("0,0,0.5,0.5", 400, 267)


@pytest.mark.parametrize("size", [(12_000, 700), (700, 12_000)])
def test_a_long_picture_is_cut_down_to_what_every_format_can_hold(size):
    photo = take_in(image_bytes("PNG", size=size))
    photo.make_renditions()
    assert max(max(entry["w"], entry["h"]) for entry in photo.renditions) <= 3200


def test_a_strip_is_refused():
    with pytest.raises(ValidationError, match="strip"):
        take_in(image_bytes("PNG", size=(2000, 90)))


def test_the_same_picture_in_another_size_and_format_is_recognised_unless_it_is_wanted_anyway():
    original = Image.open(PHOTOS / "iptc-utf8.jpg").resize((600, 400))
    stream, smaller = io.BytesIO(), io.BytesIO()
    original.save(stream, "JPEG", quality=95)
    original.resize((300, 200)).save(smaller, "WEBP", quality=40)
    first = take_in(stream.getvalue())
    again = take_in(smaller.getvalue())
    assert (again.pk, again.was_known, again.was_alike) == (first.pk, True, True)
    anyway = Photo.take_in(ContentFile(smaller.getvalue()), by=None, at=timezone.now(), anyway=True)
    assert anyway.pk != first.pk
    assert take_in((PHOTOS / "iptc-latin1.jpg").read_bytes()).pk not in {first.pk, anyway.pk}


def test_pictures_that_show_too_little_are_never_taken_for_one_another():
    assert take_in(image_bytes(size=(60, 40))).pk != take_in(image_bytes(size=(80, 40))).pk


def test_the_same_file_at_the_same_moment_is_one_photo_and_one_set_of_files(monkeypatch):
    content = make_image_file().read()
    first = take_in(content)
    known, answers = Photo._known, [None]
    monkeypatch.setattr(Photo, "_known", lambda *args, **kwargs: answers.pop() if answers else known(*args, **kwargs))
    files = len(list(default_storage_files()))
    again = take_in(content)
    assert (again.pk, again.was_known) == (first.pk, True)
    assert len(list(default_storage_files())) == files


def default_storage_files():
    return default_storage.base_location.rglob("*.*")


def test_a_deleted_photo_takes_its_files_along_a_day_later():
    photo = make_photo()
    names, original = [entry["name"] for entry in photo.renditions], photo.original.name
    photo.delete()
    task = DBTaskResult.objects.latest("enqueued_at")
    assert task.run_after > timezone.now()
    tasks.delete_photo_files.func(**task.args_kwargs["kwargs"])
    assert not any(default_storage.exists(name) for name in names)
    assert not storages["private"].exists(original)

"""The photo desk in a real browser: many files at once, the words of the new ones, the focal point by keyboard."""

from pathlib import Path

import pytest
from django.core.files.base import ContentFile
from django.utils import timezone
from playwright.sync_api import expect

from articles.models import Photo
from tests.make import make_article, make_edition, make_image_file, make_photo, make_user

FILES = Path(__file__).parents[1] / "articles" / "photos"


@pytest.mark.console("status of 422", "status of 409")
def test_many_files_come_in_at_once_each_with_its_own_end(page, log_in, site, tmp_path):
    make_edition()
    known = Photo.take_in(ContentFile((FILES / "xmp.jpg").read_bytes()), by=None, at=timezone.now())
    alike = tmp_path / "alike.jpg"
    alike.write_bytes((FILES / "xmp.jpg").read_bytes() + b"more")
    broken = tmp_path / "broken.jpg"
    broken.write_bytes(b"no picture at all")
    log_in(page, make_user("Photo editor"))
    page.goto("/admin/articles/photo/add/")
    page.get_by_label("Photos").set_input_files([FILES / "iptc-utf8.jpg", broken, alike, FILES / "phone.heic"])
    page.get_by_role("button", name="Take in", exact=True).click()
    rows = page.locator(".upload__row")
    expect(rows).to_have_count(4)
    expect(rows.filter(has_text="iptc-utf8.jpg")).to_contain_text("taken in")
    expect(rows.filter(has_text="phone.heic")).to_contain_text("taken in")
    expect(rows.filter(has_text="broken.jpg")).to_contain_text("This is no picture")
    asking = rows.filter(has_text="alike.jpg")
    expect(asking).to_contain_text("looks like a photo in the library")
    asking.get_by_role("button", name="Take it in all the same").click()
    expect(asking).to_contain_text("taken in")
    assert Photo.objects.count() == 4
    page.get_by_role("link", name="Check the words of the photos").click()
    expect(page.locator(".confirm__photo")).to_have_count(3)
    page.get_by_label("creator").first.fill("Somebody Else")
    page.get_by_role("button", name="These words are right: store them").click()
    expect(page.locator(".messagelist")).to_contain_text("stored")
    assert Photo.objects.exclude(pk=known.pk).unconfirmed().count() == 0
    assert Photo.objects.filter(creator="Somebody Else").count() == 1


@pytest.mark.console("status of 409")
def test_the_one_in_the_library_is_used_in_place_of_a_copy(page, log_in, site, tmp_path):
    make_edition()
    known = Photo.take_in(ContentFile((FILES / "xmp.jpg").read_bytes()), by=None, at=timezone.now())
    alike = tmp_path / "alike.jpg"
    alike.write_bytes((FILES / "xmp.jpg").read_bytes() + b"more")
    log_in(page, make_user("Photo editor"))
    page.goto("/admin/articles/photo/add/")
    page.get_by_label("Photos").set_input_files([alike])
    page.get_by_role("button", name="Take in", exact=True).click()
    page.get_by_role("button", name="Use the one in the library").click()
    expect(page).to_have_url(f"{site}/admin/articles/photo/confirm/?ids={known.public_id}")
    assert Photo.objects.count() == 1


def test_files_are_dropped_on_the_page(page, log_in, site):
    make_edition()
    log_in(page, make_user("Photo editor"))
    page.goto("/admin/articles/photo/add/")
    handle = page.evaluate_handle(
        """bytes => {
             const carrier = new DataTransfer()
             carrier.items.add(new File([new Uint8Array(bytes)], "dropped.jpg", { type: "image/jpeg" }))
             return carrier
           }""",
        list(make_image_file().read()),
    )
    page.dispatch_event("body", "drop", {"dataTransfer": handle})
    expect(page.locator(".confirm__photo")).to_have_count(1)
    assert Photo.objects.count() == 1


def test_the_focal_point_moves_by_keyboard_and_every_crop_shows_it(page, log_in, site):
    make_edition()
    photo = make_photo(make_image_file(1200, 800))
    log_in(page, make_user("Photo editor"))
    page.goto(f"/admin/articles/photo/{photo.pk}/change/")
    canvases = page.locator(".crops__canvas")
    expect(canvases).to_have_count(5)
    picture = page.get_by_role("group", name="Focal point: move it")
    picture.focus()
    for _step in range(3):
        page.keyboard.press("ArrowRight")
    page.keyboard.press("Shift+ArrowUp")
    expect(page.locator('[data-focal="x"]')).to_have_value("0.530")
    expect(page.locator('[data-focal="y"]')).to_have_value("0.400")
    expect(picture).to_contain_text("53 of 100 from the left, 40 of 100 from the top")
    painted = canvases.evaluate_all(
        "all => all.map(c => c.getContext('2d').getImageData(c.width / 2, c.height / 2, 1, 1).data[3])"
    )
    assert painted == [255] * 5
    page.locator('[data-focal="x"]').fill("0.2")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.locator(".messagelist")).to_be_visible()
    photo.refresh_from_db()
    assert (photo.focal_x, photo.focal_y) == (0.2, 0.4)


def test_many_files_come_in_without_script_too(new_context, log_in, site, tmp_path):
    make_edition()
    page = new_context(java_script_enabled=False).new_page()
    log_in(page, make_user("Photo editor"))
    page.goto(f"{site}/admin/articles/photo/add/")
    page.get_by_label("Photos").set_input_files([FILES / "iptc-utf8.jpg", FILES / "xmp.png"])
    page.get_by_role("button", name="Take in", exact=True).click()
    expect(page.locator(".confirm__photo")).to_have_count(2)


def test_a_story_crops_its_lead_photo_and_stands_photos_side_by_side(page, log_in, site, work):
    make_edition()
    photos = [make_photo(make_image_file(1200, 800)) for _number in range(2)]
    inside = "".join(f'<figure data-photo="{photo.public_id}"></figure>' for photo in photos)
    story = make_article(photo=photos[0], body_html=f"<p>Text.</p>{inside}")
    log_in(page, make_user("Editor"))
    page.goto(f"/admin/articles/article/{story.pk}/change/")
    page.locator(".field--lead_crop").get_by_role("button", name="Crop the photo").click()
    dialog = page.get_by_role("dialog")
    width = dialog.get_by_label("Width")
    width.focus()
    for _step in range(50):
        page.keyboard.press("ArrowLeft")
    dialog.get_by_role("button", name="Use this crop").click()
    expect(page.get_by_text("Cropped for this story")).to_be_visible()
    for choice in page.get_by_label("Width of the photo").all():
        choice.select_option("gallery")
    page.get_by_role("button", name="Save", exact=True).first.click()
    expect(page.locator(".messagelist")).to_contain_text("Saved.")
    content = story.read_draft().content
    assert content["lead_crop"] == "0,0,0.5,1"
    assert content["body_html"].count('data-layout="gallery"') == 2
    draft = story.read_draft()
    story.publish(version=draft.version, by=None, at=timezone.now())
    work()
    page.goto(story.get_absolute_url())
    lead = page.locator(".photo--lead img")
    assert abs(int(lead.get_attribute("width")) / int(lead.get_attribute("height")) - 600 / 800) < 0.01
    gallery = page.get_by_role("list", name="Gallery: 2 photos")
    gallery.focus()
    expect(gallery.locator("figure")).to_have_count(2)


@pytest.mark.console("status of 409")
def test_the_dialog_of_a_story_offers_the_one_in_the_library(page, log_in, site, tmp_path):
    make_edition()
    known = Photo.take_in(ContentFile((FILES / "xmp.jpg").read_bytes()), by=None, at=timezone.now())
    alike = tmp_path / "alike.jpg"
    alike.write_bytes((FILES / "xmp.jpg").read_bytes() + b"more")
    log_in(page, make_user("Editor"))
    page.goto("/admin/articles/article/add/")
    page.get_by_role("button", name="Lead photo: choose").click()
    page.get_by_text("Upload a new photo").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("File").set_input_files(alike)
    dialog.get_by_role("button", name="Take in and use").click()
    expect(dialog).to_contain_text("looks like a photo in the library")
    dialog.get_by_role("button", name="Use the one in the library").click()
    expect(page.locator("#id_lead_photo")).to_have_value(known.public_id)
    assert Photo.objects.count() == 1

"""The library of photos in a real browser."""

from playwright.sync_api import expect

from articles.models import Photo
from tests.make import make_edition, make_image_file, make_photo, make_user


def test_a_click_on_the_picture_moves_the_focal_point(page, log_in, site):
    make_edition()
    photo = make_photo(make_image_file(1200, 800))
    log_in(page, make_user("Photo editor"))
    page.goto(f"/admin/articles/photo/{photo.pk}/change/")
    box = page.locator("[data-focal-picture] img").bounding_box()
    page.mouse.click(box["x"] + box["width"] * 0.25, box["y"] + box["height"] * 0.75)
    mark = page.locator(".focal__mark").bounding_box()
    assert abs(mark["x"] + mark["width"] / 2 - box["x"] - box["width"] * 0.25) < 2
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.locator(".messagelist")).to_be_visible()
    photo.refresh_from_db()
    assert (round(photo.focal_x, 2), round(photo.focal_y, 2)) == (0.25, 0.75)


def test_a_new_photo_comes_in_from_the_dialog_of_a_story(page, log_in, site, tmp_path):
    make_edition()
    file = tmp_path / "harbour.jpg"
    file.write_bytes(make_image_file().read())
    log_in(page, make_user("Editor"))
    page.goto("/admin/articles/article/add/")
    page.get_by_role("button", name="Lead photo: choose").click()
    page.get_by_text("Upload a new photo").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("File").set_input_files(file)
    dialog.get_by_label("Photographer").fill("Emmanuel Bonne")
    dialog.get_by_label("Alternative text").fill("A ferry.")
    dialog.get_by_role("button", name="Take in and use").click()
    expect(page.locator("[data-pointer-thumb]")).to_be_visible()
    photo = Photo.objects.get()
    assert (photo.creator, photo.alt) == ("Emmanuel Bonne", "A ferry.")
    expect(page.locator("#id_lead_photo")).to_have_value(photo.public_id)

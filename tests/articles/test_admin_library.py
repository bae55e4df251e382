"""Photos, people, sections and topics in the admin."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from articles.models import Person, PersonIdentity, Photo, Section
from tests.make import make_article, make_edition, make_image_file, make_person, make_photo, make_section, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def photo_editor(client):
    user = make_user("Photo editor")
    client.force_login(user)
    return user


def upload(content=None, name="a.jpg"):
    return SimpleUploadedFile(name, make_image_file().read() if content is None else content, "image/jpeg")


def photo_data(photo, **changes):
    inline = {"texts-TOTAL_FORMS": 0, "texts-INITIAL_FORMS": 0, "texts-MIN_NUM_FORMS": 0, "texts-MAX_NUM_FORMS": 10}
    names = ("caption", "creator", "agency", "credit_url", "alt", "place", "keywords")
    words = {name: getattr(photo, name) for name in names}
    rights = {"rights": photo.rights, "for_site": "on", "for_letters": "on", "for_others": "on"}
    return {**words, **rights, "focal_x": photo.focal_x, "focal_y": photo.focal_y, "taken_on": "", **inline, **changes}


def test_several_photos_come_in_at_once_and_a_bad_one_is_named(client, photo_editor):
    response = client.post(
        reverse("admin:articles_photo_add"),
        {"files": [upload(), upload(b"text", "broken.jpg"), upload()], "creator": "Emmanuel Bonne", "agency": "EPA"},
    )
    assert response.status_code == 422
    assert "broken.jpg: This is no picture" in response.content.decode()
    assert {photo.credit for photo in Photo.objects.all()} == {"Emmanuel Bonne / EPA"}
    assert Photo.objects.count() == 2


def test_a_single_photo_leads_to_its_page(client, photo_editor):
    response = client.post(reverse("admin:articles_photo_add"), {"files": upload()})
    photo = Photo.objects.get()
    assert response.url == reverse("admin:articles_photo_change", args=[photo.pk])
    text = client.get(response.url).content.decode()
    assert photo.url(800) in text
    assert photo.original.name not in text


def test_no_file_is_refused_at_its_field(client, photo_editor):
    response = client.post(reverse("admin:articles_photo_add"), {"caption": "Kept caption"})
    assert response.status_code == 422
    assert "Kept caption" in response.content.decode()


def test_a_moved_focal_point_has_the_crops_made_anew(client, photo_editor):
    from django_tasks_db.models import DBTaskResult

    photo = make_photo()
    before = DBTaskResult.objects.count()
    url = reverse("admin:articles_photo_change", args=[photo.pk])
    assert client.post(url, photo_data(photo, focal_x="0.2", caption="New words.")).status_code == 302
    photo.refresh_from_db()
    assert (photo.focal_x, photo.caption) == (0.2, "New words.")
    assert DBTaskResult.objects.count() == before + 1


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("focal_x", "1.1"), ("focal_x", "nan"), ("focal_x", "x"), ("focal_y", "-0.1"), ("focal_y", ""),
        ("caption", "bell\x07"),
        ("caption", "x" * 501), ("credit_url", "javascript:alert(1)"), ("taken_on", "yesterday"), ("alt", "null\x00"),
    ],
)  # fmt: skip
def test_bad_words_of_a_photo_are_refused_at_their_field(client, photo_editor, field, value):
    photo = make_photo()
    url = reverse("admin:articles_photo_change", args=[photo.pk])
    response = client.post(url, photo_data(photo, **{field: value}))
    assert response.status_code == 200
    assert field in response.context["adminform"].form.errors
    photo.refresh_from_db()
    assert photo.focal_x == 0.5


def test_a_photo_that_stands_in_a_story_cannot_be_deleted(client, photo_editor):
    photo = make_photo()
    make_article(photo=photo, published=True)
    assert client.post(reverse("admin:articles_photo_delete", args=[photo.pk]), {"post": "yes"}).status_code == 403
    assert Photo.objects.exists()


def test_a_reporter_adds_photos_and_changes_none(client):
    client.force_login(make_user("Reporter"))
    photo = make_photo()
    url = reverse("admin:articles_photo_change", args=[photo.pk])
    assert client.get(url).status_code == 200
    assert client.post(url, photo_data(photo, caption="Mine")).status_code == 403
    response = client.post(reverse("admin:articles_photo_add"), {"files": upload()})
    assert response.url.startswith(reverse("admin:articles_photo_confirm"))


def test_the_grid_shows_photos_and_finds_them(client, photo_editor, django_assert_max_num_queries):
    for _number in range(6):
        make_photo()
    make_photo(caption="Гавань на рассвете.")
    url = reverse("admin:articles_photo_changelist")
    with django_assert_max_num_queries(9):
        assert client.get(url).content.decode().count('class="thumb"') == 7
    assert client.get(url, {"q": "рассвете"}).content.decode().count('class="thumb"') == 1
    assert client.get(url, {"q": "\x00"}).status_code == 200


PERSON = {
    "name": "Нина Волкова", "name_state": "named", "kind": "person", "title": "", "bio_html": "", "slug": "",
    "user": "",
    "portrait": "", "texts-TOTAL_FORMS": 0, "texts-INITIAL_FORMS": 0, "identity-TOTAL_FORMS": 0,
    "identity-INITIAL_FORMS": 0,
}  # fmt: skip


def test_a_person_gets_an_address_from_the_public_name(client):
    client.force_login(make_user("Editor"))
    for slug in ("nina-volkova", None):
        assert client.post(reverse("admin:articles_person_add"), PERSON).status_code == 302
        person = Person.objects.latest("pk")
        assert person.slug == slug or person.slug.startswith("nina-volkova-")


def test_only_those_with_the_right_see_that_identities_are_kept(client):
    person = make_person("Pseudonym", name_state="pseudonym")
    PersonIdentity.objects.create(person=person, real_name="Real Name Here")
    url = reverse("admin:articles_person_change", args=[person.pk])
    client.force_login(make_user("Editor"))
    text = client.get(url).content.decode()
    assert "Real Name Here" not in text
    assert "identity" not in text.lower()
    client.force_login(make_user("Administrator"))
    assert "Real Name Here" in client.get(url).content.decode()


def test_sections_and_topics_are_made_with_their_address(client):
    client.force_login(make_user("Editor"))
    data = {"edition": make_edition().pk, "name": "Культура", "slug": "", "description": "", "position": 1}
    assert client.post(reverse("admin:articles_section_add"), data).status_code == 302
    assert Section.objects.get().slug == "kultura"
    assert client.post(reverse("admin:articles_section_add"), data).status_code == 200, "the same one twice is refused"
    assert (
        client.post(
            reverse("admin:articles_topic_add"), {"name": "Выборы", "slug": "", "intro": "", "order": "newest"}
        ).status_code
        == 302
    )


@pytest.mark.parametrize("name", ["photo", "person", "section", "topic", "page", "article"])
def test_every_list_and_form_opens_for_an_administrator(client, name):
    client.force_login(make_user("Administrator"))
    make_photo()
    make_person()
    make_section()
    for page in ("changelist", "add"):
        assert client.get(reverse(f"admin:articles_{name}_{page}")).status_code == 200

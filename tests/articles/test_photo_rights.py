"""Rights of photos, where they are used, and finding them."""

import datetime

import pytest
from django.core.files.base import ContentFile
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone

from articles.models import Photo
from desk.models import NotReady
from tests.articles.test_photo_metadata import FOLDER
from tests.make import make_article, make_person, make_photo, make_user

pytestmark = pytest.mark.django_db
TODAY = datetime.date(2026, 3, 4)


@pytest.fixture
def photo_editor(client):
    user = make_user("Photo editor")
    client.force_login(user)
    return user


def today():
    return timezone.localdate()


def test_a_photo_whose_right_has_ended_blocks_a_new_story_and_advises_on_a_live_one():
    photo = make_photo(expires_on=today())
    story = make_article(photo=photo, published=True)
    Photo.objects.filter(pk=photo.pk).update(expires_on=today() - datetime.timedelta(days=1))
    with pytest.raises(NotReady, match="ended"):
        make_article(photo=photo, published=True)
    story.publish(version=story.read_draft().version, by=None, at=timezone.now())
    assert any("ended" in str(problem.message) for problem in story.problems())


def test_a_photo_that_is_not_for_the_site_blocks_a_story():
    with pytest.raises(NotReady, match="may not stand on the site"):
        make_article(photo=make_photo(for_site=False), published=True)


def test_the_report_lists_live_stories_with_photos_that_should_not_stand_there(client, photo_editor):
    live = {
        name: make_article(photo=make_photo(), published=True, headline=f"Story {name}")
        for name in ("fine", "ended", "ends", "barred", "nameless")
    }
    inside = make_photo()
    body = f'<p>Text.</p><figure data-photo="{inside.public_id}"></figure>'
    live["inside"] = make_article(published=True, headline="Story inside", body_html=body)
    make_article(photo=make_photo(expires_on=TODAY), headline="Story draft")
    for name, change in {
        "ended": {"expires_on": TODAY}, "ends": {"expires_on": today() + datetime.timedelta(days=9)},
        "barred": {"for_site": False}, "nameless": {"creator": "", "agency": ""},
    }.items():  # fmt: skip
        Photo.objects.filter(pk=live[name].lead_photo_id).update(**change)
    Photo.objects.filter(pk=inside.pk).update(expires_on=TODAY)
    text = client.get(reverse("admin:articles_photo_rights")).content.decode()
    shown = {name for name in (*live, "draft") if f"Story {name}" in text}
    assert shown == {"ended", "ends", "barred", "nameless", "inside"}
    assert "ended on" in text


def test_the_report_of_nothing_says_so(client, photo_editor):
    assert "may be shown" in client.get(reverse("admin:articles_photo_rights")).content.decode()


def test_who_may_not_see_photos_may_not_see_the_report(client):
    client.force_login(make_user())
    assert client.get(reverse("admin:articles_photo_rights")).status_code == 403
    assert client.get(reverse("admin:articles_photo_confirm")).status_code == 403


def test_the_page_of_a_photo_says_where_it_is_used_drafts_too(client, photo_editor):
    photo, other = make_photo(), make_photo()
    make_article(photo=photo, published=True, headline="Leads live")
    body = f'<p>Text.</p><figure data-photo="{photo.public_id}"></figure>'
    make_article(published=True, headline="Stands inside", body_html=body)
    make_article(photo=photo, headline="Leads a draft")
    make_article(headline="Inside a draft", body_html=body)
    make_article(photo=other, published=True, headline="Another picture")
    make_person("Ada Bren", portrait=photo)
    found = {(str(story), is_live) for story, is_live in photo.standing()}
    assert found == {
        ("Leads live", True), ("Stands inside", True), ("Leads a draft", False), ("Inside a draft", False)
    }  # fmt: skip
    text = client.get(reverse("admin:articles_photo_change", args=[photo.pk])).content.decode()
    for words in ("Leads live", "Stands inside", "Leads a draft", "Inside a draft", "Ada Bren"):
        assert words in text
    assert "Another picture" not in text


SEARCHES = [
    ({"q": "гавань рассвет"}, {"harbour"}),
    ({"credit": "EPA / TASS"}, {"harbour"}),
    ({"credit": "tass"}, {"harbour"}),
    ({"taken_from": "2026-03-01", "taken_to": "2026-03-31"}, {"harbour"}),
    ({"taken_to": "2025-12-31"}, {"school"}),
    ({"rights": "licence"}, {"school"}),
    ({"state": "uncredited"}, {"nameless"}),
    ({"state": "expired"}, {"school"}),
    ({"state": "restricted"}, {"nameless"}),
    ({"state": "unconfirmed"}, {"nameless"}),
    ({"q": "queue", "rights": "licence"}, {"school"}),
    ({"taken_from": "yesterday", "rights": "nonsense", "state": "x"}, {"harbour", "school", "nameless"}),
]


@pytest.mark.parametrize(("query", "wanted"), SEARCHES)
def test_photos_are_found_by_words_credit_date_and_rights(client, photo_editor, query, wanted):
    photos = {
        "harbour": make_photo(
            caption="Гавань на рассвете.", creator="EPA", agency="TASS", taken_on=datetime.date(2026, 3, 4)
        ),
        "school": make_photo(
            caption="A queue.", agency="AFP", taken_on=datetime.date(2025, 3, 4), rights="licence", expires_on=TODAY,
        ),
        "nameless": make_photo(caption="A queue.", creator="", agency="", for_site=False),
    }  # fmt: skip
    Photo.objects.filter(pk=photos["nameless"].pk).update(confirmed_at=None)
    answer = client.get(reverse("admin:articles_photo_picker"), query).json()
    assert {row["id"] for row in answer["results"]} == {photos[name].public_id for name in wanted}
    response = client.get(reverse("admin:articles_photo_changelist"), query)
    assert response.status_code == 200
    assert {photo.pk for photo in response.context["cl"].result_list} == {photos[name].pk for name in wanted}


def upload(name):
    return SimpleUploadedFile(name, (FOLDER / name).read_bytes(), "image/jpeg")


def test_several_new_photos_are_worded_on_one_page(client, photo_editor):
    response = client.post(reverse("admin:articles_photo_add"), {"files": [upload("xmp.jpg"), upload("iptc-utf8.jpg")]})
    first, second = Photo.objects.order_by("pk")
    assert response.url == f"{reverse('admin:articles_photo_confirm')}?ids={first.public_id},{second.public_id}"
    text = client.get(response.url).content.decode()
    assert "Иван Щукин" in text
    assert "A ferry with its lights on." in text
    data = {"form-TOTAL_FORMS": 2, "form-INITIAL_FORMS": 2}
    for number, photo in enumerate((first, second)):
        data |= {f"form-{number}-id": photo.pk, f"form-{number}-caption": "New\nwords.", f"form-{number}-agency": "EPA"}
    bad = client.post(response.url, {**data, "form-1-caption": "bell\x07"})
    assert bad.status_code == 422
    assert Photo.objects.unconfirmed().count() == 2
    assert client.post(response.url, data).status_code == 302
    assert Photo.objects.unconfirmed().count() == 0
    assert set(Photo.objects.values_list("caption", "creator", "agency")) == {("New words.", "", "EPA")}


def test_a_reporter_words_his_own_new_photos_and_nobody_elses(client):
    user = make_user("Reporter")
    client.force_login(user)
    mine, other = make_photo(by=user), make_photo(by=make_user())
    old = make_photo(by=user, at=timezone.now() - datetime.timedelta(days=2))
    url = f"{reverse('admin:articles_photo_confirm')}?ids={mine.public_id},{other.public_id},{old.public_id}"
    assert [form.instance for form in client.get(url).context["formset"]] == [mine]
    data = {"form-TOTAL_FORMS": 1, "form-INITIAL_FORMS": 1, "form-0-id": other.pk, "form-0-caption": "Stolen"}
    client.post(url, data)
    assert not Photo.objects.filter(caption="Stolen").exists()


@pytest.mark.parametrize("data", [{}, {"form-TOTAL_FORMS": "x"}, {"form-TOTAL_FORMS": 9**9, "form-INITIAL_FORMS": 9}])
def test_a_forged_confirmation_is_refused(client, photo_editor, data):
    photo = make_photo()
    url = f"{reverse('admin:articles_photo_confirm')}?ids={photo.public_id},;DROP,\x00"
    assert client.post(url, data).status_code == 422


def test_a_picture_that_looks_like_another_is_offered_instead_and_taken_in_when_asked(client, photo_editor):
    first = Photo.take_in(upload("xmp.jpg"), by=None, at=timezone.now())
    url = reverse("admin:articles_photo_upload")
    alike = (FOLDER / "xmp.jpg").read_bytes() + b"more"
    response = client.post(url, {"files": ContentFile(alike, name="copy.jpg")})
    assert response.status_code == 409
    assert response.json()["alike"]["id"] == first.public_id
    assert Photo.objects.count() == 1
    page = client.post(reverse("admin:articles_photo_add"), {"files": ContentFile(alike, name="copy.jpg")})
    assert page.status_code == 422
    assert "looks like a photo in the library" in page.content.decode()
    again = client.post(url, {"files": ContentFile(alike, name="copy.jpg"), "anyway": "on"})
    assert again.status_code == 200
    assert Photo.objects.count() == 2


def test_the_reason_for_no_credit_is_given_on_the_photos_page(client, photo_editor):
    from newsroom.models import StaffAction
    from tests.articles.test_admin_library import photo_data

    photo = make_photo(creator="", agency="")
    Photo.objects.filter(pk=photo.pk).update(confirmed_at=None)
    url = reverse("admin:articles_photo_change", args=[photo.pk])
    assert client.post(url, photo_data(photo, without_credit="Author in danger.")).status_code == 302
    photo.refresh_from_db()
    assert photo.no_credit_reason == "Author in danger."
    assert photo.confirmed_at
    assert StaffAction.objects.get(action="allow photo without credit").user == photo_editor
    assert client.post(url, photo_data(photo, without_credit="Author in danger.")).status_code == 302
    assert StaffAction.objects.count() == 1, "said once"

"""The credit of a photo: the same words wherever the photo stands, and none of them made twice."""

import json
import re
from pathlib import Path
from xml.etree import ElementTree

import pytest
from bs4 import BeautifulSoup
from django.conf import settings
from django.utils import timezone

from articles import credits
from articles.models import Photo
from desk.models import NotReady
from newsroom.models import StaffAction
from tests.make import make_article, make_edition, make_person, make_photo, make_topic, make_user
from tests.newsletters.make import approve, make_issue, make_newsletter, read, story_block, text_block

pytestmark = pytest.mark.django_db
ROOT = Path(__file__).parents[2]
MEDIA = "{http://search.yahoo.com/mrss/}"


@pytest.mark.parametrize(
    ("creator", "agency", "credit"),
    [
        ("EPA", "TASS", "EPA / TASS"), ("EPA/TASS", "", "EPA / TASS"), (" EPA ", "EPA", "EPA"), ("", "TASS", "TASS"),
        ("Ada Bren", "ada bren / Reuters", "Ada Bren / Reuters"), ("", "", ""), ("/", " / ", ""),
    ],
)  # fmt: skip
def test_a_credit_names_each_once_with_a_slash_between(creator, agency, credit):
    assert credits.join_credit(creator, agency) == credit
    assert Photo(creator=creator, agency=agency).credit == credit


def test_a_credit_is_the_same_on_every_surface_that_shows_the_photo(client):
    edition = make_edition(postal_address="1 Quay")
    photo = make_photo(
        creator="EPA", agency="TASS", caption="A <queue>", credit_url="https://epa.example/photo?a=1&b=2"
    )
    person = make_person("Ada Bren")
    for number in range(3):
        story = make_article(
            published=True, photo=photo, people=[person], topics=["Rivers"], headline=f"Story {number}",
            body_html=f'<p>Text.</p><figure data-photo="{photo.public_id}"><figcaption>Own words</figcaption></figure>',
        )  # fmt: skip
    pages = [
        "/", story.get_absolute_url(), f"/people/{person.slug}/", f"/topics/{make_topic('Rivers').slug}/",
        f"/sections/{story.section.slug}/",
    ]  # fmt: skip
    for address in pages:
        page = BeautifulSoup(client.get(address).content, "html.parser")
        pictures = page.select(".card__picture, figure.photo")
        assert pictures, address
        for picture in pictures:
            assert picture.select_one(".photo__credit, .card__credit").get_text() == "EPA / TASS", address
    page = BeautifulSoup(client.get(story.get_absolute_url()).content, "html.parser")
    lines = [line.get_text() for line in page.select("figcaption")]
    assert lines == ["A <queue>. EPA / TASS", "Own words. EPA / TASS"]
    entry = ElementTree.fromstring(client.get("/feed.xml").content).find(f".//{MEDIA}content")
    assert entry.findtext(f"{MEDIA}credit") == "EPA / TASS"
    assert entry.get("url").startswith(f"{settings.HOME_ORIGIN}/media/photos/")
    [data, *_more] = credits.image_object(photo, origin="https://example.org")
    assert data["creditText"] == "EPA / TASS"
    photo.make_renditions()
    blocks = [story_block(story), {**text_block(""), "kind": "image", "photo": photo.pk}]
    letter = approve(make_issue(make_newsletter(edition=edition, layout="pictures"), blocks=blocks))
    mail = read(bytes(letter.find_rendering().message)).get_body(("html",)).get_content()
    lines = [line.get_text() for line in BeautifulSoup(mail, "html.parser").select("img + p")]
    assert lines == ["EPA / TASS", "A <queue>. EPA / TASS"]


def test_the_link_of_a_credit_stands_in_the_page():
    photo = Photo(creator="EPA", credit_url="https://epa.example/?a=1&b=2")
    link = BeautifulSoup(credits.credit_html(photo), "html.parser").a
    assert (link.get_text(), link["href"], link["rel"]) == ("EPA", photo.credit_url, ["noopener", "noreferrer"])
    assert credits.credit_html(Photo(creator="<b>EPA")) == "&lt;b&gt;EPA"
    assert credits.credit_html(Photo()) == ""


def test_structured_data_name_creator_credit_copyright_and_licence():
    photo = make_photo(
        creator="Ada Bren", agency="Reuters", copyright="© 2026 Reuters", licence_url="https://example.org/licence",
        credit_url="https://example.org/buy",
    )  # fmt: skip
    photo.make_renditions()
    objects = credits.image_object(photo, origin="https://news.example", caption="A queue.")
    assert len(objects) == 4, "the whole picture and three shapes"
    shapes = {round(each["width"] / each["height"], 2) for each in objects}
    assert {1.78, 1.33, 1.0} < shapes
    for each in objects:
        assert each["@type"] == "ImageObject"
        assert each["url"].startswith("https://news.example/media/photos/")
        assert each["creator"] == {"@type": "Person", "name": "Ada Bren"}
        assert (each["creditText"], each["copyrightNotice"]) == ("Ada Bren / Reuters", "© 2026 Reuters")
        assert (each["license"], each["acquireLicensePage"]) == (photo.licence_url, photo.credit_url)
    assert json.dumps(objects)
    [bare] = credits.image_object(make_photo(creator="EPA", agency="TASS"), origin="")
    assert bare["creator"] == {"@type": "Organization", "name": "EPA"}
    assert not {"copyrightNotice", "license", "caption"} & set(bare)


def test_no_page_and_nothing_that_makes_pages_or_mails_makes_a_credit_of_its_own():
    makers = re.compile(r"\.(?:creator|agency)\b")
    pages = [*ROOT.glob("templates/**/*.html"), *ROOT.glob("templates/**/*.txt")]
    modules = [
        *(ROOT / "articles").glob("templatetags/*.py"), *(ROOT / "newsletters").glob("*.py"),
        *(ROOT / "articles" / "feeds").glob("*.py"),
        *(ROOT / "articles" / f"{name}.py" for name in ("views", "render", "front", "markdown", "previews")),
    ]  # fmt: skip
    assert len(pages) > 50
    for file in [*pages, *modules]:
        assert not makers.search(file.read_text()), file


def test_a_photo_without_credit_holds_up_publication_until_somebody_says_why():
    by, at = make_user("Photo editor"), timezone.now()
    photo = make_photo(creator="", agency="")
    story = make_article(photo=photo, body_html=f'<p>Text.</p><figure data-photo="{photo.public_id}"></figure>')
    with pytest.raises(NotReady) as caught:
        story.publish(version=1, by=by, at=at)
    assert {problem.field for problem in caught.value.problems} == {"lead_photo", "body_html"}
    photo.do_without_credit("Its author is in danger.", by=by, at=at)
    action = StaffAction.objects.get(action="allow photo without credit")
    assert (action.user, action.object_id, action.reason) == (by, str(photo.pk), "Its author is in danger.")
    advice = [str(problem.message) for problem in type(story).objects.get(pk=story.pk).problems() if not problem.blocks]
    assert any("Its author is in danger." in message for message in advice)
    story.publish(version=1, by=by, at=at)
    photo.do_without_credit("", by=by, at=at)
    assert Photo.objects.uncredited().get() == photo


def test_names_from_a_file_hold_up_publication_until_they_are_confirmed():
    photo = make_photo()
    Photo.objects.filter(pk=photo.pk).update(confirmed_at=None)
    story = make_article(photo=photo)
    with pytest.raises(NotReady, match="came from its file"):
        story.publish(version=1, by=None, at=timezone.now())
    Photo.objects.get(pk=photo.pk).confirm(at=timezone.now())
    story.publish(version=1, by=None, at=timezone.now())

"""The list, the box, the archive and the letter on the web: cacheable, and true the moment things change."""

import pytest
from django.template import Context, Template
from django.test import RequestFactory
from django.utils import timezone

from newsletters.models import Issue
from newsroom import registry
from tests.make import make_article, make_edition
from tests.newsletters.make import make_approved, make_due, make_newsletter, pump, story_block, text_block

pytestmark = pytest.mark.django_db


def send(newsletter, **content):
    issue = make_due(newsletter, **content)
    pump()
    issue.refresh_from_db()
    return issue


def page(client, path):
    answer = client.get(path)
    assert answer.status_code == 200, path
    return answer.content.decode()


@pytest.fixture
def newsletter():
    make_edition(privacy_sentence="We keep your address sealed.", newsletter_box_title="Get our letter")
    return make_newsletter("The Week")


def test_list_shows_each_newsletter_with_its_promise_and_newest_letter(client, newsletter):
    make_newsletter("Morning Line", promise="Before the first coffee.", position=2)
    make_newsletter("Closed one", is_active=False)
    issue = send(newsletter)
    shown = page(client, "/newsletters/")
    assert "Before the first coffee." in shown
    assert "Closed one" not in shown
    assert issue.get_absolute_url() in shown
    assert "We keep your address sealed." in shown


def test_list_of_an_edition_holds_its_own_newsletters(client, newsletter):
    make_newsletter("Неделя", edition=make_edition("ru"))
    assert "Неделя" in page(client, "/ru/newsletters/")
    assert "Неделя" not in page(client, "/newsletters/")


def test_empty_list_says_so(client):
    make_edition()
    assert "There are no letters yet." in page(client, "/newsletters/")


@pytest.mark.parametrize("path", ["/newsletters/", "/newsletters/{slug}/", "/newsletters/{slug}/1/"])
def test_reader_pages_are_shared_and_set_no_cookie(client, newsletter, path):
    send(newsletter)
    for expected in ("miss", "hit"):
        answer = client.get(path.format(slug=newsletter.slug))
        assert answer.status_code == 200
        assert answer["X-Page-Cache"] == expected
        assert not answer.cookies
        assert "csrf" not in answer.content.decode()
        assert "form_nonce" not in answer.content.decode()


def test_sending_shows_the_letter_on_stored_pages_at_once(client, newsletter, django_capture_on_commit_callbacks):
    page(client, "/newsletters/")
    page(client, newsletter.get_absolute_url())
    with django_capture_on_commit_callbacks(execute=True):
        issue = send(newsletter, subject="A letter about bread")
    assert "A letter about bread" in page(client, newsletter.get_absolute_url())
    assert issue.get_absolute_url() in page(client, "/newsletters/")


def test_box_stands_in_a_story_with_preview_and_privacy(client, newsletter):
    issue, story = send(newsletter), make_article(published=True)
    shown = page(client, story.get_absolute_url())
    assert "Get our letter" in shown
    assert f'href="{issue.get_absolute_url()}"' in shown
    assert "We keep your address sealed." in shown
    assert 'action="/newsletters/signup/"' in shown


def test_box_in_a_body_is_filled_and_the_page_forgets_it_with_the_newsletter(newsletter):
    request = RequestFactory().get("/")
    request.page_keys, request.edition = set(), newsletter.edition
    html = registry.boxes["newsletter"]({"edition": newsletter.edition, "request": request})
    assert newsletter.slug in html
    assert f"newsletters:{newsletter.edition_id}" in request.page_keys


def test_box_tag_shows_nothing_without_a_newsletter():
    template = Template("{% load newsletters %}{% newsletter_box %}")
    assert template.render(Context({"edition": make_edition()})).strip() == ""


def test_letter_that_has_not_gone_out_is_not_public(client, newsletter):
    make_approved(newsletter, subject="Secret until Friday")
    assert "Secret until Friday" not in page(client, newsletter.get_absolute_url())
    assert client.get(f"{newsletter.get_absolute_url()}1/").status_code == 404


@pytest.mark.parametrize("number", ["0", "01", "2", "999999999999999999999", "-1", "x"])
def test_other_numbers_are_not_there(client, newsletter, number):
    send(newsletter)
    assert client.get(f"/newsletters/{newsletter.slug}/{number}/").status_code == 404


def test_newsletter_without_archive_has_no_pages(client):
    newsletter = make_newsletter(has_archive=False)
    send(newsletter)
    assert client.get(newsletter.get_absolute_url()).status_code == 404
    assert client.get(f"{newsletter.get_absolute_url()}1/").status_code == 404


def test_letter_of_another_edition_is_not_found_here(client, newsletter):
    make_edition("ru")
    issue = send(newsletter)
    assert client.get(f"/ru{issue.get_absolute_url()}").status_code == 404


def test_withdrawn_story_vanishes_from_the_stored_letter_at_once(
    client, newsletter, django_capture_on_commit_callbacks
):
    story = make_article(published=True, headline="The name of a source")
    issue = send(newsletter, blocks=[text_block(), story_block(story, headline="Our own words")])
    assert "Our own words" in page(client, issue.get_absolute_url())
    with django_capture_on_commit_callbacks(execute=True):
        story.withdraw(by=None, at=timezone.now())
    shown = page(client, issue.get_absolute_url())
    assert "Our own words" not in shown
    assert "The name of a source" not in shown
    assert "Dear readers, it rained." in shown


def test_public_addresses_of_letters_all_answer(client, newsletter):
    send(newsletter)
    paths = list(registry.public_urls["newsletters"](newsletter.edition))
    assert len(paths) == 4
    for path in paths:
        page(client, path)


@pytest.mark.parametrize(
    ("path", "limit"), [("/newsletters/", 11), ("/newsletters/{slug}/", 13), ("/newsletters/{slug}/3/", 21)]
)
def test_pages_ask_few_questions(client, newsletter, django_assert_max_num_queries, path, limit):
    stories = [make_article(published=True) for _number in range(6)]
    for _number in range(5):
        send(newsletter, blocks=[story_block(story) for story in stories])
    with django_assert_max_num_queries(limit):
        page(client, path.format(slug=newsletter.slug))
    assert Issue.objects.published().count() == 5

"""The message to readers: in stories and on the support page, the same for everybody."""

import datetime
import gzip

import pytest
from django.conf import settings
from django.template import Context, Template
from django.test import RequestFactory
from django.utils import timezone

from articles.models import Article
from donations import asking
from donations.models import Appeal, AskExclusion, Offer, SafetyPolicy
from tests.donations.making import make_appeal, make_offers
from tests.make import make_article, make_edition, make_section


def page_of(client, article):
    return client.get(article.get_absolute_url()).content.decode()


def test_a_story_ends_with_the_message_and_its_amounts(client, edition):
    page = page_of(client, make_article(published=True))
    assert page.count("data-support") == 1
    assert "To our readers" in page
    for value in ("once", "month", "year"):
        assert f'name="cadence" value="{value}"' in page
    assert 'name="amount_month" value="500" checked' in page
    assert "Accepted:" in page


def test_the_sentence_names_the_real_minimum(client, edition, django_capture_on_commit_callbacks):
    assert "You can help from just €2." in page_of(client, make_article(published=True))
    offer = Offer.objects.get(cadence="month")
    offer.minimum_minor = 150
    with django_capture_on_commit_callbacks(execute=True):
        offer.save()
    assert "You can help from just €1.50." in page_of(client, Article.objects.get())


def test_a_running_appeal_speaks_instead_of_the_edition(client, edition):
    make_appeal(edition)
    page = page_of(client, make_article(published=True))
    assert "Help us through the winter" in page
    assert "To our readers" not in page


def test_an_appeal_asks_between_its_times_only(edition):
    now = timezone.now()
    appeal = make_appeal(edition, at=now)
    appeal.set_times(embargo_until=None, expires_at=now + datetime.timedelta(days=1), by=None, at=now)
    at_end = now + datetime.timedelta(days=1)
    assert asking.ask_in(edition, at=now).letter.headline == "Help us through the winter"
    assert asking.ask_in(edition, at=now - datetime.timedelta(minutes=1)).letter.headline == "To our readers"
    assert asking.ask_in(edition, at=at_end).letter.headline == "To our readers"


def test_publishing_an_appeal_is_seen_on_stored_pages_at_once(client, edition, django_capture_on_commit_callbacks):
    article = make_article(published=True)
    page_of(client, article)
    with django_capture_on_commit_callbacks(execute=True):
        make_appeal(edition)
    assert "Help us through the winter" in page_of(client, article)


def test_a_story_whose_asks_are_off_does_not_ask(client, edition):
    article = make_article(published=True, asks_off=True)
    assert "data-support" not in page_of(client, article)


def test_a_box_inside_the_story_is_the_only_one(client, edition):
    article = make_article(published=True, body_html='<p>One.</p><div data-box="support"></div><p>Two.</p>')
    assert page_of(client, article).count("data-support") == 1


def test_the_tag_asks_once_on_a_page(edition, rf):
    request = rf.get("/")
    request.page_keys = set()
    template = Template("{% load donations %}{% support_message %}{% support_message %}")
    html = template.render(Context({"request": request, "edition": edition}))
    assert html.count("data-support") == 1
    assert request.page_keys == {f"support:{edition.pk}"}


def test_an_edition_without_offers_asks_nobody(client, db):
    make_section(edition=make_edition())
    assert "data-support" not in page_of(client, make_article(published=True))
    assert "not possible at the moment" in client.get("/support/").content.decode()


def test_a_site_without_a_provider_asks_nobody(client, edition, settings):
    settings.PAYMENT_PROVIDER = "none"
    assert "data-support" not in page_of(client, make_article(published=True))
    assert "not possible at the moment" in client.get("/support/").content.decode()
    assert client.post("/support/give/", {"cadence": "once", "other": "5"}).status_code == 404


def test_the_safety_notice_stands_before_the_choice(client, edition, django_capture_on_commit_callbacks):
    assert "could endanger you" in client.get("/support/").content.decode()
    words = "If you live in <Velmara>, do not give."
    with django_capture_on_commit_callbacks(execute=True):
        SafetyPolicy.objects.create(edition=edition, notice_title="Please read", notice=words)
    page = client.get("/support/").content.decode()
    assert page.index("If you live in &lt;Velmara&gt;, do not give.") < page.index('name="cadence"')


@pytest.mark.parametrize("path", ["/support/", "/support/later/"])
def test_support_pages_are_stored_set_no_cookie_and_hold_no_token(client, edition, path):
    first, second = client.get(path), client.get(path)
    assert (first["X-Page-Cache"], second["X-Page-Cache"]) == ("miss", "hit")
    assert not first.cookies
    assert "csrfmiddlewaretoken" not in first.content.decode()
    assert 'name="nonce"' not in first.content.decode()
    assert first.content == second.content


def test_every_public_address_answers(client, edition):
    from donations.apps import public_urls

    assert {client.get(path).status_code for path in public_urls(edition)} == {200}


def test_an_edition_under_its_prefix_asks_in_its_language(client, edition):
    russian = make_offers(make_edition("ru", currency="EUR"))
    page = client.get("/ru/support/").content.decode()
    assert 'action="/ru/support/give/"' in page
    assert "Помочь можно всего от 2\u00a0€" in page
    answer = client.post("/ru/support/give/", {"cadence": "month", "other": "7,50"})
    assert "Давать 7,50\u00a0€ каждый месяц" in answer.content.decode()
    assert "-го числа каждого месяца, пока вы не остановите" in answer.content.decode()
    assert "Выберите, как часто." in client.post("/ru/support/give/", {"cadence": "x"}).content.decode()
    assert russian.language == "ru"


def test_asking_takes_few_queries(client, edition, django_assert_max_num_queries):
    make_appeal(edition)
    with django_assert_max_num_queries(14):
        client.get("/support/")


def test_a_story_that_must_not_ask_costs_no_query(edition, django_assert_num_queries):
    request = RequestFactory().get("/")
    request.page_keys = set()
    with django_assert_num_queries(0):
        assert asking.box({"request": request, "edition": edition, "article": Article(asks_off=True)}) == ""


def test_the_script_is_small():
    source = (settings.BASE_DIR / "static/js/ask.js").read_bytes()
    assert len(gzip.compress(source)) < 6 * 1024


# Places, turns and silence


def test_each_place_has_its_own_appeal(client, edition):
    make_appeal(edition, headline="At the end", inside=False, on_support=False, on_strip=False)
    make_appeal(edition, headline="On the page", at_end=False, inside=False, on_strip=False)
    make_appeal(edition, headline="Within", at_end=False, on_support=False, on_strip=False)
    make_appeal(edition, headline="Strip", at_end=False, inside=False, on_support=False, short_line="One line.")
    assert "At the end" in page_of(client, make_article(published=True))
    assert "Within" in page_of(client, make_article(published=True, body_html='<p>a</p><div data-box="support"></div>'))
    assert "On the page" in client.get("/support/").content.decode()
    assert "One line." in client.get("/").content.decode()


def test_equal_appeals_take_turns_by_the_day_and_the_pages_know_when(edition):
    now = timezone.now()
    assert Appeal.objects.next_turn(now) is None
    for name in ("One", "Two"):
        make_appeal(edition, headline=name, priority=5, at=now)
    make_appeal(edition, headline="Lower", priority=1, at=now)
    days = [asking.ask_in(edition, at=now + datetime.timedelta(days=number)).letter.headline for number in range(4)]
    assert days[0] != days[1]
    assert days[:2] == days[2:]
    assert set(days) == {"One", "Two"}
    turn = Appeal.objects.next_turn(now)
    assert now < turn <= now + datetime.timedelta(days=1)
    assert timezone.localtime(turn, edition.zone).hour == 0


@pytest.mark.parametrize(
    ("gap", "most", "window", "quiet"), [(2, 4, 30, 8), (10, 4, 30, 10), (0, 0, 30, 0), (1, 60, 30, 1)]
)
def test_one_date_serves_gap_and_cap(edition, gap, most, window, quiet):
    appeal = make_appeal(edition, gap_days=gap, most_views=most, window_days=window)
    assert appeal.quiet_days == quiet


def test_a_section_or_a_topic_can_be_left_in_peace(client, edition, django_capture_on_commit_callbacks):
    section = make_section("Obituaries", edition=edition)
    grave, other = make_article(published=True, section=section), make_article(published=True)
    named = make_article(published=True, topics=["Disaster"])
    assert "data-support" in page_of(client, grave)
    with django_capture_on_commit_callbacks(execute=True):
        AskExclusion.objects.create(subject=f"section:{section.pk}")
        AskExclusion.objects.create(subject=f"topic:{named.topics.get().pk}")
    assert "data-support" not in page_of(client, grave)
    assert "data-support" not in page_of(client, named)
    assert "data-support" in page_of(client, other)


def test_a_subject_is_chosen_among_those_that_exist(client, edition):
    from tests.make import make_user

    section = make_section("Obituaries", edition=edition)
    client.force_login(make_user("Fundraiser"))
    address = "/admin/donations/askexclusion/add/"
    assert client.post(address, {"subject": "section:999"}).status_code == 200
    assert client.post(address, {"subject": f"section:{section.pk}"}).status_code == 302
    assert "Obituaries" in str(AskExclusion.objects.get())

"""The demo: brought in through the editors' verbs, whole, resumable, and never into a site with stories of its own."""

import io

import pytest
from django.core.management import CommandError, call_command
from PIL import Image

from articles import demo as stories
from articles.models import Article, Page, Person, Photo
from desk.models import Revision
from newsroom import demo
from newsroom.models import Edition, User
from tests import make

pytestmark = [pytest.mark.django_db(databases="__all__"), pytest.mark.once]


def small_jpeg(key):
    """Return a small picture instead of the drawn one; another test draws."""
    stream = io.BytesIO()
    colour = tuple(ord(letter) % 256 for letter in f"{key:*<9}"[-3:])
    image = Image.new("RGB", (90, 60), colour)
    image.putpixel((len(key) % 90, sum(map(ord, key)) % 60), (1, 2, 3))
    image.save(stream, "JPEG", quality=95)
    return stream.getvalue()


@pytest.fixture
def quick_pictures(monkeypatch, settings, tmp_path):
    settings.MEDIA_ROOT, settings.PRIVATE_ROOT = tmp_path / "media", tmp_path / "private"
    monkeypatch.setattr(stories, "draw_jpeg", small_jpeg)


class Bar:
    """A progress bar that counts."""

    def __init__(self):
        self.total = self.n = 0

    def reset(self, total):
        self.total, self.n = total, 0

    def update(self, n=1):
        self.n += n


def load(*parts):
    bars = []
    for part in parts:
        bars.append(Bar())
        part(demo.FOLDER, bars[-1])
    return bars


def counts():
    return [model.objects.count() for model in (Edition, User, Person, Photo, Page, Article, Revision)]


def test_the_demo_is_a_whole_newspaper_in_good_order_and_a_second_run_changes_nothing(quick_pictures):
    bars = load(demo.load, stories.load)
    assert all(bar.n == bar.total for bar in bars)
    public = Article.objects.published()
    assert public.count() >= 60
    assert public.filter(edition__code="ru").count() >= 10
    assert public.values("section__slug").distinct().count() == 6
    assert Person.objects.count() >= 12
    assert Photo.objects.count() == 40
    assert not Photo.objects.filter(alt="").exists()
    translated = Article.objects.filter(edition__code="ru").values("translation_group")
    assert Article.objects.filter(edition__code="en", translation_group__in=translated).count() >= 8
    for article in Article.objects.select_related("edition"):
        assert not [problem for problem in article.problems() if problem.blocks], article.slug
        assert 350 <= len(article.body_html.split()) <= 1700, article.slug
    before = counts()
    load(demo.load, stories.load)
    assert counts() == before


def test_an_interrupted_run_is_finished_by_the_next(quick_pictures, monkeypatch):
    load(demo.load)
    publish, published = Article.publish, []

    def until_the_plug_is_pulled(self, **options):
        if len(published) == 5:
            raise KeyboardInterrupt
        published.append(self.pk)
        return publish(self, **options)

    monkeypatch.setattr(Article, "publish", until_the_plug_is_pulled)
    with pytest.raises(KeyboardInterrupt):
        load(stories.load)
    assert Article.objects.published().count() == len(set(published))
    monkeypatch.setattr(Article, "publish", publish)
    load(stories.load)
    assert Article.objects.published().count() == len(stories.story_files(demo.FOLDER))


def test_a_site_with_stories_of_its_own_is_left_alone(capsys):
    make.make_article(published=True)
    with pytest.raises(CommandError, match="stories of its own"):
        call_command("loaddemo")
    call_command("loaddemo", if_empty=True)
    assert Edition.objects.count() == 1


def test_the_demo_never_enters_a_production_site(settings):
    settings.MODE = "production"
    with pytest.raises(CommandError, match="production"):
        call_command("loaddemo")


def test_each_role_has_a_login_and_they_are_printed(capsys):
    load(demo.load)
    call_command("demologins")
    printed = capsys.readouterr().out
    for login in demo.LOGINS:
        user = User.objects.get(username=login.username)
        assert user.check_password(demo.PASSWORD)
        assert user.groups.get().name == login.role
        assert login.username in printed


def test_the_pictures_are_drawn_the_same_each_time():
    first, second = stories.draw_jpeg("ferry-linnhaven"), stories.draw_jpeg("ferry-linnhaven")
    assert first == second
    assert Image.open(io.BytesIO(first)).size == (1620, 1080)


def test_pictures_are_drawn_on_a_machine_without_shared_memory_too(monkeypatch):
    def no_pool(**options):
        raise PermissionError("no semaphores here")

    monkeypatch.setattr(stories, "ProcessPoolExecutor", no_pool)
    monkeypatch.setattr(stories, "draw_jpeg", small_jpeg)
    assert list(stories.draw_all(["tram-tarsk"])) == [small_jpeg("tram-tarsk")]

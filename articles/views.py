"""Reader pages of the stories: the same for everybody, made of live rows only."""

from django.core.paginator import EmptyPage, PageNotAnInteger, Paginator
from django.http import Http404, HttpResponsePermanentRedirect
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from articles import front as front_page
from articles import lists, shelves, translations
from articles.models import Article, Correction, NameWithdrawal, Page, Person, Section, Topic
from articles.most_read import most_read
from articles.reading import around, find_story
from articles.render import render_body, write_body
from articles.series import part_of
from newsroom import hosts
from newsroom.editions import all_editions, edition_url
from newsroom.pagecache import reader_page

PER_PAGE = 20
MOST_ENTRIES = 200


@require_safe
@reader_page
def front(request):
    """Show the front page of the edition."""
    request.page_keys.add(f"front:{request.edition.pk}")
    now = timezone.now()
    page = front_page.arrange(request.edition, at=now)
    _note_photos(request, page.stories())
    links = translations.fronts(all_editions())
    context = {"front": page, "most_read": _most_read(request, at=now), "translations": links}
    return render(request, "articles/front.html", context)


@require_safe
@reader_page
def section(request, slug):
    """List a section's stories, the newest first."""
    section = next((section for section in Section.of(request.edition) if section.slug == slug), None)
    if section is None:
        raise Http404
    request.page_keys.add(f"section:{section.pk}")
    return render(request, "articles/section.html", section_context(request, section, at=timezone.now()))


def section_context(request, section, *, at, places=None):
    """Return what a section shows: what stands there by hand on top, then the list; see articles.front for `places`."""
    top = front_page.arrange_section(section, at=at, places=places)
    by_hand = top.stories()
    request.page_keys.update(f"article:{story.public_id}" for story in by_hand)
    _note_photos(request, by_hand)
    # Of one edition, as the section is: SQLite counts them in an index that knows the section alone.
    stories = Article.objects.published(at).filter(section=section).newest_first()
    page = page_of_stories(request, stories.exclude(pk__in=[story.pk for story in by_hand]))
    return {"section": section, "front": top, "page_obj": page, "opens_large": top.lead is None}


@require_safe
@reader_page
def topic(request, slug):
    """List the stories about a topic; one without public stories is not known here."""
    topic, stories = lists.of_topic(request, slug)
    chosen = _keys(lists.public(request).filter(pk=topic.explainer_id)) if topic.explainer_id else ()
    explainer = next(iter(shelves.stories(chosen)), None)
    if explainer is not None:
        request.page_keys.add(f"article:{explainer.public_id}")
        _note_photos(request, [explainer])
        stories = stories.exclude(pk=explainer.pk)
    if topic.order == Topic.Order.OLDEST:
        stories = stories.order_by("published_at", "pk")
    return _listing(
        request, "articles/topic.html", stories, must_have_some=explainer is None, topic=topic, explainer=explainer
    )


@require_safe
@reader_page
def person(request, slug):
    """Show somebody who chose to be named, with the stories signed in this edition."""
    people = Person.objects.select_related("portrait").prefetch_related("texts", "portrait__texts")
    person = people.filter(slug=slug).first()
    if person is None and NameWithdrawal.is_gone(slug):
        request.is_empty_place = True
        return render(request, "articles/person_gone.html", status=410)
    if person is None:
        raise Http404
    request.page_keys.add(f"person:{person.pk}")
    if not person.is_shown:
        raise Http404
    language = request.edition.language
    stories = lists.public(request).filter(pk__in=person.bylines.values("article_id"))
    words = {
        "person_name": person.name_in(language),
        "person_title": person.title_in(language),
        "bio_html": person.bio_in(language),
        "portrait": person.portrait,
        "person_slug": slug,
    }
    return _listing(request, "articles/person.html", stories, must_have_some=True, **words)


@require_safe
@reader_page
def article(request, public_id, **_spelling):
    """Show a story; its id decides, and every other spelling of the address leads to the right one."""
    public_id, now = public_id.lower(), timezone.now()
    request.page_keys.add(f"article:{public_id}")
    article = find_story(public_id)
    if article is None:
        raise Http404
    if article.state == Article.State.WITHDRAWN and article.first_published_at <= now:
        return _withdrawn(request, article, at=now)
    if not article.is_live(now):
        raise Http404
    if request.path != article.get_absolute_url():
        return HttpResponsePermanentRedirect(article.get_absolute_url())
    context = article_context(request, article, at=now)
    return render(request, "articles/article.html", context)


def _withdrawn(request, article, *, at):
    """Answer with the reason; a retracted story whose text stays is still there, below it, for those with the link."""
    context, request.is_empty_place = {"article": article}, not article.keeps_text
    if article.keeps_text:
        context["body"] = render_body(
            article.body_html, edition=request.edition, at=at,
            context={"request": request, "edition": request.edition, "article": article},
        )  # fmt: skip
    response = render(request, "articles/withdrawn.html", context, status=200 if article.keeps_text else 410)
    response["X-Robots-Tag"] = "noindex"
    return response


def article_context(request, article, *, at):
    """Return what the page of a story shows."""
    edition = request.edition
    topics = [item.tag for item in article.topic_items.all()]
    beside = around(article, topics=[topic for topic in topics if topic.pk], at=at)
    others, more = beside.translations, beside.more
    context = {"request": request, "edition": edition, "article": article}
    body = write_body(
        beside.body, photos=beside.photos, articles=beside.linked, edition=edition, context=context
    )  # fmt: skip
    request.page_keys.add(f"group:{article.translation_group}")
    request.page_keys.update(f"article:{story.public_id}" for story in [*body.articles, *more, *beside.most_read])
    request.page_keys.update(f"photo:{photo.public_id}" for photo in body.photos)
    _note_photos(request, [article, *more])
    request.page_keys.update(f"person:{byline.person_id}" for byline in article.bylines.all())
    request.page_keys.update(f"topic:{topic.pk}" for topic in topics if topic.order == Topic.Order.OLDEST)
    if hosts.is_copy(request):
        # A stored page is made anew in minutes anyway; a copy must know that “Read more” may have another story.
        request.page_keys.update([f"section:{article.section_id}", *(f"topic:{topic.pk}" for topic in topics)])
    return {
        "article": article,
        "section_url": edition_url(edition, "articles:section", article.section.slug) if article.section else "",
        "body": body,
        "corrections": list(article.corrections.standing()) if getattr(article, "has_corrections", True) else [],
        "topics": topics,
        "more": more,
        "part": part_of(article, topics=topics, at=at),
        "most_read": beside.most_read,
        "live": _live(article),
        "translations": translations.links_of(article, others),
        "changed_source": translations.source_that_changed(article, others),
    }


def _live(article):
    """Return the entries of a live story, the newest first, and its key points; None for every other story."""
    entries = list(article.live_entries.standing().newest_first()[:MOST_ENTRIES]) if article.is_told_live else []
    key_points = [entry for entry in entries if entry.is_key]
    return {"entries": entries, "key_points": key_points} if entries else None


def _most_read(request, *, at):
    if hosts.is_copy(request):
        return []
    stories = most_read(request.edition, at=at)
    request.page_keys.update(f"article:{story.public_id}" for story in stories)
    return stories


@require_safe
@reader_page
def page(request, slug):
    """Show a static page."""
    if not hasattr(request, "edition"):  # "/media/", "/hooks/": addresses that belong to no edition
        raise Http404
    page = get_object_or_404(Page.objects.published(), edition=request.edition, slug=slug)
    request.page_keys.add(f"page:{page.pk}")
    return render(request, "articles/page.html", page_context(request, page, at=timezone.now()))


def page_context(request, page, *, at):
    """Return what a static page shows."""
    edition = request.edition
    context = {"request": request, "edition": edition, "article": None}
    shown = {"page": page, "body": render_body(page.body_html, edition=edition, at=at, context=context)}
    if f"/{page.slug}/" == edition.corrections_url:
        request.page_keys.add(f"corrections:{edition.pk}")
        shown["corrections_count"] = Correction.objects.published(at).filter(edition=edition).count()
    return shown


@require_safe
@reader_page
def corrections(request):
    """List every correction of the edition, the newest first."""
    request.page_keys.add(f"corrections:{request.edition.pk}")
    found = Correction.objects.published().filter(edition=request.edition).newest_first()
    return render(request, "articles/corrections.html", {"page_obj": page_of(request, found)})


def page_of(request, things, *, per_page=PER_PAGE):
    """Return the page that `?page=` asks for; raises Http404 for one that is not there."""
    try:
        return Paginator(things, per_page).page(request.GET.get("page", 1))
    except (PageNotAnInteger, EmptyPage) as error:
        raise Http404 from error


def page_of_stories(request, stories):
    """Return the page of a list of stories that `?page=` asks for, its stories ready for their cards."""
    page = page_of(request, _keys(stories))
    page.object_list = shelves.stories(page.object_list)
    _note_photos(request, page.object_list)
    return page


def _keys(stories):
    return stories.prefetch_related(None).values_list("pk", flat=True)


def _note_photos(request, stories):
    request.page_keys.update(f"photo:{story.lead_photo.public_id}" for story in stories if story.lead_photo)


def _listing(request, template, stories, *, must_have_some=False, **context):
    page = page_of_stories(request, stories)
    if must_have_some and not page.paginator.count:
        raise Http404
    return render(request, template, {"page_obj": page, **context})

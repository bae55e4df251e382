"""The search page. Not stored anywhere: what somebody looks for is nobody's business."""

from urllib.parse import urlencode

from django.db.models import Count
from django.shortcuts import render
from django.utils import timezone
from django.utils.dateformat import format as format_date
from django.utils.translation import gettext
from django.views.decorators.http import require_safe

from articles import search as index
from articles.forms import SearchForm
from articles.models import Article, Byline, Person, Topic, TopicOnArticle
from articles.slugs import make_slug
from articles.views import page_of
from newsroom import html
from newsroom.editions import all_editions, edition_url
from newsroom.text_edition import with_text

MOST_FACETS, MOST_NAMED, MOST_LOOKED_AT = 6, 4, 40


@require_safe
@with_text
def search(request):
    """Find stories by words and by section, topic, person and day; say what else may help when there are none."""
    edition, now = request.edition, timezone.now()
    form = SearchForm(request.GET, edition=edition)
    is_valid, query = form.is_valid(), html.tidy_text(request.GET.get("q", ""))
    public = Article.objects.published(now).in_edition(edition)
    answer = _answer(form, public, at=now) if is_valid else index.Answer([], [])
    page = page_of(request, answer.ids)
    stories = Article.objects.published(now).select_related("edition").in_bulk(page.object_list)
    found = [stories[pk] for pk in page.object_list if pk in stories]
    page.object_list = [_result(story, answer.stems) for story in found]
    kept = _kept(request)
    context = {
        "form": form, "query": query, "page_obj": page, "answer": answer, "kept": kept,
        "is_asked": bool(kept), "chips": _chips(form, kept) if is_valid else [],
        "guess": _guess(answer, found[:3]),
    }  # fmt: skip
    if is_valid and page.number == 1:
        context |= {
            "facets": _facets(form, answer, kept, edition) if found else [],
            "named": _named(answer.stems, public, edition) if query else [],
            "elsewhere": _elsewhere(query, edition, at=now) if query and not found else [],
        }
    return render(request, "articles/search.html", context)


def _answer(form, public, *, at):
    """Return the Answer: by words, or the newest first where only filters are set."""
    stories, query = form.narrow(public), form.cleaned_data["q"]
    if query:
        return index.ask(query, stories, at=at)
    ids = stories.newest_first().values_list("pk", flat=True)[: index.MOST_RESULTS] if form.where else []
    return index.Answer(list(ids), [])


def _result(story, stems):
    text = f"{story.standfirst} {html.plain_text(story.body_html)}".strip()
    return {"story": story, "headline": index.highlight(story.headline, stems), "excerpt": index.highlight(text, stems)}


def _guess(answer, stories):
    """Return what was probably meant, in words of stories that everybody may read; "" when nothing was guessed."""
    if not answer.is_guess:
        return ""
    texts = (text for story in stories for text in (story.headline, story.standfirst, html.plain_text(story.body_html)))
    return index.spelled(answer.stems, texts)


def _kept(request):
    """Return the parameters of this search that its links carry on."""
    names = ("q", "section", "topic", "person", "since", "until")
    found = {name: html.tidy_text(request.GET.get(name, "")).strip()[:200] for name in names}
    return {name: value for name, value in found.items() if value}


def _link(kept, **changes):
    return "?" + urlencode({name: value for name, value in {**kept, **changes}.items() if value})


def _chips(form, kept):
    """Return the filters that are set, each with the link that takes it away."""
    language = form.edition.language
    words = {
        "section": lambda section: section.name,
        "topic": lambda topic: topic.name,
        "person": lambda person: person.name_in(language),
        "since": lambda day: gettext("from {day}").format(day=format_date(day, "j E Y")),
        "until": lambda day: gettext("to {day}").format(day=format_date(day, "j E Y")),
    }
    return [{"title": words[name](value), "url": _link(kept, **{name: ""})} for name, value in form.where.items()]


def _facets(form, answer, kept, edition):
    """Return links that narrow the search: the topics and people of most of what was found."""
    if len(answer.ids) < 2 or answer.is_guess or not answer.holds_all:
        return []
    facets = []
    if "topic" not in form.where:
        topics = TopicOnArticle.objects.filter(content_object__in=answer.ids).values("tag__slug", "tag__name")
        rows = topics.annotate(number=Count("pk")).order_by("-number", "tag__name")[:MOST_FACETS]
        facets.append({"title": gettext("Topics"), "links": [
            {"title": row["tag__name"], "number": row["number"], "url": _link(kept, topic=row["tag__slug"])}
            for row in rows
        ]})  # fmt: skip
    if "person" not in form.where:
        signed = Byline.objects.filter(article__in=answer.ids, person__name_state__in=Person.SHOWN)
        numbers = signed.values_list("person").annotate(number=Count("article", distinct=True))
        numbers = dict(numbers.order_by("-number", "person")[:MOST_FACETS])
        people = Person.objects.filter(pk__in=numbers).prefetch_related("texts").defer("bio_html")
        facets.append({"title": gettext("People"), "links": [
            {"title": person.name_in(edition.language), "number": numbers[person.pk],
             "url": _link(kept, person=person.slug)}
            for person in sorted(people, key=lambda person: (-numbers[person.pk], person.pk))
        ]})  # fmt: skip
    return [facet for facet in facets if facet["links"]]


def _named(stems, public, edition):
    """Return links to the people and topics whose name holds all the words, if public stories are theirs."""
    hint = make_slug(max(stems, key=len)) if stems else ""
    if not hint:
        return []
    wanted, ids = set(stems), public.values("pk")
    people = Person.objects.filter(
        name_state__in=Person.SHOWN, slug__contains=hint, pk__in=Byline.objects.filter(article__in=ids).values("person")
    )
    topics = Topic.objects.filter(
        slug__contains=hint, pk__in=TopicOnArticle.objects.filter(content_object__in=ids).values("tag")
    )
    found = [
        {"title": person.name_in(edition.language), "url": edition_url(edition, "articles:person", person.slug)}
        for person in people.prefetch_related("texts").defer("bio_html")[:MOST_LOOKED_AT]
        if any(wanted <= _stems(name) for name in person.every_name())
    ]
    found += [
        {"title": topic.name, "url": edition_url(edition, "articles:topic", topic.slug)}
        for topic in topics[:MOST_LOOKED_AT]
        if wanted <= _stems(topic.name)
    ]
    return found[:MOST_NAMED]


def _stems(text):
    return {index.stem(word) for word in index.words(text)}


def _elsewhere(query, edition, *, at):
    """Return links to the other editions where stories hold every word."""
    links = []
    for other in all_editions():
        if other.pk == edition.pk:
            continue
        number = len(index.find(query, Article.objects.published(at).in_edition(other), at=at))
        if number:
            url = edition_url(other, "articles:search") + _link({"q": query})
            links.append({"edition": other, "number": number, "url": url})
    return links

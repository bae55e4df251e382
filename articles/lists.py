"""The lists of public stories that pages, feeds and the API share, newest first."""

from django.http import Http404
from django.shortcuts import get_object_or_404
from django.utils import timezone

from articles.models import Article, Person, Section, Topic


def public(request):
    """Return the public stories of the request's edition as cards show them."""
    return Article.objects.published(timezone.now()).in_edition(request.edition).newest_first().for_cards()


def of_section(request, slug):
    """Return (section, its stories); raises Http404 for one that is not there. The page is forgotten with it."""
    section = get_object_or_404(Section, edition=request.edition, slug=slug)
    request.page_keys.add(f"section:{section.pk}")
    return section, public(request).filter(section=section)


def of_topic(request, slug):
    """Return (topic, the stories about it); raises Http404 for one that is not there."""
    topic = get_object_or_404(Topic, slug=slug)
    request.page_keys.add(f"topic:{topic.pk}")
    return topic, public(request).filter(topic_items__tag=topic)


def of_person(request, slug):
    """Return (person, the stories signed); raises Http404 for whoever is not there or may not be named."""
    person = get_object_or_404(Person.objects.prefetch_related("texts"), slug=slug)
    request.page_keys.add(f"person:{person.pk}")
    if not person.is_shown:
        raise Http404
    return person, public(request).filter(pk__in=person.bylines.values("article_id"))


def some(stories):
    """Return the stories; raises Http404 where there are none, so that an empty list is not known here."""
    if not stories.exists():
        raise Http404
    return stories

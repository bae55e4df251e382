"""The archive: years, months and days that have stories, each with how many; by the day in a story's address."""

import datetime

from django.db.models import Count
from django.db.models.functions import TruncDate, TruncMonth
from django.http import Http404
from django.shortcuts import render
from django.utils import timezone
from django.utils.dateformat import format as format_date
from django.utils.text import capfirst
from django.views.decorators.http import require_safe

from articles.models import Article
from newsroom.editions import edition_url
from newsroom.pagecache import reader_page


def months_of(edition, *, at):
    """Return [(first day of the month, number of public stories)], the newest first. One query."""
    return _counted(_public(edition, at), TruncMonth, edition)


def days_of(edition, month, *, at):
    """Return [(day, number of public stories)] of a month, the first day first. One query."""
    return _counted(stories_of_month(edition, month, at=at), TruncDate, edition)[::-1]


def stories_of_month(edition, month, *, at):
    """Return the public stories whose first publication lies in a month (its first day), as a queryset."""
    until = (month + datetime.timedelta(days=32)).replace(day=1)
    return _between(_public(edition, at), month, until, edition.zone)


def _public(edition, at):
    return Article.objects.published(at).in_edition(edition)


def _counted(stories, trunc, edition):
    step = trunc("first_published_at", tzinfo=edition.zone)
    rows = stories.order_by().annotate(step=step).values_list("step").annotate(number=Count("pk"))
    return sorted(((_date(step), number) for step, number in rows), reverse=True)


def _date(moment):
    return moment.date() if isinstance(moment, datetime.datetime) else moment


def _between(stories, start, until, zone):
    """Keep the stories whose first publication lies in these days of the zone; `until` is left out."""
    midnight = datetime.time.min
    return stories.filter(
        first_published_at__gte=datetime.datetime.combine(start, midnight, zone),
        first_published_at__lt=datetime.datetime.combine(until, midnight, zone),
    )


def public(edition, *, at):
    """Yield the path of every page of the archive."""
    yield edition_url(edition, "articles:archive")
    months = months_of(edition, at=at)
    for year in sorted({month.year for month, _number in months}):
        yield edition_url(edition, "articles:year", year)
    for month, _number in months:
        yield edition_url(edition, "articles:month", month.year, f"{month:%m}")
    for day, _number in _counted(_public(edition, at), TruncDate, edition):
        yield edition_url(edition, "articles:day", day.year, f"{day:%m}", f"{day:%d}")


@require_safe
@reader_page
def archive(request):
    """List the years with their months."""
    months = _months(request)
    years = {}
    for month, number in months:
        years.setdefault(month.year, []).append(_month_link(request.edition, month, number))
    rows = [
        {"title": str(year), "url": edition_url(request.edition, "articles:year", year), "links": links[::-1]}
        for year, links in years.items()
    ]
    return render(request, "articles/archive.html", {"years": rows})


@require_safe
@reader_page
def year(request, year):
    """List the months of a year that have stories."""
    months, wanted = _months(request), int(year)
    years = sorted({month.year for month, _number in months})
    here = [_month_link(request.edition, month, number) for month, number in months if month.year == wanted][::-1]
    if not here:
        raise Http404
    around = _around(
        years, wanted, lambda other: {"title": str(other), "url": edition_url(request.edition, "articles:year", other)}
    )
    context = {"heading": str(wanted), "links": here, "trail": [_whole(request.edition)], **around}
    return render(request, "articles/archive_part.html", context)


@require_safe
@reader_page
def month(request, year, month):
    """List the days of a month that have stories."""
    edition, first, now = request.edition, _day_or_404(year, month, "01"), timezone.now()
    months = sorted(month for month, _number in _months(request))
    if first not in months:
        raise Http404
    links = [
        {"title": format_date(day, "j E"), "url": _day_url(edition, day), "number": number}
        for day, number in days_of(edition, first, at=now)
    ]
    trail = [_whole(edition), {"title": str(first.year), "url": edition_url(edition, "articles:year", first.year)}]
    around = _around(months, first, lambda other: _month_link(edition, other))
    context = {"heading": capfirst(format_date(first, "F Y")), "links": links, "trail": trail, **around}
    return render(request, "articles/archive_part.html", context)


@require_safe
@reader_page
def day(request, year, month, day):
    """List the stories of a day, the newest first."""
    edition, wanted = request.edition, _day_or_404(year, month, day)
    request.page_keys.add(f"feed:{edition.pk}")
    public = _public(edition, timezone.now())
    found = _between(public, wanted, wanted + datetime.timedelta(days=1), edition.zone)
    stories = list(found.order_by("-first_published_at", "-pk").for_cards())
    if not stories:
        raise Http404
    request.page_keys.update(f"photo:{story.lead_photo.public_id}" for story in stories if story.lead_photo)
    trail = [
        _whole(edition),
        {"title": str(wanted.year), "url": edition_url(edition, "articles:year", wanted.year)},
        _month_link(edition, wanted.replace(day=1)),
    ]
    heading = format_date(wanted, "j E Y")
    context = {"heading": heading, "stories": stories, "trail": trail, **_days_around(public, wanted, edition)}
    return render(request, "articles/archive_day.html", context)


def _days_around(public, day, edition):
    """Return the nearest days with stories before and after; one small query each."""
    start = datetime.datetime.combine(day, datetime.time.min, edition.zone)
    end = datetime.datetime.combine(day + datetime.timedelta(days=1), datetime.time.min, edition.zone)
    moments = public.values_list("first_published_at", flat=True)
    before = moments.filter(first_published_at__lt=start).order_by("-first_published_at").first()
    after = moments.filter(first_published_at__gte=end).order_by("first_published_at").first()
    return {"earlier": _day_link(edition, before), "later": _day_link(edition, after)}


def _day_link(edition, moment):
    if moment is None:
        return None
    day = moment.astimezone(edition.zone).date()
    return {"title": format_date(day, "j E Y"), "url": _day_url(edition, day)}


def _months(request):
    """Return the months of the edition; raises Http404 for the parts of an archive that has none."""
    request.page_keys.add(f"feed:{request.edition.pk}")
    return months_of(request.edition, at=timezone.now())


def _day_or_404(year, month, day):
    try:
        return datetime.date(int(year), int(month), int(day))
    except ValueError as error:
        raise Http404 from error


def _around(steps, here, link):
    """Return the links to the neighbours of a step; `steps` are in order."""
    place = steps.index(here)
    return {
        "earlier": link(steps[place - 1]) if place else None,
        "later": link(steps[place + 1]) if place + 1 < len(steps) else None,
    }


def _whole(edition):
    return {"title": None, "url": edition_url(edition, "articles:archive")}


def _month_link(edition, month, number=None):
    url = edition_url(edition, "articles:month", month.year, f"{month:%m}")
    return {"title": capfirst(format_date(month, "F Y")), "url": url, "number": number}


def _day_url(edition, day):
    return edition_url(edition, "articles:day", day.year, f"{day:%m}", f"{day:%d}")

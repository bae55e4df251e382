"""What each person sees first: what waits for them, what is scheduled, what went live today, what is stuck."""

import datetime

from django.db.models import F, Q
from django.db.models.fields.json import KeyTransform
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.timesince import timesince
from django.utils.translation import gettext as _

from articles import translations
from articles.models import Article, Photo
from desk.models import Draft

SHOWN = 8
LATE_AFTER = datetime.timedelta(minutes=10)


def sent_back(request):
    """Return the panel of one's own stories that came back with a note."""
    if not request.user.has_perm("articles.change_article"):
        return None
    mine = _stories().filter(_mine(request.user), drafts__stage=Draft.Stage.WRITING).exclude(drafts__note="")
    rows = [_row(story, note=f"“{story.draft_note}”") for story in mine.order_by("-drafts__updated_at")[:SHOWN]]
    return _panel(_("Sent back to you"), rows, _("Nothing was sent back to you."), "mine") if rows else None


def writing(request):
    """Return the panel of one's own drafts."""
    if not request.user.has_perm("articles.add_article"):
        return None
    mine = _stories().filter(_mine(request.user), state="draft", drafts__stage=Draft.Stage.WRITING)
    rows = [_row(story, note=_saved(story)) for story in mine.order_by("-drafts__updated_at")[:SHOWN]]
    return _panel(_("You are writing"), rows, _("No draft of yours is open."), "mine")


def handed_in(request):
    """Return the panel of what waits for an editor; reporters see their own there."""
    if not request.user.has_perm("articles.change_article"):
        return None
    stories = _stories().filter(drafts__stage=Draft.Stage.IN_REVIEW)
    title, empty = _("Waiting for you"), _("Nothing waits to be edited.")
    if not request.user.has_perm("articles.publish_article"):
        stories, title, empty = (
            stories.filter(_mine(request.user)),
            _("With the editors"),
            _("Nothing of yours is with the editors."),
        )
    rows = [_row(story, note=_saved(story)) for story in stories.order_by("drafts__updated_at")[:SHOWN]]
    return _panel(title, rows, empty, "in_review")


def ready(request):
    """Return the panel of what is edited and may be published."""
    if not request.user.has_perm("articles.publish_article"):
        return None
    stories = _stories().filter(drafts__stage=Draft.Stage.READY)
    rows = [_row(story, note=_saved(story)) for story in stories.order_by("drafts__updated_at")[:SHOWN]]
    return _panel(_("Ready to publish"), rows, _("Nothing is marked as ready."), "ready")


def scheduled(request):
    """Return the panel of what goes live by itself."""
    if not request.user.has_perm("articles.view_article"):
        return None
    stories = _stories().filter(state="published", published_at__gt=timezone.now())
    rows = [_row(story, note=_moment(story)) for story in stories.order_by("published_at")[:SHOWN]]
    return _panel(_("Scheduled"), rows, _("Nothing is scheduled."), "scheduled")


def live_today(request):
    """Return the panel of what went live since midnight."""
    if not request.user.has_perm("articles.view_article"):
        return None
    midnight = timezone.localtime().replace(hour=0, minute=0, second=0, microsecond=0)
    stories = _stories().published().filter(published_at__gte=midnight)
    rows = [_row(story, note=_moment(story)) for story in stories.order_by("-published_at")[:SHOWN]]
    return _panel(_("Live today"), rows, _("Nothing has gone live today."), "published")


def without_sizes(at):
    """Return the photos that stand in stories and still have no sizes for readers; see newsroom.registry.stuck."""
    late = Photo.objects.filter(renditions=[], created_at__lt=at - LATE_AFTER).order_by("-pk")
    return [
        {
            "url": reverse("admin:articles_photo_change", args=[photo.pk]),
            "title": photo.caption[:80] or photo.public_id,
            "note": _("no sizes for readers for %(time)s") % {"time": timesince(photo.created_at, at)},
        }
        for photo in late[:SHOWN]
    ]


def unseen_by_readers(at):
    """Return the stories whose time has come but which an embargo or an expiry keeps from readers."""
    held = _stories().filter(state="published", published_at__lte=at, embargo_until__gt=at)
    return [_row(story, note=_("its time has come, the embargo has not ended")) for story in held[:SHOWN]]


def behind_their_source(at):
    """Return the translations whose source readers see changed since."""
    return [
        _row(story, note=_("the original was changed after this translation"))
        for story in _stories().filter(pk__in=translations.behind(at).values("pk")).order_by("-pk")[:SHOWN]
    ]


def _stories():
    drafts = {
        "draft_title": F("drafts__title"),
        "draft_note": F("drafts__note"),
        "draft_saved": F("drafts__updated_at"),
        "draft_photo": KeyTransform("lead_photo", "drafts__content"),
    }
    return Article.objects.select_related("edition").defer("body_html").annotate(**drafts)


def _mine(user):
    return Q(created_by=user) | Q(pk__in=Article.objects.filter(bylines__person__user=user).values("pk"))


def _row(story, *, note):
    return {
        "url": reverse("admin:articles_article_change", args=[story.pk]),
        "title": story.draft_title or _("Untitled"),
        "note": note,
        "photo": story.draft_photo,
    }


def _saved(story):
    return _("saved %(ago)s ago") % {"ago": timesince(story.draft_saved)} if story.draft_saved else ""


def _moment(story):
    return date_format(story.published_at.astimezone(story.edition.zone), "j M, H:i")


def _panel(title, rows, empty, tab):
    photos = Photo.objects.in_bulk([row["photo"] for row in rows if row["photo"]])
    for row in rows:
        row["thumb"] = photos[row["photo"]].url(400, crop="3:2") if row["photo"] in photos else ""
    more = f"{reverse('admin:articles_article_changelist')}?stage={tab}" if len(rows) == SHOWN else ""
    return {"title": title, "rows": rows, "empty": empty, "more_url": more, "template": "admin/desk/panel.html"}

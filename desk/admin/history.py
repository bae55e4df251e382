"""Who kept what when: the history of a thing, each of its revisions, naming one and going back to one."""

import re

from django import forms
from django.contrib import messages
from django.contrib.admin.utils import quote
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.paginator import Paginator
from django.http import Http404
from django.shortcuts import redirect, render
from django.urls import path
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_protect

from desk.admin import compare
from desk.admin.compare import CompareViews
from desk.admin.links import LinkViews
from desk.admin.scrub import ScrubViews
from desk.models import Stale
from newsroom.forms import TidyCharField

VERSION = re.compile(r"[0-9]{1,9}\Z")


class NameForm(forms.Form):
    """What a version is called."""

    name = TidyCharField(
        label=gettext_lazy("Name of this version"), max_length=80, required=False,
        help_text=gettext_lazy("Such as “as sent to the lawyer”. Empty takes the name away."),
    )  # fmt: skip


def seen_by_readers(revision, thing, at):
    """Return (from, until, word) of when readers saw a revision: "now", "later" or "" tells what `until` cannot."""
    start, end = revision.live_from, revision.live_until
    if start is None:
        return None, None, ""
    expiry = getattr(thing, "expires_at", None)
    if end is None and expiry and expiry <= at:
        end = expiry
    if end is not None:
        return start, end, ""
    return start, None, "now" if thing.is_live(at) else "later"


class HistoryViews(CompareViews, LinkViews, ScrubViews):
    """The pages of the history; a part of DraftedAdmin."""

    object_history_template = "admin/desk/history.html"
    revision_template = "admin/desk/revision.html"
    revisions_per_page = 30

    def desk_urls(self, name, wrap):
        """Return the addresses of these pages."""
        return [
            path("<path:object_id>/history/<int:number>/", wrap(self.revision_view), name=f"{name}_revision"),
            path("<path:object_id>/history/<int:number>/name/", wrap(self.name_view), name=f"{name}_name"),
            path("<path:object_id>/restore/<int:number>/", wrap(self.restore_view), name=f"{name}_restore"),
            *super().desk_urls(name, wrap),
        ]

    @method_decorator(never_cache)
    def history_view(self, request, object_id, extra_context=None):
        """Show who kept what when and what readers saw; any two can be compared."""
        visit = self._visit(request, object_id)
        if not self.has_view_or_change_permission(request, visit.thing):
            raise PermissionDenied
        rows = visit.thing.revisions.select_related("created_by").defer("content")
        page = Paginator(rows, self.revisions_per_page).get_page(request.GET.get("p"))
        page.object_list = list(page.object_list)
        for revision in page.object_list:
            revision.seen_from, revision.seen_until, revision.seen_word = seen_by_readers(
                revision, visit.thing, visit.at
            )
        context = {
            **self.admin_site.each_context(request),
            "title": _("History: %(title)s") % {"title": visit.draft.title or _("Untitled")},
            "opts": self.opts, "thing": visit.thing, "original": visit.thing, "draft": visit.draft, "page": page,
            "is_published": getattr(visit.thing, "state", "") == "published",
            "may_change": self.has_change_permission(request, visit.thing),
            "may_share": self.may_share(request, visit.thing),
            "may_scrub": self.may_scrub(request, visit.thing),
            **self.history_context(visit),
        }  # fmt: skip
        with timezone.override(self.zone(visit.thing)):
            return render(request, self.object_history_template, context)

    def history_context(self, visit):
        """Return what the page of the history shows besides the revisions."""
        return {}

    @method_decorator(never_cache)
    def revision_view(self, request, object_id, number):
        """Show one revision whole, and what the draft has changed since."""
        visit = self._visit(request, object_id)
        if not self.has_view_or_change_permission(request, visit.thing):
            raise PermissionDenied
        return self._show_revision(visit, self._revision(visit, number))

    def _show_revision(self, visit, revision, *, name_form=None, status=200):
        self._bind(visit)
        revision.seen_from, revision.seen_until, revision.seen_word = seen_by_readers(revision, visit.thing, visit.at)
        context = {
            **self.admin_site.each_context(visit.request),
            "title": _("Version %(number)d: %(title)s")
            % {"number": revision.number, "title": visit.draft.title or _("Untitled")},
            "opts": self.opts, "thing": visit.thing, "original": visit.thing, "draft": visit.draft,
            "revision": revision,
            "name_form": name_form or NameForm(initial={"name": revision.name}),
            "fields": compare.whole(visit.form, revision.content),
            "changes": compare.changes(visit.form, revision.content, visit.draft.content),
            "is_published": getattr(visit.thing, "state", "") == "published",
            "may_change": self.has_change_permission(visit.request, visit.thing),
        }  # fmt: skip
        with timezone.override(self.zone(visit.thing)):
            return render(visit.request, self.revision_template, context, status=status)

    @method_decorator(csrf_protect)
    def name_view(self, request, object_id, number):
        """Name a revision (POST only)."""
        visit = self._visit(request, object_id)
        if request.method != "POST" or not self.has_change_permission(request, visit.thing):
            raise PermissionDenied
        revision, form = self._revision(visit, number), NameForm(request.POST)
        if not form.is_valid():
            return self._show_revision(visit, revision, name_form=form, status=422)
        revision.rename(form.cleaned_data["name"])
        messages.success(request, _("Version %(number)d has its name.") % {"number": number})
        return redirect(self._url("revision", quote(visit.thing.pk), number))

    @method_decorator(csrf_protect)
    def restore_view(self, request, object_id, number):
        """Make an old revision the draft again (POST only); what readers see stays."""
        visit = self._visit(request, object_id)
        if request.method != "POST" or not self.has_change_permission(request, visit.thing):
            raise PermissionDenied
        version = request.POST.get("version", "")
        try:
            visit.thing.restore(
                self._revision(visit, number), version=int(version) if VERSION.match(version) else -1,
                by=visit.user, at=visit.at,
            )  # fmt: skip
        except Stale:
            messages.error(request, _("Somebody saved in the meantime. Look at the draft as it is now, then restore."))
            return redirect(self._url("revision", quote(visit.thing.pk), number))
        except ValidationError as error:
            messages.error(request, " ".join(error.messages))
            return redirect(self._url("history", quote(visit.thing.pk)))
        messages.success(request, _("Version %(number)d is the draft now.") % {"number": number})
        return self._back_to_form(visit)

    def _revision(self, visit, number):
        revision = visit.thing.revisions.filter(number=number).select_related("created_by").first()
        if revision is None:
            raise Http404
        return revision

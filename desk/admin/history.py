"""Who kept what when: the history of a thing, each of its revisions, and going back to one."""

import re

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
from django.views.decorators.csrf import csrf_protect

from desk.models import Stale

VERSION = re.compile(r"[0-9]{1,9}\Z")


class HistoryViews:
    """The pages of the history; a part of DraftedAdmin."""

    object_history_template = "admin/desk/history.html"
    revision_template = "admin/desk/revision.html"
    revisions_per_page = 30

    def desk_urls(self, name, wrap):
        """Return the addresses of these pages."""
        return [
            path("<path:object_id>/history/<int:number>/", wrap(self.revision_view), name=f"{name}_revision"),
            path("<path:object_id>/restore/<int:number>/", wrap(self.restore_view), name=f"{name}_restore"),
            *super().desk_urls(name, wrap),
        ]

    def history_view(self, request, object_id, extra_context=None):
        """Show who kept what when; a revision opens beside the draft and can be restored."""
        visit = self._visit(request, object_id)
        if not self.has_view_or_change_permission(request, visit.thing):
            raise PermissionDenied
        rows = visit.thing.revisions.select_related("created_by").defer("content")
        page = Paginator(rows, self.revisions_per_page).get_page(request.GET.get("p"))
        context = {
            **self.admin_site.each_context(request),
            "title": _("History: %(title)s") % {"title": visit.draft.title or _("Untitled")},
            "opts": self.opts, "thing": visit.thing, "original": visit.thing, "draft": visit.draft, "page": page,
            "may_change": self.has_change_permission(request, visit.thing),
        }  # fmt: skip
        with timezone.override(self.zone(visit.thing)):
            return render(request, self.object_history_template, context)

    def revision_view(self, request, object_id, number):
        """Show one revision beside the draft as it stands."""
        visit = self._visit(request, object_id)
        if not self.has_view_or_change_permission(request, visit.thing):
            raise PermissionDenied
        revision = self._revision(visit, number)
        self._bind(visit)
        context = {
            **self.admin_site.each_context(request),
            "title": _("Version %(number)d: %(title)s")
            % {"number": number, "title": visit.draft.title or _("Untitled")},
            "opts": self.opts, "thing": visit.thing, "original": visit.thing, "draft": visit.draft,
            "revision": revision,
            "fields": [
                (visit.form.label_of(name), visit.form.describe(name, revision.content.get(name)))
                for name in self.model.document.fields
            ],
            "differences": self.compare(visit.form, visit.draft.content, revision.content),
            "may_change": self.has_change_permission(request, visit.thing),
        }  # fmt: skip
        with timezone.override(self.zone(visit.thing)):
            return render(request, self.revision_template, context)

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

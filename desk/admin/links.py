"""Private links of a thing: made, shown once, counted, revoked."""

from django import forms
from django.conf import settings
from django.contrib import messages
from django.contrib.admin.utils import quote
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_protect

from desk.models import PrivateLink
from desk.models.link import DAYS, MOST_DAYS
from newsroom import registry
from newsroom.forms import TidyCharField

SHOWN = 100


class LinkForm(forms.Form):
    """For whom a link is, and for how long it opens."""

    note = TidyCharField(
        label=gettext_lazy("For whom"), max_length=200, required=False,
        help_text=gettext_lazy("So that colleagues know which one to revoke. No real names of sources."),
    )  # fmt: skip
    days = forms.IntegerField(
        label=gettext_lazy("Opens for how many days"), min_value=1, max_value=MOST_DAYS, initial=DAYS
    )


class LinkViews:
    """The page of the private links; a part of DraftedAdmin."""

    links_template = "admin/desk/links.html"

    def desk_urls(self, name, wrap):
        """Return the addresses of this page."""
        return [
            path("<path:object_id>/links/", wrap(self.links_view), name=f"{name}_links"),
            path("<path:object_id>/links/<int:number>/revoke/", wrap(self.revoke_view), name=f"{name}_revoke"),
            *super().desk_urls(name, wrap),
        ]

    def may_share(self, request, thing):
        """Tell whether this person may show the draft to somebody outside: whoever may change it may."""
        return self.opts.label_lower in registry.draft_pages and self.has_change_permission(request, thing)

    @method_decorator([never_cache, csrf_protect])
    def links_view(self, request, object_id):
        """Show the private links of a thing and make one; its address is shown by the answer that makes it, only."""
        visit = self._sharing_visit(request, object_id)
        form, address, status = LinkForm(request.POST if request.method == "POST" else None), "", 200
        if form.is_bound:
            status = 422
            if form.is_valid():
                try:
                    _link, token = PrivateLink.issue(visit.thing, by=visit.user, at=visit.at, **form.cleaned_data)
                except ValidationError as error:
                    form.add_error(None, error)
                else:
                    address = settings.WORKSHOP_ORIGIN + reverse("desk:private", args=[token])
                    form, status = LinkForm(), 200
        return self._show_links(visit, form, address, status=status)

    def _show_links(self, visit, form, address, *, status):
        links = list(PrivateLink.of(visit.thing).select_related("created_by")[:SHOWN])
        for link in links:
            link.opens = link.revoked_at is None and link.expires_at > visit.at and link.created_by is not None
        context = {
            **self.admin_site.each_context(visit.request),
            "title": _("Private links: %(title)s") % {"title": visit.draft.title or _("Untitled")},
            "opts": self.opts, "thing": visit.thing, "original": visit.thing, "draft": visit.draft,
            "form": form, "links": links, "address": address,
            "has_unsaved": self._draft_runs_ahead(visit),
        }  # fmt: skip
        with timezone.override(self.zone(visit.thing)):
            return render(visit.request, self.links_template, context, status=status)

    @staticmethod
    def _draft_runs_ahead(visit):
        """Tell whether something was typed after the last explicit save: the link does not show it."""
        last = visit.thing.revisions.first()
        return last is not None and last.content != visit.draft.content

    @method_decorator([never_cache, csrf_protect])
    def revoke_view(self, request, object_id, number):
        """End a link (POST only)."""
        visit = self._sharing_visit(request, object_id)
        if request.method != "POST":
            raise PermissionDenied
        link = PrivateLink.of(visit.thing).filter(pk=number).first()
        if link is None:
            raise Http404
        link.revoke(by=visit.user, at=visit.at)
        messages.success(request, _("The link no longer opens."))
        return redirect(self._url("links", quote(visit.thing.pk)))

    def _sharing_visit(self, request, object_id):
        visit = self._visit(request, object_id)
        if self.opts.label_lower not in registry.draft_pages:
            raise Http404
        if not self.may_share(request, visit.thing):
            raise PermissionDenied
        return visit

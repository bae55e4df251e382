"""Removing a passage from a thing for good: looked for first, counted, then cut out everywhere."""

import re

from django import forms
from django.contrib import messages
from django.contrib.admin.utils import quote
from django.core.exceptions import PermissionDenied, ValidationError
from django.shortcuts import redirect, render
from django.urls import NoReverseMatch, path, reverse
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_protect
from django.views.decorators.debug import sensitive_post_parameters

from desk.models import Stale, StillLive
from desk.passage import LONGEST, Passage
from newsroom.forms import TidyCharField

VERSION = re.compile(r"[0-9]{1,9}\Z")


class ScrubForm(forms.Form):
    """The passage, and how strictly it is looked for."""

    passage = TidyCharField(
        label=gettext_lazy("Passage to remove"), max_length=LONGEST,
        widget=forms.Textarea(attrs={"rows": 3, "autocomplete": "off", "spellcheck": "false"}),
        help_text=gettext_lazy("A name, a sentence, several paragraphs. Blanks, quotes and formatting need not match."),
    )  # fmt: skip
    exact = forms.BooleanField(label=gettext_lazy("Only with exactly these capitals"), required=False)
    words = forms.BooleanField(label=gettext_lazy("Only whole words"), required=False)

    def clean(self):
        """Make the Passage; raise ValidationError at the field when it is too short."""
        data = super().clean()
        if "passage" in data:
            try:
                data["found"] = Passage(data["passage"], exact=data["exact"], words=data["words"])
            except ValidationError as error:
                self.add_error("passage", error)
        return data


class ScrubViews:
    """The page that removes a passage; a part of DraftedAdmin."""

    scrub_template = "admin/desk/scrub.html"

    def desk_urls(self, name, wrap):
        """Return the address of this page."""
        return [
            path("<path:object_id>/scrub/", wrap(self.scrub_view), name=f"{name}_scrub"),
            *super().desk_urls(name, wrap),
        ]

    def may_scrub(self, request, thing):
        """Tell whether this person may remove passages from the history of this thing."""
        return request.user.has_perm("desk.scrub_revision") and self.has_change_permission(request, thing)

    @method_decorator([sensitive_post_parameters(), never_cache, csrf_protect])
    def scrub_view(self, request, object_id):
        """Ask for a passage, show where it stands, and cut it out once that is confirmed."""
        visit = self._visit(request, object_id)
        if not self.may_scrub(request, visit.thing):
            raise PermissionDenied
        with timezone.override(self.zone(visit.thing)):
            if request.method != "POST":
                return self._show_scrub(visit, ScrubForm())
            form = ScrubForm(request.POST)
            if not form.is_valid():
                return self._show_scrub(visit, form, status=422)
            if request.POST.get("_step") == "scrub":
                return self._scrub(visit, form)
            return self._show_places(visit, form)

    def _show_places(self, visit, form, *, status=200):
        places = visit.thing.find_passage(form.cleaned_data["found"])
        is_live = bool(places.live) and visit.thing.is_seen_outside()
        if is_live:
            form.add_error(
                "passage", _("Readers have this passage. Publish the text without it first; then remove it here.")
            )
        elif not places.total and not places.elsewhere:
            form.add_error("passage", _("This passage stands nowhere in it."))
        status = 422 if form.errors else status
        elsewhere = [self._link_to(row) for row in places.elsewhere]
        return self._show_scrub(visit, form, places=places, is_live=is_live, elsewhere=elsewhere, status=status)

    def _scrub(self, visit, form):
        version = visit.request.POST.get("version", "")
        number = int(version) if VERSION.match(version) else -1
        try:
            count = visit.thing.scrub(form.cleaned_data["found"], version=number, by=visit.user, at=visit.at)
        except StillLive:
            return self._show_places(visit, form)
        except Stale as stale:
            visit.draft = stale.theirs
            messages.error(visit.request, _("Somebody saved in the meantime. Look again, then remove the passage."))
            return self._show_places(visit, form, status=409)
        except ValidationError as error:
            form.add_error(None, error)
            return self._show_scrub(visit, form, status=422)
        messages.success(
            visit.request,
            ngettext(
                "The passage was removed from %(count)d place. Open tabs cannot write it back.",
                "The passage was removed from %(count)d places. Open tabs cannot write it back.",
                count,
            )
            % {"count": count},
        )
        return redirect(self._url("history", quote(visit.thing.pk)))

    def _show_scrub(self, visit, form, *, places=None, is_live=False, elsewhere=(), status=200):
        context = {
            **self.admin_site.each_context(visit.request),
            "title": _("Remove a passage: %(title)s") % {"title": visit.draft.title or _("Untitled")},
            "opts": self.opts, "thing": visit.thing, "original": visit.thing, "draft": visit.draft,
            "form": form, "places": places, "is_live": is_live, "elsewhere": elsewhere,
            "may_go_on": places is not None and places.total and not form.errors,
        }  # fmt: skip
        return render(visit.request, self.scrub_template, context, status=status)

    @staticmethod
    def _link_to(row):
        """Return {"label", "url"} of a row that is not touched; without its words, which may hold the passage."""
        label = f"{row._meta.verbose_name} {row.pk}"
        try:
            url = reverse(f"admin:{row._meta.app_label}_{row._meta.model_name}_change", args=[row.pk])
        except NoReverseMatch:
            url = ""
        return {"label": label, "url": url}

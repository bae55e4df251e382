"""The lists of drafted things: one bar of filters, filters kept under a name, searching in titles and texts."""

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import Q
from django.http import Http404, QueryDict
from django.shortcuts import redirect
from django.urls import path
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from desk import search
from desk.models import SavedFilter
from newsroom import html
from newsroom.forms import TidyCharField

MOST_CHARACTERS = 200


class SavedFilterForm(forms.Form):
    """A name for what a list shows now."""

    name = TidyCharField(label=gettext_lazy("Name of the filter"), max_length=60)
    is_shared = forms.BooleanField(label=gettext_lazy("For the whole desk"), required=False)
    parameters = TidyCharField(max_length=SavedFilter.LONGEST, required=False, widget=forms.HiddenInput)


class ListViews:
    """The list and its saved filters; a part of DraftedAdmin."""

    def desk_urls(self, name, wrap):
        """Return the addresses of the saved filters."""
        keep, drop = (wrap(require_POST(view)) for view in (self.keep_filter_view, self.drop_filter_view))
        return [
            path("filters/", keep, name=f"{name}_keep_filter"),
            path("filters/<int:pk>/delete/", drop, name=f"{name}_drop_filter"),
            *super().desk_urls(name, wrap),
        ]

    def changelist_view(self, request, extra_context=None):
        """Show the list under one bar of filters."""
        response = super().changelist_view(request, extra_context)
        context = getattr(response, "context_data", None)
        if context and "cl" in context:
            context.update(self._bar(request, context["cl"]))
        return response

    def _bar(self, request, cl):
        """Take the filters that are choices out of the sidebar; return what the bar shows."""
        choices = [_choice(spec, request) for spec in cl.filter_specs]
        cl.filter_specs = [spec for spec, choice in zip(cl.filter_specs, choices, strict=True) if choice is None]
        cl.has_filters = bool(cl.filter_specs)
        parameters = self.known_parameters(request.GET)
        kept = SavedFilter.objects.of(self.model).seen_by(request.user).select_related("owner")[: 4 * SavedFilter.MOST]
        return {
            "bar": [choice for choice in choices if choice],
            "saved_filters": [
                {"filter": each, "is_current": each.parameters == parameters, "may_drop": self._may_drop(request, each)}
                for each in kept
            ],
            "filter_form": SavedFilterForm(initial={"parameters": cl.get_query_string(remove=["p"])[1:]}),
            "is_filtered": bool(parameters),
            "keep_filter_url": self._url("keep_filter"),
        }

    def known_parameters(self, given):
        """Return those of the parameters of an address that this list knows, as plain text."""
        known = ["q", "o"]
        for each in self.list_filter:
            name = getattr(each, "parameter_name", None)
            known += [name] if name else [f"{each}__id__exact", f"{each}__exact"]
        tidy = {name: html.tidy_text(given.get(name, ""))[:MOST_CHARACTERS] for name in known}
        return {name: value for name, value in tidy.items() if value}

    def keep_filter_view(self, request):
        """Keep what the list shows under a name."""
        if not self.has_view_or_change_permission(request):
            raise PermissionDenied
        form = SavedFilterForm(request.POST)
        if not form.is_valid():
            messages.error(request, _("Give the filter a name of at most 60 characters."))
            return redirect(self._url("changelist"))
        data = form.cleaned_data
        parameters = self.known_parameters(QueryDict(data["parameters"]))
        back = f"{self._url('changelist')}?{QueryDict(data['parameters']).urlencode()}"
        try:
            kept = SavedFilter.keep(
                self.model, name=data["name"], parameters=parameters, is_shared=data["is_shared"], by=request.user,
                at=timezone.now(),
            )  # fmt: skip
        except ValidationError as error:
            messages.error(request, " ".join(error.messages))
            return redirect(back)
        messages.success(request, _("The filter “%(name)s” is kept.") % {"name": kept.name})
        return redirect(f"{self._url('changelist')}?{kept.query}")

    def drop_filter_view(self, request, pk):
        """Delete a filter: one's own, or as an editor one of the desk's."""
        kept = SavedFilter.objects.of(self.model).seen_by(request.user).filter(pk=pk).first()
        if kept is None:
            raise Http404
        if not self.has_view_or_change_permission(request) or not self._may_drop(request, kept):
            raise PermissionDenied
        kept.delete()
        messages.success(request, _("The filter “%(name)s” is deleted.") % {"name": kept.name})
        return redirect(self._url("changelist"))

    def _may_drop(self, request, kept):
        return kept.owner_id == request.user.pk or self.has_publish_permission(request)

    # Searching

    def get_search_results(self, request, queryset, search_term):
        """Keep what has every word in its draft, or in one of the other `search_fields`, in any case of letters."""
        term = html.tidy_text(search_term)[:MOST_CHARACTERS]
        if not term.split():
            return queryset, False
        found = self.found_by_words(request, term)
        return queryset.filter(found), False

    def found_by_words(self, request, term):
        """Return the condition for things that hold every word of `term`."""
        wanted = Q(pk__in=search.find(self.model, term))
        others = [name for name in self.get_search_fields(request) if name != "drafts__title"]
        matching = self.model._default_manager.order_by().values("pk")
        if others:
            wanted |= Q(pk__in=_holding(matching, others, term))
        if not self.model._default_manager.filter(wanted).exists():
            return Q(pk__in=_holding(matching, ["drafts__title"], term))
        return wanted


def _holding(queryset, fields, term):
    """Keep the rows that have every word in one of the fields; SQLite folds ASCII only, so four spellings are tried."""
    for word in term.split()[:8]:
        spellings = {word, word.lower(), word.capitalize(), word.upper()}
        wanted = [(f"{field}__icontains", spelling) for field in fields for spelling in spellings]
        queryset = queryset.filter(Q(*wanted, _connector=Q.OR))
    return queryset


def _choice(spec, request):
    """Return {"name", "label", "options"} of a filter that is a choice, None for one that needs the sidebar.

    A filter with `in_bar` False stands elsewhere on the page.
    """
    name = getattr(spec, "parameter_name", None) or getattr(spec, "lookup_kwarg", None)
    lookups = getattr(spec, "lookup_choices", None)
    if getattr(spec, "in_bar", True) is False:
        return {}
    if not name or lookups is None:
        return None
    chosen = request.GET.get(name, "")
    options = [(str(value), label, str(value) == chosen) for value, label in lookups]
    return {"name": name, "label": spec.title, "options": options}

"""Autosave: what somebody types reaches the draft within seconds, never the live rows, and never over other words."""

import copy
import json

from django.conf import settings
from django.contrib.admin.utils import quote, unquote
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.serializers.json import DjangoJSONEncoder
from django.db.models import Exists, F, OuterRef
from django.forms import modelform_factory
from django.http import Http404, JsonResponse
from django.template.loader import render_to_string
from django.urls import path, reverse
from django.utils import timezone
from django.utils.formats import date_format

from desk.admin.beginning import nonce_of
from desk.admin.compare import changes
from desk.admin.doors import door, refusal
from desk.admin.sentences import SENTENCES
from desk.admin.visit import Visit
from desk.forms import read_version
from desk.models import Draft, Stale

MOST_NAMES = 200
DRAFT_COLUMNS = ("pk", "version", "content", "updated_by_id", "updated_at", "scrubbed_version")


class TypingViews:
    """The doors that the form's scripts knock at; a part of DraftedAdmin.

    Every answer is JSON. 200 and 201 name the version that stands now and the fields that could not be kept; 409 says
    who saved in the meantime; other refusals have a `reason`, and nothing was written.
    """

    def desk_urls(self, name, wrap):
        """Return the addresses of the doors."""
        return [
            path("autosave/", door(self.admin_site, self.begin_typing_view), name=f"{name}_begin_typing"),
            path("kept/", door(self.admin_site, self.kept_view), name=f"{name}_kept_new"),
            path("<path:object_id>/autosave/", door(self.admin_site, self.autosave_view), name=f"{name}_autosave"),
            path("<path:object_id>/kept/", door(self.admin_site, self.kept_view), name=f"{name}_kept"),
            *super().desk_urls(name, wrap),
        ]

    def holds_typing(self, thing):
        """Return why typed words wait for the Save button here, or "" when they are kept while they are typed."""
        return ""

    # An existing thing

    def autosave_view(self, request, object_id):
        """Keep what was typed as the draft, when the version that it started from still stands."""
        visit = self._typist(request, object_id)
        if not self.has_change_permission(request, visit.thing):
            raise PermissionDenied
        if why := self.holds_typing(visit.thing):
            return refusal("held", status=403, message=why)
        with timezone.override(self.zone(visit.thing)):
            if visit.draft.version != read_version(request.POST.get("version", "")):
                return self._say_stale(visit, visit.draft)
            try:
                return self._keep_typing(visit)
            except Stale as stale:
                return self._say_stale(visit, stale.theirs)
            except ValidationError as error:
                return refusal("refused", status=422, message=" ".join(error.messages))

    def _keep_typing(self, visit):
        names = visit.request.POST.getlist("_changed")[:MOST_NAMES]
        form = self._typed_form(visit.request, visit.draft.content, names, thing=visit.thing)
        content, errors = read_typed(form)
        errors |= self._place(visit)
        version, is_new = visit.draft.version, content != visit.draft.content
        if is_new:
            version = visit.thing.keep_typing(content, version=version, by=visit.user, at=visit.at)
        return self._say_kept(content, version, errors, at=visit.at, status=422 if errors and not is_new else 200)

    def _typist(self, request, object_id):
        """Return the visit of somebody who types: the thing, its draft and whose it is, in one query."""
        mine = self.model._default_manager.filter(self.mine(request), pk=OuterRef("pk"))
        columns = {f"typed_{name}": F(f"drafts__{name}") for name in DRAFT_COLUMNS}
        found = self.get_queryset(request).annotate(is_mine=Exists(mine), **columns)
        if any(field.name == "edition" for field in self.opts.fields):
            found = found.select_related("edition")
        try:
            thing = found.get(pk=self.opts.pk.to_python(unquote(object_id)))
        except (self.model.DoesNotExist, ValidationError, ValueError):
            raise Http404 from None
        if thing.typed_pk is None:
            draft = thing.read_draft()
        else:
            draft = Draft(**{name: getattr(thing, f"typed_{name}") for name in DRAFT_COLUMNS})
        return Visit(request=request, thing=thing, draft=draft, at=timezone.now())

    def _typed_form(self, request, base, names, *, thing=None):
        edition = getattr(thing, "edition", None)
        form = self.get_form_class()(
            request.POST, content=base, thing=thing, user=request.user, edition=edition, is_typing=True
        )
        form.narrow(names)
        return form

    # A new thing

    def begin_typing_view(self, request):
        """Make the thing whose first words are being typed; the same page makes it once, however often it asks."""
        if not self.has_add_permission(request):
            raise PermissionDenied
        nonce = nonce_of(request)
        if not nonce:
            return refusal("nonce", status=422)
        creation = self.creation_form(request, request.POST)
        form = self._typed_form(request, self.blank_content(request), self.model.document.fields)
        content, errors = read_typed(form)
        if not creation.is_valid():
            return refusal("creation", status=422, errors=errors_of(creation))
        at = timezone.now()
        try:
            with timezone.override(self.zone(None)):
                thing = self.begin(request, content, at=at, nonce=nonce, **creation.cleaned_data)
        except ValidationError as error:
            return refusal("refused", status=422, message=" ".join(error.messages))
        return self._say_begun(request, thing, content, errors, at=at)

    def _say_begun(self, request, thing, content, errors, *, at):
        visit = Visit(request=request, thing=thing, draft=thing.read_draft(), at=at)
        if not self.has_change_permission(request, thing):
            raise PermissionDenied
        with timezone.override(self.zone(thing)):
            version = visit.draft.version
            if content != visit.draft.content:
                try:
                    version = thing.keep_typing(content, version=1, by=request.user, at=at)
                except Stale as stale:
                    return self._say_stale(visit, stale.theirs, begun=self._addresses(thing))
            return self._say_kept(content, version, errors, at=at, status=201, begun=self._addresses(thing))

    def _place(self, visit):
        """Set what is asked once, while the page of the new thing is still open; return {field: error} for the form."""
        if "_placing" not in visit.request.POST or not self.creation_fields:
            return {}
        form_class = modelform_factory(self.model, fields=self.creation_fields)
        form = form_class(visit.request.POST, instance=copy.copy(visit.thing), prefix="new")
        if not form.is_valid():
            return errors_of(form)
        if form.has_changed():
            visit.thing.place(**form.cleaned_data)
        return {}

    # What a browser kept

    def kept_view(self, request, object_id=None):
        """Answer how words that were kept in a browser differ from the draft; nothing is written."""
        if object_id is None:
            if not self.has_add_permission(request):
                raise PermissionDenied
            base, version, thing = self.blank_content(request), 0, None
        else:
            visit = self._typist(request, object_id)
            if not self.has_change_permission(request, visit.thing):
                raise PermissionDenied
            base, version, thing = visit.draft.content, visit.draft.version, visit.thing
            if 0 <= read_version(request.POST.get("version", "")) < visit.draft.scrubbed_version:
                return refusal("scrubbed", status=409)
        form = self._typed_form(request, base, request.POST.getlist("_changed")[:MOST_NAMES], thing=thing)
        content, errors = read_typed(form)
        found = changes(form, base, content, each=True)
        refused = [(form.label_of(name), request.POST.get(name, "")) for name in errors if name in form.fields]
        html = render_to_string("admin/desk/kept.html", {"changes": found, "refused": refused}, request=request)
        return JsonResponse({"version": version, "same": not found and not errors, "html": html})

    # Answers

    def _say_kept(self, content, version, errors, *, at, status, **more):
        return JsonResponse(
            {
                "version": version, "time": date_format(timezone.localtime(at), "H:i"), "errors": errors,
                "base": json.dumps(self.model.document.marks(content)),
                "title": self.model.document.title(content), **more,
            },
            status=status,
        )  # fmt: skip

    def _say_stale(self, visit, theirs, **more):
        return refusal("stale", status=409, **self._last_saved(visit, theirs), **more)

    def _last_saved(self, visit, draft):
        """Return the version that stands and who made it, in words.

        `scrubbed` says that a passage was removed for good since the page was opened: its words may not be kept.
        """
        started = read_version(visit.request.POST.get("version", ""))
        return {
            "scrubbed": 0 <= started < draft.scrubbed_version,
            "version": draft.version,
            "who": str(draft.updated_by or ""),
            "is_you": draft.updated_by_id == visit.user.pk,
            "time": date_format(timezone.localtime(draft.updated_at), "H:i"),
        }

    def _addresses(self, thing):
        """Return where a thing that was just begun goes on."""
        pages = {name: self._url(name, quote(thing.pk)) for name in ("change", "history", "autosave", "beat", "kept")}
        return {**pages, "thing": self._thing_key(thing), "preview": self.preview_url(thing)}

    def _thing_key(self, thing):
        return f"{self.opts.label_lower}:{thing.pk if thing else 'new'}"

    def typing_context(self, request, thing, *, may_change, is_unsaved=False, is_conflict=False, is_scrubbed=False):
        """Return what the form's scripts need to know, as JSON for an attribute."""
        pages = {}
        if thing is None:
            pages = {"begin": self._url("begin_typing"), "kept": self._url("kept_new")}
        else:
            pages = {name: self._url(name, quote(thing.pk)) for name in ("autosave", "beat", "kept")}
        return json.dumps(
            {
                "user": str(request.user.pk), "thing": self._thing_key(thing), "kind": self.opts.label_lower,
                "fields": list(self.model.document.fields), "pages": pages, "may_change": may_change,
                "held": self.holds_typing(thing) if thing else "",
                "unsaved": is_unsaved, "conflict": is_conflict, "scrubbed": is_scrubbed,
                "cookie": settings.CSRF_COOKIE_NAME, "login": reverse("account_login"), "words": SENTENCES,
            },
            cls=DjangoJSONEncoder,
        )  # fmt: skip


def read_typed(form):
    """Return (content, {field: {"label", "messages"}}): what cannot be kept stays as it is in the draft."""
    errors = errors_of(form)
    content = form.content()
    try:
        return form.document.clean(content), errors
    except ValidationError as error:
        for name, found in getattr(error, "error_dict", {}).items():
            errors[name] = {"label": str(form.label_of(name)), "messages": ValidationError(found).messages}
            content[name] = form.base.get(name)
        return form.document.clean(content), errors


def errors_of(form):
    """Return the errors of a form by the names of its inputs."""
    return {
        form.add_prefix(name) if name in form.fields else name: {
            "label": str(form[name].label) if name in form.fields else "",
            "messages": [str(message) for message in messages],
        }
        for name, messages in form.errors.items()
    }

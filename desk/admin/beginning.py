"""A thing that is being made: the same form, before there is a draft."""

import re

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.forms import modelform_factory
from django.shortcuts import render
from django.utils import timezone
from django.utils.crypto import get_random_string
from django.utils.translation import gettext as _

from desk.admin import moves
from desk.admin.modules import MODULES
from desk.admin.visit import Visit
from desk.models import NotReady, Revision

NONCE = re.compile(r"[A-Za-z0-9_-]{16,64}\Z")


def nonce_of(request, name="_nonce"):
    """Return the name that a form bears, or "" when it has none that can be used."""
    nonce = request.POST.get(name, "")
    return nonce if NONCE.match(nonce) else ""


def confirmed(request, response):
    """Give a form that was taken its mark back, so that the browser forgets what it kept of it."""
    mark = nonce_of(request, "_sent")
    if mark and response.status_code == 302:
        response.set_cookie(
            "desk-sent", mark, max_age=300, path="/admin/", secure=settings.SESSION_COOKIE_SECURE, samesite="Lax"
        )
    return response


class BeginningViews:
    """The page of a new thing; a part of DraftedAdmin."""

    def _begin_view(self, request):
        if not self.has_add_permission(request):
            raise PermissionDenied
        data, files = (request.POST, request.FILES) if request.method == "POST" else (None, None)
        creation = self.creation_form(request, data)
        form = self.get_form_class()(
            data, files, content=self.blank_content(request), user=request.user, edition=self.edition_of(creation)
        )
        with timezone.override(self.zone(None)):
            if data is not None and all([creation.is_valid(), form.is_valid()]):
                known = self.model.begun_with(nonce_of(request), by=request.user)
                if known is not None:
                    return confirmed(request, self._begin_again(request, known, form))
                try:
                    thing = self._begin(request, creation, form)
                except ValidationError as error:
                    self._add_errors(form, error)
                else:
                    return confirmed(request, self._begun(request, thing))
            return self._show_begin(request, creation, form, status=200 if data is None else 422)

    def blank_content(self, request):
        """Return the content with which a new thing begins."""
        return self.model.document.blank()

    def creation_form(self, request, data):
        """Return the form of the columns outside the document."""
        initial = {name: request.GET[name] for name in self.creation_fields if name in request.GET}
        form_class = modelform_factory(self.model, fields=self.creation_fields)
        return form_class(data, initial={**self.creation_initial(request), **initial}, prefix="new")

    def creation_initial(self, request):
        """Return the initial values of the columns asked once."""
        return {}

    def edition_of(self, creation):
        """Return the edition in which a new thing will stand, as far as it is known."""
        return

    def _begin(self, request, creation, form):
        at = timezone.now()
        form.gather(by=request.user, at=at)
        with transaction.atomic():
            form.prepare(by=request.user, at=at)
            thing = self.begin(request, form.content(), at=at, nonce=nonce_of(request), **creation.cleaned_data)
            thing.keep_revision(Revision.Kind.SAVE, content=thing.read_draft().content, by=request.user, at=at)
        return thing

    def _begin_again(self, request, known, form):
        """Answer a form that has begun its thing already: nothing twice; other words are a save of the first draft."""
        visit = self._visit(request, known.pk)
        if not self.has_change_permission(request, known):
            raise PermissionDenied
        if self.model.document.clean(form.content()) == visit.draft.content:
            messages.success(request, _("Saved."))
            return self._back_to_form(visit)
        request.POST = request.POST.copy()
        request.POST["version"] = "1"
        return self._take(visit)

    def begin(self, request, content, *, at, **fields):
        """Create the thing; for subclasses that add columns."""
        return self.model.begin(content, by=request.user, at=at, **fields)

    def _begun(self, request, thing):
        """Make the move whose button was pressed on what was just begun; a refusal leaves it saved."""
        visit = Visit(request=request, thing=thing, draft=thing.read_draft(), at=timezone.now())
        move = {move.name: move for move in self.first_moves(request)}.get(request.POST.get("_move"))
        if move is None:
            messages.success(request, _("Saved."))
            return self._back_to_form(visit)
        answers = dict.fromkeys(self.move_form_class.base_fields, "")
        with timezone.override(self.zone(thing)):
            try:
                sentence = getattr(self, f"move_{move.name}")(visit, visit.draft.version, answers)
            except (NotReady, ValidationError):
                messages.warning(request, _("Saved. Something is still missing: see the checklist."))
                return self._back_to_form(visit)
            messages.success(request, sentence)
            return self.after_move(visit, move)

    def _show_begin(self, request, creation, form, *, status):
        context = {
            **self.admin_site.each_context(request),
            "title": _("New %(kind)s") % {"kind": self.opts.verbose_name},
            "opts": self.opts,
            "is_nav_sidebar_enabled": False,
            "form": form,
            "creation_form": creation,
            "may_change": True,
            "errors_anywhere": bool(form.errors or creation.errors),
            "moves": [(moves.SAVE, []), *((move, []) for move in self.first_moves(request))],
            "media": MODULES + form.media + creation.media,
            "typing": self.typing_context(request, None, may_change=True, is_unsaved=form.is_bound),
            "nonce": nonce_of(request) or get_random_string(32),
            "zone": timezone.get_current_timezone_name(),
            "live_preview_url": self.live_preview_url(None),
        }
        return render(request, self.change_form_template, {**context, **self.begin_context()}, status=status)

    def begin_context(self):
        """Return what the template of a new thing needs besides."""
        return {}

    def first_moves(self, request):
        """Return the moves offered beside Save on the form of a new thing."""
        return []

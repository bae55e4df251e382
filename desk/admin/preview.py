"""What stands in the form as readers would see it, beside the form: typed, not saved, and written nowhere."""

import re

from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpResponseNotAllowed
from django.urls import path, reverse
from django.utils import timezone

from desk.admin.visit import Visit
from newsroom import registry

SCRIPT = re.compile(rb"<script\b[^>]*>.*?</script>", re.DOTALL)
SANDBOX = ["allow-same-origin", "allow-popups", "allow-popups-to-escape-sandbox"]
POLICY = {
    "script-src": ["'none'"],
    "connect-src": ["'none'"],
    "frame-src": ["'none'"],
    "form-action": ["'none'"],
    "frame-ancestors": ["'self'"],
    "sandbox": SANDBOX,
}


def framed(response):
    """Let this page, and no other, stand in a frame of the form; no script runs in it and no form can be sent."""
    response.content = SCRIPT.sub(b"", response.content)
    response["X-Frame-Options"] = "SAMEORIGIN"
    response._csp_replace = POLICY
    return response


class PreviewViews:
    """The frame beside the form; a part of DraftedAdmin."""

    def draft_page(self, request, thing, content, *, at):
        """Return the reader page of this content, or None when things of this kind have none (see registry)."""
        render = registry.draft_pages.get(self.opts.label_lower)
        return render(request, thing, content, at=at) if render else None

    def has_draft_page(self):
        """Tell whether the form offers a preview beside the text."""
        return self.opts.label_lower in registry.draft_pages

    def desk_urls(self, name, wrap):
        """Return the addresses of the frame."""
        view = wrap(self.live_preview_view)
        return [
            path("live-preview/", view, name=f"{name}_live_preview_new"),
            path("<path:object_id>/live-preview/", view, name=f"{name}_live_preview"),
            *super().desk_urls(name, wrap),
        ]

    def live_preview_url(self, thing):
        """Return where the form is sent to be shown, or ""."""
        if not self.has_draft_page():
            return ""
        name = f"admin:{self.opts.app_label}_{self.opts.model_name}_live_preview"
        return reverse(name, args=[thing.pk]) if thing is not None else reverse(f"{name}_new")

    def live_preview_view(self, request, object_id=None):
        """Answer what was typed as the page of it (POST only); what cannot be kept shows as it stands in the draft."""
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        visit = self._typed_visit(request) if object_id is None else self._visit(request, object_id)
        if object_id is not None and not self.has_view_or_change_permission(request, visit.thing):
            raise PermissionDenied
        with timezone.override(self.zone(visit.thing)):
            if object_id is not None:
                self._bind(visit, request.POST)
            response = self.draft_page(request, visit.thing, self._readable(visit.form), at=visit.at)
        if response is None:
            raise Http404
        return framed(response)

    def _typed_visit(self, request):
        """Return a visit to a thing that nobody has saved yet."""
        if not self.has_add_permission(request):
            raise PermissionDenied
        creation = self.creation_form(request, request.POST)
        creation.is_valid()
        thing, at = creation.instance, timezone.now()
        thing.created_at = at
        form = self.get_form_class()(
            request.POST, content=self.blank_content(request), user=request.user, edition=self.edition_of(creation)
        )
        return Visit(request=request, thing=thing, draft=None, form=form, at=at)

    def _readable(self, form):
        """Return the typed content; a field that cannot be kept holds what the draft has."""
        form.is_valid()
        document = self.model.document
        content = form.content()
        try:
            return document.clean(content)
        except ValidationError as error:
            kept = {**document.blank(), **form.base}
            return document.clean({**content, **{name: kept[name] for name in error.error_dict}})

"""The checklist as a piece of the page: asked again when autosave has kept something new."""

from django.core.exceptions import PermissionDenied
from django.shortcuts import render
from django.urls import path
from django.utils import timezone
from django.views.decorators.http import require_safe


class CheckingViews:
    """The door of the checklist; a part of DraftedAdmin."""

    def desk_urls(self, name, wrap):
        """Return the address of the checklist."""
        view = wrap(require_safe(self.checklist_view))
        return [path("<path:object_id>/checklist/", view, name=f"{name}_checklist"), *super().desk_urls(name, wrap)]

    def checklist_view(self, request, object_id):
        """Answer with the checklist of the draft as it stands, without the page around it."""
        visit = self._visit(request, object_id)
        if not self.has_view_or_change_permission(request, visit.thing):
            raise PermissionDenied
        with timezone.override(self.zone(visit.thing)):
            context = {"problems": self.checklist(visit), "thing": visit.thing, "is_checked": True}
            return render(request, "admin/desk/checklist.html", context)

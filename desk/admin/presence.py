"""Who else has this open, and whether somebody saved: the beat of an open form."""

from django.contrib.admin.views.main import ChangeList
from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import PermissionDenied
from django.http import JsonResponse
from django.urls import path
from django.utils import timezone

from desk.admin.doors import door
from desk.models import Presence


class PresenceViews:
    """The beat; a part of DraftedAdmin."""

    def desk_urls(self, name, wrap):
        """Return the address of the beat."""
        return [
            path("<path:object_id>/beat/", door(self.admin_site, self.beat_view), name=f"{name}_beat"),
            *super().desk_urls(name, wrap),
        ]

    def beat_view(self, request, object_id):
        """Note that this person is here; answer who else is, and which version stands."""
        visit = self._typist(request, object_id)
        if not self.has_view_or_change_permission(request, visit.thing):
            raise PermissionDenied
        thing, at = visit.thing, visit.at
        Presence.beat(thing, by=request.user, at=at, is_idle=request.POST.get("idle") == "1")
        others = Presence.companions(thing.content_type, [thing.pk], at=at, but=request.user).get(thing.pk, [])
        with timezone.override(self.zone(thing)):
            saved = self._last_saved(visit, visit.draft)
        return JsonResponse({**saved, "others": [{"name": one.name, "idle": one.is_idle} for one in others]})


class DraftedList(ChangeList):
    """The list of drafted things, each with the people who have it open in `companions`: one query for the page."""

    def get_results(self, request):
        super().get_results(request)
        kind = ContentType.objects.get_for_model(self.model)
        found = Presence.companions(kind, [thing.pk for thing in self.result_list], at=timezone.now())
        for thing in self.result_list:
            thing.companions = found.get(thing.pk, [])

"""The sandbox's clock and faults."""

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponseNotAllowed
from django.shortcuts import redirect
from django.urls import path, reverse
from django.utils import timezone
from django.utils.translation import ngettext

from donations.admin.looking import LookingAdmin
from donations.models import SandboxClock, SandboxFault
from newsroom.admin import Tidy
from newsroom.models import StaffAction


@admin.register(SandboxFault)
class SandboxFaultAdmin(Tidy, admin.ModelAdmin):
    """Faults on demand: each strikes the next so many times."""

    list_display = ["kind", "left"]


@admin.register(SandboxClock)
class SandboxClockAdmin(LookingAdmin):
    """The sandbox's clock: one button turns it a month ahead."""

    change_list_template = "admin/donations/clock.html"

    def get_urls(self):
        advance = path("advance/", self.admin_site.admin_view(self.advance), name="donations_sandboxclock_advance")
        return [advance, *super().get_urls()]

    def changelist_view(self, request, extra_context=None):
        today = SandboxClock.read(at=timezone.now())
        may_turn = request.user.has_perm("donations.change_sandboxclock")
        return super().changelist_view(request, {"today": today, "may_turn": may_turn, **(extra_context or {})})

    def advance(self, request):
        """Turn the clock one month ahead; the renewals come in as notices, by the worker."""
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        if not request.user.has_perm("donations.change_sandboxclock"):
            raise PermissionDenied
        now = timezone.now()
        day, charged = SandboxClock.advance(1, at=now)
        StaffAction.record(user=request.user, action="advance sandbox", thing=SandboxClock(today=day), at=now)
        words = ngettext(
            "It is %(day)s in the sandbox; %(count)d renewal is on its way.",
            "It is %(day)s in the sandbox; %(count)d renewals are on their way.",
            charged,
        )
        messages.success(request, words % {"day": day, "count": charged})
        return redirect(reverse("admin:donations_sandboxclock_changelist"))

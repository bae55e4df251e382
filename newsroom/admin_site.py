"""The admin site that editors open in the morning."""

from django.contrib import admin
from django.contrib.admin.forms import AdminAuthenticationForm
from django.core.exceptions import PermissionDenied
from django.http import HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from newsroom import readings, registry
from newsroom.accounts import forgetting
from newsroom.forms import EmergencyForm

TITLES = {
    "work": _("Work"), "machine": _("Machine"), "letters": _("Letters"), "money": _("Money"), "copies": _("Copies"),
    "mirrors": _("Mirrors"),
}  # fmt: skip


class NewsroomAdminSite(admin.AdminSite):
    """Django's admin with the newsroom's name, and a front page made of what waits for the person who looks."""

    site_header = _("Newsroom")
    site_title = _("Newsroom")
    index_title = _("Today")
    login_form = AdminAuthenticationForm
    index_template = "admin/newsroom_index.html"

    def index(self, request, extra_context=None):
        panels = [panel for build in registry.dashboard.values() if (panel := build(request)) is not None]
        return super().index(request, {"panels": panels, **(extra_context or {})})

    def get_urls(self):
        return [
            path("status/", self.admin_view(self.status), name="newsroom_status"),
            path("emergency/", self.admin_view(self.emergency), name="newsroom_emergency"),
            *super().get_urls(),
        ]

    def status(self, request):
        """Show how the site fares, in figures, to those who may see it."""
        if not request.user.has_perm("newsroom.view_status"):
            raise PermissionDenied
        at = timezone.now()
        groups = [{"title": TITLES.get(name, name), "rows": rows} for name, rows in readings.everything(at) if rows]
        context = {
            **self.each_context(request), "title": _("How the site fares"), "groups": groups, "at": at,
            "said": [words for check in registry.status.values() for _level, words in check(at)],
            "stuck": [row for find in registry.stuck.values() for row in find(at)],
        }  # fmt: skip
        return TemplateResponse(request, "admin/newsroom_status.html", context)

    def emergency(self, request):
        """Show how read-only mode stands, and switch it."""
        if not request.user.has_perm("newsroom.switch_emergency"):
            raise PermissionDenied
        at = timezone.now()
        if request.method == "POST":
            form = EmergencyForm(request.POST)
            if form.is_valid():
                form.switch(by=request.user, at=at)
                return HttpResponseRedirect(reverse("admin:newsroom_emergency"))
        else:
            form = EmergencyForm()
        context = {**self.each_context(request), "title": _("Read-only mode"), "form": form}
        status = 422 if form.is_bound else 200
        return TemplateResponse(request, "admin/newsroom_emergency.html", context, status=status)

    def logout(self, request, extra_context=None):
        """Log out; the browser forgets what it kept of unsaved texts."""
        return forgetting(super().logout(request, extra_context))


class SecondFactorAdmin(admin.ModelAdmin):
    """Second factors of the staff: nobody reads or writes their secrets here; a lost one is taken away."""

    list_display = ("user", "type", "created_at", "last_used_at")
    list_filter = ("type",)
    list_select_related = ("user",)
    fields = ("user", "type", "created_at", "last_used_at")
    actions = None

    def has_add_permission(self, request):
        return False

    def has_change_permission(self, request, obj=None):
        return False


def settle_foreign_tables():
    """Keep out of the admin what other apps put there: tags that are not ours, and the secrets of second factors."""
    from allauth.mfa.models import Authenticator
    from taggit.models import Tag

    admin.site.unregister([Tag, Authenticator])
    admin.site.register(Authenticator, SecondFactorAdmin)

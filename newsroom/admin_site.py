"""The admin site that editors open in the morning."""

from django.contrib import admin
from django.contrib.admin.forms import AdminAuthenticationForm
from django.utils.translation import gettext_lazy as _

from newsroom import registry
from newsroom.accounts import forgetting


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

"""The admin site that editors open in the morning."""

from django.contrib import admin
from django.contrib.admin.forms import AdminAuthenticationForm
from django.utils.translation import gettext_lazy as _

from newsroom import registry


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

"""Newsletters in the admin."""

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from newsletters.models import Newsletter
from newsroom.admin import Tidy


@admin.register(Newsletter)
class NewsletterAdmin(Tidy, admin.ModelAdmin):
    """What readers can sign up for. Once letters are out, the address and the List-Id stay."""

    list_display = ("name", "edition", "rhythm", "is_active", "has_archive")
    list_filter = ("edition", "is_active")
    list_select_related = ("edition",)
    ordering = ("edition__position", "position")
    filter_horizontal = ("rule_topics",)
    prepopulated_fields = {"slug": ("name",)}
    fieldsets = (
        (None, {"fields": ("edition", "name", "promise", "rhythm", "is_active")}),
        (_("Address and archive"), {"fields": ("slug", "has_archive", "position", "first_number")}),
        (
            _("Letters that begin by themselves"),
            {
                "fields": (
                    "layout",
                    "rule_section",
                    "rule_topics",
                    "rule_most",
                    "rule_pick",
                    "draft_weekday",
                    "draft_hour",
                )
            },
        ),
        (
            _("Forms in which readers may get it"),
            {
                "fields": (
                    "offers_text",
                    "offers_full",
                    "offers_discreet",
                    "discreet_name",
                    "discreet_address",
                    "discreet_subject",
                    "discreet_list_id",
                )
            },
        ),
        (_("Sender"), {"fields": ("sender_name", "sender_address", "reply_to", "list_id")}),
    )

    def get_readonly_fields(self, request, obj=None):
        """Return what may not change any more."""
        is_out = obj is not None and obj.issues.exclude(started_at=None).exists()
        return ("edition", "slug", "list_id", "first_number") if is_out else ()

    def get_prepopulated_fields(self, request, obj=None):
        """Return nothing once the slug is fixed."""
        return {} if "slug" in self.get_readonly_fields(request, obj) else self.prepopulated_fields

"""Giving in the admin: appeals and offers are written here, money is only looked at."""

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import Prefetch
from django.http import HttpResponseNotAllowed
from django.shortcuts import redirect
from django.urls import path, reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from desk.admin import EditorialAdmin
from desk.forms import DocumentForm
from donations import health, words
from donations.forms import OfferForm
from donations.models import (
    Appeal,
    Gift,
    Journal,
    JournalLine,
    Offer,
    Plan,
    ProviderEvent,
    Receipt,
    SafetyPolicy,
    SandboxClock,
)
from newsroom.admin import Tidy
from newsroom.editions import default_edition
from newsroom.forms import TidyCharField
from newsroom.models import StaffAction
from newsroom.prose import MessageField


class LookingAdmin(admin.ModelAdmin):
    """Nobody adds, changes or deletes here: rows come from the provider and the books are append-only."""

    actions = None
    list_per_page = 50
    show_full_result_count = False

    def has_add_permission(self, request, obj=None):
        return False

    def has_change_permission(self, request, obj=None):
        return False

    def has_delete_permission(self, request, obj=None):
        return False


class LinesInline(admin.TabularInline):
    """The lines of a journal."""

    model = JournalLine
    fields = ["account", "money"]
    readonly_fields = fields
    extra = 0
    can_delete = False

    def has_add_permission(self, request, obj=None):
        return False

    def has_change_permission(self, request, obj=None):
        return False

    @admin.display(description=_("amount"))
    def money(self, line):
        """The signed amount."""
        return line.money


class AppealForm(DocumentForm):
    """The letter in the middle, what stands around it at the side."""

    headline = TidyCharField(label=_("Headline"), max_length=160)
    body_html = MessageField(label=_("Letter"), max_length=20_000)
    signature = TidyCharField(label=_("Signature"), max_length=160)
    thanks_html = MessageField(
        label=_("Thanks"), max_length=20_000, help_text=_("Stands on the page after a gift has arrived.")
    )
    name = TidyCharField(label=_("Name"), max_length=80, help_text=_("For the desk; readers do not see it."))
    priority = forms.IntegerField(
        label=_("Priority"), min_value=0, max_value=100, help_text=_("Of several running appeals the highest asks.")
    )
    short_line = TidyCharField(label=_("In one line"), max_length=200)

    document = Appeal.document
    main = ("headline", "body_html", "signature", "thanks_html")
    panels = (
        (_("For the desk"), ("name", "priority")),
        (_("In one line"), ("short_line",)),
    )


@admin.register(Appeal)
class AppealAdmin(EditorialAdmin):
    """Messages to readers: the one with the highest priority asks, from its publication to its expiry."""

    form_class = AppealForm
    creation_fields = ("edition",)
    list_display = ("title", "edition", "state_pill", "moment", "expires_at", "priority")
    list_select_related = ("edition",)

    def creation_initial(self, request):
        return {"edition": default_edition().pk}


@admin.register(Offer)
class OfferAdmin(Tidy, admin.ModelAdmin):
    """The amounts that readers are offered."""

    form = OfferForm
    fields = ("edition", "currency", "cadence", "presets", "default", "minimum", "maximum")
    list_display = ["edition", "cadence", "currency", "amounts", "smallest"]
    list_filter = ["edition", "cadence"]
    list_select_related = ["edition"]

    @admin.display(description=_("amounts"))
    def amounts(self, offer):
        """The amounts as readers see them."""
        return ", ".join(money.short for money in offer.presets)

    @admin.display(description=_("smallest"))
    def smallest(self, offer):
        """The smallest amount as readers see it."""
        return offer.minimum.short


@admin.register(SafetyPolicy)
class SafetyPolicyAdmin(Tidy, admin.ModelAdmin):
    """What everybody reads before they give."""

    list_display = ["edition", "notice_title"]
    list_select_related = ["edition"]


@admin.register(Gift)
class GiftAdmin(LookingAdmin):
    """Gifts, by pseudonyms alone."""

    list_display = ["created_at", "promise", "state", "mode", "donor_name", "needs_review"]
    list_filter = ["mode", "currency", "state", "cadence", "edition", ("needs_review", admin.EmptyFieldListFilter)]
    list_select_related = ["donor", "edition"]
    ordering = ["-created_at"]
    date_hierarchy = "created_at"
    fields = [
        "promise", "edition", "appeal", "state", "needs_review", "mode", "provider", "account", "donor_name",
        "terms_version", "created_at", "handed_off_at", "paid_at",
    ]  # fmt: skip
    readonly_fields = ["promise", "donor_name"]

    @admin.display(description=_("gift"))
    def promise(self, gift):
        """The gift in words."""
        return words.promise(gift.cadence, gift.money)

    @admin.display(description=_("donor"))
    def donor_name(self, gift):
        """The donor's pseudonym, never an address."""
        return str(gift.donor) if gift.donor_id else "–"


@admin.register(Plan)
class PlanAdmin(LookingAdmin):
    """Gifts that come again."""

    list_display = ["created_at", "promise", "state", "next_on", "mode"]
    list_filter = ["state", "gift__mode", "gift__currency", "gift__cadence"]
    list_select_related = ["gift"]
    fields = [
        "promise",
        "state",
        "next_on",
        "mode",
        "provider",
        "account",
        "cancel_requested_at",
        "ended_at",
        "end_reason",
        "created_at",
    ]
    readonly_fields = ["promise", "mode"]

    @admin.display(description=_("gift"))
    def promise(self, plan):
        """The gift in words."""
        return words.promise(plan.gift.cadence, plan.gift.money)

    @admin.display(description=_("mode"), ordering="gift__mode")
    def mode(self, plan):
        """Whether money really moves."""
        return plan.gift.get_mode_display()


@admin.register(Journal)
class JournalAdmin(LookingAdmin):
    """The books, with totals per mode and currency above them."""

    change_list_template = "admin/donations/journal_list.html"
    list_display = ["occurred_at", "kind", "amount", "mode", "provider", "external_ref"]
    list_filter = ["mode", "kind", "lines__currency"]
    search_fields = ["external_ref"]
    ordering = ["-occurred_at", "-pk"]
    date_hierarchy = "occurred_at"
    fields = ["kind", "mode", "provider", "account", "external_ref", "gift", "period", "occurred_at", "posted_at"]
    inlines = [LinesInline]

    def get_queryset(self, request):
        return super().get_queryset(request).prefetch_related(Prefetch("lines", JournalLine.objects.order_by("pk")))

    @admin.display(description=_("with the provider"))
    def amount(self, journal):
        """What the journal did to the money at the provider."""
        return journal.received

    def changelist_view(self, request, extra_context=None):
        return super().changelist_view(request, {"totals": health.totals(), **(extra_context or {})})


@admin.register(Receipt)
class ReceiptAdmin(LookingAdmin):
    """Receipts, numbered without gaps in each mode and year."""

    list_display = ["__str__", "amount", "mode", "issued_at"]
    list_filter = ["mode", "year"]
    fields = ["number", "year", "mode", "journal", "issued_at", "voided_at"]

    def get_queryset(self, request):
        return super().get_queryset(request).select_related("journal").prefetch_related("journal__lines")

    @admin.display(description=_("amount"))
    def amount(self, receipt):
        """The amount received."""
        return receipt.journal.received


@admin.register(ProviderEvent)
class ProviderEventAdmin(LookingAdmin):
    """What providers announced, and what became of it."""

    list_display = ["received_at", "kind", "state", "reason", "tries", "mode", "provider"]
    list_filter = ["state", "mode", "provider", "kind"]
    search_fields = ["event_id", "object_ref"]


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

"""The books in the admin: looked at, compared, exported; corrected only by one more journal with a reason."""

import datetime
import re

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import Prefetch
from django.http import HttpResponse, HttpResponseNotAllowed
from django.shortcuts import redirect, render
from django.urls import path
from django.utils import timezone
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from donations import health, sheets
from donations.admin import cockpit
from donations.admin.looking import LinesInline, LookingAdmin, MovesAdmin
from donations.models import (
    Journal,
    JournalLine,
    Payout,
    ProviderEvent,
    Receipt,
    ReconItem,
    ReconRun,
    RefundOrder,
    give_back,
)
from donations.models.gift import Mode
from donations.moves import (
    ApproveRefundForm,
    AssignForm,
    CorrectForm,
    DeclineRefundForm,
    RefundForm,
    ReissueForm,
)
from newsroom.models import StaffAction

MONTH = re.compile(r"(20[0-9]{2})-(0[1-9]|1[0-2])\Z")


def refund(charge, form, user, at):
    """Refund a charge, or let it wait for a second person, and say so."""
    cleaned = form.cleaned_data
    done = give_back(
        charge, cleaned["amount"], by=user, reason=cleaned["reason"], nonce=cleaned["nonce"], at=at
    )  # fmt: skip
    waits = isinstance(done, RefundOrder)
    said = _t("%(amount)s waits for a second person.") if waits else _t("%(amount)s is on its way back.")
    return said % {"amount": cleaned["amount"].short}


def approve_refund(charge, form, user, at):
    """Give back what somebody else ordered and say so."""
    form.order.approve(by=user, at=at)
    return _t("%(amount)s is on its way back.") % {"amount": form.order.money.short}


def decline_refund(charge, form, user, at):
    """Turn an order down and say so."""
    form.order.decline(by=user, at=at)
    return _t("Nothing is given back.")


def assign(charge, form, user, at):
    """Give money in suspense to a gift and say so."""
    charge.assign(form.cleaned_data["gift"], by=user, reason=form.cleaned_data["reason"], at=at)
    return _t("The money belongs to this gift now.")


def correct(journal, form, user, at):
    """Book a correction and say so."""
    journal.correct(form.cleaned_data["amount"], by=user, reason=form.cleaned_data["reason"], at=at)
    return _t("The correction is booked.")


def reissue(receipt, form, user, at):
    """Void a receipt, issue another and say so."""
    valid = receipt.reissue(by=user, reason=form.cleaned_data["reason"], at=at)
    return _t("Receipt %(number)s takes its place.") % {"number": valid}


@admin.register(Journal)
class JournalAdmin(MovesAdmin):
    """The books, with totals per mode and currency above them."""

    change_list_template = "admin/donations/journal_list.html"
    list_display = ["occurred_at", "kind", "amount", "mode", "provider", "external_ref"]
    list_filter = ["mode", "kind", "lines__currency"]
    search_fields = ["external_ref"]
    ordering = ["-occurred_at", "-pk"]
    date_hierarchy = "occurred_at"
    fields = [
        "kind", "mode", "provider", "account", "external_ref", "gift", "period", "about", "reason", "occurred_at",
        "posted_at",
    ]  # fmt: skip
    inlines = [LinesInline]
    moves = {
        "refund": ("donations.refund_gift", RefundForm, refund),
        "approve-refund": ("donations.refund_gift", ApproveRefundForm, approve_refund),
        "decline-refund": ("donations.refund_gift", DeclineRefundForm, decline_refund),
        "assign": ("donations.assign_journal", AssignForm, assign),
        "correct": ("donations.assign_journal", CorrectForm, correct),
    }

    def get_queryset(self, request):
        return super().get_queryset(request).prefetch_related(Prefetch("lines", JournalLine.objects.order_by("pk")))

    def get_urls(self):
        view = self.admin_site.admin_view
        return [
            path("cockpit/", view(self.cockpit), name="donations_journal_cockpit"),
            path("books/", view(self.books), name="donations_journal_books"),
            path("books/compare/", view(self.compare), name="donations_journal_compare"),
            path("books/export.csv", view(self.export), name="donations_journal_export"),
            *super().get_urls(),
        ]

    @admin.display(description=_("with the provider"))
    def amount(self, journal):
        """What the journal did to the money at the provider."""
        return journal.received

    def changelist_view(self, request, extra_context=None):
        return super().changelist_view(request, {"totals": health.totals(), **(extra_context or {})})

    def cockpit(self, request):
        """Show how giving stands."""
        return cockpit.show(self.admin_site, request)

    def books(self, request):
        """Show the months, and whether the books agree with the provider's own list."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        modes = [mode for mode in reversed(Mode.values) if Journal.objects.filter(mode=mode).exists()]
        mode = request.GET.get("mode", "")
        mode = mode if mode in Mode.values else next(iter(modes), Mode.LIVE)
        runs = ReconRun.objects.filter(mode=mode)
        suspense = Journal.objects.filter(mode=mode, kind="charge", lines__account="suspense").order_by("-pk")[:50]
        context = {
            **self.admin_site.each_context(request), "title": _t("Books"), "mode": mode, "modes": modes,
            "months": sheets.months(mode), "runs": runs.newest().prefetch_related("items"),
            "open_payouts": [payout for payout in Payout.objects.filter(mode=mode)[:60] if payout.is_open],
            "suspense": [journal for journal in suspense.prefetch_related("lines") if journal.unassigned],
            "may_compare": request.user.has_perm("donations.compare_books"), "opts": self.model._meta,
        }  # fmt: skip
        return render(request, "admin/donations/books.html", context)

    def compare(self, request):
        """Compare the books with the provider now."""
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        if not request.user.has_perm("donations.compare_books"):
            raise PermissionDenied
        now = timezone.now()
        runs = ReconRun.compare_all(at=now)
        if not runs:
            messages.error(request, _t("No provider is switched on."))
        for run in runs:
            StaffAction.record(user=request.user, action="compare books", thing=run, at=now)
            messages.info(request, f"{run.provider}: {run.get_state_display()}")
        return redirect("admin:donations_journal_books")

    def export(self, request):
        """Send the lines of a mode, of one month or of all, as CSV for the accountant."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        mode, month = request.GET.get("mode", Mode.LIVE), MONTH.match(request.GET.get("month", ""))
        if mode not in Mode.values:
            mode = Mode.LIVE
        since, until = None, None
        if month:
            since, until = sheets.month_bounds(datetime.date(int(month[1]), int(month[2]), 1))
        response = HttpResponse(content_type="text/csv; charset=utf-8")
        name = f"books-{mode}-{month[0] if month else 'all'}.csv"
        response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
        response.headers["Cache-Control"] = "no-store, private"
        sheets.write_lines(response, mode=mode, since=since, until=until)
        return response


@admin.register(Receipt)
class ReceiptAdmin(MovesAdmin):
    """Receipts, numbered without gaps in each mode and year."""

    list_display = ["__str__", "amount", "mode", "issued_at", "voided_at"]
    list_filter = ["mode", "year"]
    fields = ["number", "year", "mode", "journal", "issued_at", "voided_at"]
    moves = {"reissue": ("donations.void_receipt", ReissueForm, reissue)}

    def get_queryset(self, request):
        return super().get_queryset(request).select_related("journal").prefetch_related("journal__lines")

    @admin.display(description=_("amount"))
    def amount(self, receipt):
        """The amount received."""
        return receipt.journal.received


class ItemsInline(admin.TabularInline):
    """The differences that a comparison found."""

    model = ReconItem
    fields = ["kind", "movement", "ref", "ours_minor", "theirs_minor", "currency", "is_settled"]
    readonly_fields = fields
    extra = 0
    can_delete = False

    def has_add_permission(self, request, obj=None):
        return False

    def has_change_permission(self, request, obj=None):
        return False

    def has_view_permission(self, request, obj=None):
        return request.user.has_perm("donations.view_reconrun")


@admin.register(ReconRun)
class ReconRunAdmin(LookingAdmin):
    """Comparisons of the books with the provider's own list."""

    list_display = ["started_at", "provider", "mode", "state", "compared", "since", "until"]
    list_filter = ["state", "mode"]
    inlines = [ItemsInline]


@admin.register(ProviderEvent)
class ProviderEventAdmin(LookingAdmin):
    """What providers announced, and what became of it."""

    list_display = ["received_at", "kind", "state", "reason", "tries", "mode", "provider"]
    list_filter = ["state", "mode", "provider", "kind"]
    search_fields = ["event_id", "object_ref"]

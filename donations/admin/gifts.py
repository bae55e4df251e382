"""Gifts and plans in the admin: by pseudonyms alone; money goes back by a button with a reason."""

from django.contrib import admin
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from donations import words
from donations.admin.looking import MovesAdmin
from donations.admin.safety import reveal
from donations.models import Gift, Plan, PlanChange, money_state
from donations.money import Money
from donations.moves import RevealForm, ReviewedForm, StopForm
from newsroom.models import StaffAction

MONEY_STATES = {
    "unpaid": _("unpaid"), "paid": _("paid"), "part_refunded": _("partly given back"), "refunded": _("given back"),
    "disputed": _("disputed"), "lost": _("lost to a dispute"),
}  # fmt: skip


def looked_at(gift, form, user, at):
    """Take a gift off the list of those that wait for a look."""
    gift.close_review(by=user, reason=form.cleaned_data["reason"], at=at)
    return _t("Taken off the list.")


def stop(plan, form, user, at):
    """Stop a plan at the provider and say how it went."""
    StaffAction.record(user=user, action="stop plan", thing=plan, reason=form.cleaned_data["reason"], at=at)
    if plan.ask_to_end(at=at):
        return _t("Nothing more will be charged.")
    return _t("The provider does not answer. It is asked again until it does.")


@admin.register(Gift)
class GiftAdmin(MovesAdmin):
    """Gifts, by pseudonyms alone."""

    list_display = ["created_at", "promise", "state", "mode", "donor_name", "needs_review"]
    list_filter = ["mode", "currency", "state", "cadence", "edition", ("needs_review", admin.EmptyFieldListFilter)]
    list_select_related = ["donor", "edition"]
    ordering = ["-created_at"]
    date_hierarchy = "created_at"
    fields = [
        "promise", "fee_cover", "edition", "appeal", "state", "money_axis", "needs_review", "mode", "provider",
        "account", "donor_name", "terms_version", "created_at", "handed_off_at", "paid_at",
    ]  # fmt: skip
    readonly_fields = ["promise", "fee_cover", "donor_name", "money_axis"]
    moves = {
        "reviewed": ("donations.refund_gift", ReviewedForm, looked_at),
        "reveal": ("donations.reveal_identity", RevealForm, reveal),
    }

    @admin.display(description=_("money"))
    def money_axis(self, gift):
        """What the books say of the gift."""
        return MONEY_STATES[money_state(gift)]

    @admin.display(description=_("of it, for the fee"))
    def fee_cover(self, gift):
        """What the donor added for the provider's fee."""
        return Money(gift.fee_cover_minor, gift.currency).short if gift.fee_cover_minor else "–"

    @admin.display(description=_("gift"))
    def promise(self, gift):
        """The gift in words."""
        return words.promise(gift.cadence, gift.money)

    @admin.display(description=_("donor"))
    def donor_name(self, gift):
        """The donor's pseudonym, never an address."""
        return str(gift.donor) if gift.donor_id else "–"


class ChangesInline(admin.TabularInline):
    """What happened to a plan."""

    model = PlanChange
    fields = readonly_fields = ["at", "kind", "amount_minor", "cadence"]
    extra = 0
    can_delete = False

    def has_add_permission(self, request, obj=None):
        return False

    def has_change_permission(self, request, obj=None):
        return False

    def has_view_permission(self, request, obj=None):
        return request.user.has_perm("donations.view_plan")


class TwiceFilter(admin.SimpleListFilter):
    """Plans of donors who give twice, perhaps by mistake."""

    title = _("donor")
    parameter_name = "twice"

    def lookups(self, request, model_admin):
        return [("1", _t("gives more than once"))]

    def queryset(self, request, queryset):
        return queryset.beside_others() if self.value() == "1" else queryset


@admin.register(Plan)
class PlanAdmin(MovesAdmin):
    """Gifts that come again."""

    list_display = ["created_at", "promise", "state", "next_on", "mode"]
    list_filter = ["state", TwiceFilter, "gift__mode", "gift__currency", "gift__cadence"]
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
    inlines = [ChangesInline]
    moves = {"stop": ("donations.stop_plan", StopForm, stop)}

    @admin.display(description=_("gift"))
    def promise(self, plan):
        """The gift in words."""
        return words.promise(plan.every, plan.money)

    @admin.display(description=_("mode"), ordering="gift__mode")
    def mode(self, plan):
        """Whether money really moves."""
        return plan.gift.get_mode_display()

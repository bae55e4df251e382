"""The guard, stops of collections, and who a donor is: each by its own permission, with a reason and a record."""

from django.contrib import admin
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from donations.admin.looking import MovesAdmin, ShownOnce
from donations.models import CollectionStop, DonorIdentity, Guard, GuardMove
from donations.moves import ApproveForm, GuardForm
from donations.tasks import tell_of_reveal
from newsroom import sealing
from newsroom.admin import Tidy
from newsroom.models import StaffAction


def approve(stop, form, user, at):
    """Let the stop run and say how far it came."""
    stop.approve(by=user, at=at)
    stop.carry_out(at=at)
    return stop.proof()[0]


def reveal(gift, form, user, at):
    """Show who gave, once, and write down who looked and why."""
    identity = DonorIdentity.objects.filter(donor=gift.donor_id).first()
    if identity is None:
        raise ValueError(_t("Nobody knows who gave this."))
    try:
        address = identity.read_address()
    except sealing.Erased as error:
        raise ValueError(_t("Nobody knows who gave this.")) from error
    with transaction.atomic():
        StaffAction.record(user=user, action="reveal identity", thing=gift, reason=form.cleaned_data["reason"], at=at)
        tell_of_reveal.enqueue(gift_id=gift.pk, who=user.get_username(), when=at.isoformat(timespec="minutes"))
    return ShownOnce(_t("The address is %(address)s.") % {"address": address})


def set_guard(guard, form, user, at):
    """Set the guard by hand."""
    Guard.move_to(Guard.State(form.cleaned_data["state"]), form.cleaned_data["reason"], by=user, at=at)
    return _t("The guard is set; by itself it falls back after half an hour.")


@admin.register(CollectionStop)
class CollectionStopAdmin(Tidy, MovesAdmin):
    """Orders to end every gift that comes again; a second person approves, and the page proves the result."""

    list_display = ["__str__", "edition", "state", "ordered_by", "approved_by"]
    list_select_related = ["edition", "ordered_by", "approved_by"]
    fields = ["edition", "mode", "ends_at", "reason"]
    moves = {"approve": ("donations.approve_collectionstop", ApproveForm, approve)}
    results = [
        "dry_run",
        "result",
        "signature",
        "state",
        "ordered_by",
        "ordered_at",
        "approved_by",
        "approved_at",
        "done_at",
    ]

    def has_add_permission(self, request, obj=None):
        return request.user.has_perm("donations.add_collectionstop")

    def get_fields(self, request, obj=None):
        return [*self.fields, *(self.results if obj else [])]

    def get_readonly_fields(self, request, obj=None):
        return self.get_fields(request, obj) if obj else []

    def save_model(self, request, obj, form, change):
        now = timezone.now()
        obj.ordered_by, obj.ordered_at = request.user, now
        super().save_model(request, obj, form, change)
        StaffAction.record(user=request.user, action="order collection stop", thing=obj, reason=obj.reason, at=now)

    @admin.display(description=_("would end"))
    def dry_run(self, stop):
        """How many plans are still open."""
        return stop.open_plans().count()

    @admin.display(description=_("result"))
    def result(self, stop):
        """What was done, in one line."""
        return stop.proof()[0]

    @admin.display(description=_("signature of the result"))
    def signature(self, stop):
        """Proves that the line came from this site."""
        return stop.proof()[1]


@admin.register(Guard)
class GuardAdmin(MovesAdmin):
    """How carefully gifts are taken, and what happened lately."""

    list_display = ["state", "since", "until", "lately"]
    fields = ["state", "since", "until", "lately"]
    readonly_fields = ["lately"]
    moves = {"set": ("donations.change_guard", GuardForm, set_guard)}

    @admin.display(description=_("lately"))
    def lately(self, guard):
        """The last moves, with their reasons."""
        return "; ".join(
            f"{move.at:%Y-%m-%d %H:%M} {move.state}: {move.reason}" for move in GuardMove.objects.all()[:10]
        )

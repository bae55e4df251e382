"""The admin class of published things: states, times, and who may move them."""

import math

from django.contrib import admin
from django.core.exceptions import ValidationError
from django.db.models import Count, F, Q
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from desk.admin import moves
from desk.admin.bulk import BulkMoves
from desk.admin.drafted import DraftedAdmin
from desk.content import Problem
from desk.forms import MomentField
from desk.models import UNDO_FOR, Draft, Embargoed, TooLate

STATES = {
    "mine": gettext_lazy("Mine"),
    "writing": gettext_lazy("Drafts"),
    "in_review": gettext_lazy("In review"),
    "ready": gettext_lazy("Ready"),
    "scheduled": gettext_lazy("Scheduled"),
    "published": gettext_lazy("Published"),
    "changed": gettext_lazy("With changes"),
    "withdrawn": gettext_lazy("Withdrawn"),
}


def conditions(*, mine, at):
    """Return the condition of each tab above the list."""
    return {
        "mine": mine,
        "writing": Q(state="draft", drafts__stage=Draft.Stage.WRITING),
        "in_review": Q(drafts__stage=Draft.Stage.IN_REVIEW),
        "ready": Q(drafts__stage=Draft.Stage.READY),
        "scheduled": Q(state="published", published_at__gt=at),
        "published": Q(state="published", published_at__lte=at),
        "changed": Q(state="published", drafts__is_pending=True),
        "withdrawn": Q(state="withdrawn"),
    }


class StateFilter(admin.SimpleListFilter):
    """The tabs above the list; the template shows them with their counts."""

    title = gettext_lazy("state")
    parameter_name = "stage"
    template = "admin/desk/no_filter.html"
    in_bar = False

    def __init__(self, request, params, model, model_admin):
        self.mine = model_admin.mine(request)
        super().__init__(request, params, model, model_admin)

    def lookups(self, request, model_admin):
        return list(STATES.items())

    def queryset(self, request, queryset):
        condition = conditions(mine=self.mine, at=timezone.now()).get(self.value())
        if condition is None:
            return queryset
        return queryset.filter(pk__in=queryset.model._default_manager.filter(condition).values("pk"))


class TimesForm(admin.options.forms.Form):
    """Embargo and expiry: they count at once, not with the draft."""

    embargo_until = MomentField(
        label=gettext_lazy("Embargo until"), show_hidden_initial=True,
        help_text=gettext_lazy("Nobody sees it earlier, whatever the time of publication."),
    )  # fmt: skip
    expires_at = MomentField(
        label=gettext_lazy("Expires"), show_hidden_initial=True,
        help_text=gettext_lazy("From then on it is gone for readers."),
    )  # fmt: skip


class EditorialAdmin(BulkMoves, DraftedAdmin):
    """Edit and publish a desk.models.Editorial model; see DraftedAdmin for how to subclass.

    Buttons by permission: who may change writes and hands in; who may publish (`publish_<model>`) sends back, marks
    ready, publishes, schedules, withdraws, sets embargo and expiry. Where the model has the permission
    `edit_others_<model>`, people without it edit their own unpublished things only (see `mine`).
    """

    change_asks = ("change",)
    list_filter = (StateFilter,)
    list_display = ("title", "state_pill", "moment")
    list_display_links = ("title",)

    # Permissions

    def has_change_permission(self, request, obj=None):
        """Tell whether this person may edit: everybody's things, or his own before they are published."""
        if not super().has_change_permission(request, obj):
            return False
        if obj is None or self._edits_others(request):
            return True
        return obj.state == obj.State.DRAFT and self.is_own(request, obj)

    def has_delete_permission(self, request, obj=None):
        """Tell whether this person may delete: never what readers have seen, it is withdrawn instead."""
        allowed = super().has_delete_permission(request, obj)
        return allowed and (obj is None or (obj.state == obj.State.DRAFT and self.has_change_permission(request, obj)))

    def _edits_others(self, request):
        codename = f"edit_others_{self.opts.model_name}"
        known = {name for name, _label in self.opts.permissions}
        return codename not in known or request.user.has_perm(f"{self.opts.app_label}.{codename}")

    def _may_lift_embargo(self, request):
        return request.user.has_perm(f"{self.opts.app_label}.lift_embargo_{self.opts.model_name}")

    # Moves

    def moves(self, visit):
        """Yield the buttons for the state of the thing, the stage of its draft and the rights of the person."""
        yield from super().moves(visit)
        editor = self.has_publish_permission(visit.request)
        yield from self._stage_moves(visit.draft, editor=editor)
        if editor:
            yield from self._publishing_moves(visit.thing, at=visit.at)
            if self._offers_undo(visit):
                yield moves.UNDO

    def _offers_undo(self, visit):
        """Tell whether the undo button stands on the page; pressed too late, the verb says so."""
        if visit.request.method == "POST":
            return visit.request.POST.get("_move") == moves.UNDO.name
        is_fresh = visit.draft.updated_at + UNDO_FOR >= visit.at
        return is_fresh and visit.thing.find_undoable(at=visit.at) is not None

    def _stage_moves(self, draft, *, editor):
        if draft.stage == Draft.Stage.WRITING:
            yield moves.HAND_IN if not editor else moves.Move("hand_in", moves.HAND_IN.label)
        if editor and draft.stage != Draft.Stage.READY:
            yield moves.MARK_READY
        if editor and draft.stage != Draft.Stage.WRITING:
            yield moves.SEND_BACK

    def _publishing_moves(self, thing, *, at):
        if thing.state != thing.State.PUBLISHED:
            yield moves.PUBLISH
            yield moves.PUBLISH_AT
        elif thing.published_at > at:
            yield moves.Move("publish_changes", _("Save to the schedule"), style="primary")
            yield moves.Move("publish", _("Publish now"))
            yield moves.MOVE_TIME
            yield moves.WITHDRAW
        elif thing.is_live(at):
            yield moves.Move("publish_changes", moves.PUBLISH_CHANGES.label, style="primary", asks=self.change_asks)
            yield moves.WITHDRAW
        else:
            yield moves.Move("publish_changes", moves.PUBLISH_CHANGES.label, style="primary")
            yield moves.WITHDRAW

    def move_hand_in(self, visit, version, answers):
        """Give the draft to the editors."""
        visit.thing.hand_in(version=version, by=visit.user, at=visit.at)
        return _("Handed in.")

    def move_send_back(self, visit, version, answers):
        """Return the draft to its writer; the note is what the writer needs."""
        if not answers["note"]:
            raise ValidationError({"note": _("Tell the writer what is missing.")})
        visit.thing.send_back(version=version, by=visit.user, at=visit.at, note=answers["note"])
        return _("Sent back to the writer.")

    def move_mark_ready(self, visit, version, answers):
        """Declare the draft edited."""
        visit.thing.mark_ready(version=version, by=visit.user, at=visit.at)
        return _("Marked as ready.")

    def move_publish(self, visit, version, answers):
        """Publish at once."""
        self._publish(visit, version, answers)
        return _("Published. Readers see “%(title)s” now.") % self._named(visit)

    def move_publish_at(self, visit, version, answers):
        """Publish at a time."""
        when = answers["when"]
        if when is None:
            raise ValidationError({"when": _("Choose the time of publication.")})
        if when <= visit.at:
            raise ValidationError({"when": _("This time has passed: choose a later one, or publish now.")})
        self._publish(visit, version, answers, when=when)
        moment = date_format(timezone.localtime(when), "j F Y, H:i")
        return _("“%(title)s” will be published on %(moment)s.") % {**self._named(visit), "moment": moment}

    def move_publish_changes(self, visit, version, answers):
        """Let readers see the changed draft; what they do not see yet, or no longer, keeps its time."""
        if not visit.thing.is_live(visit.at):
            self._publish(visit, version, answers, when=visit.thing.published_at)
            return _("“%(title)s” keeps its time and has the new text.") % self._named(visit)
        if "change" in self.change_asks and not answers["change"]:
            raise ValidationError({"change": _("Say what changed: readers are told accordingly.")})
        self.publish_change(visit, version, answers)
        return _("The changes are live. Readers see the new “%(title)s” now.") % self._named(visit)

    def publish_change(self, visit, version, answers):
        """Publish the change of something live as the kind of change that was chosen."""
        self._publish(visit, version, answers, change=answers["change"])

    def move_withdraw(self, visit, version, answers):
        """Take it off every list; the explanation stands at its address."""
        if not answers["explanation"]:
            raise ValidationError({"explanation": _("Readers who follow a link need an explanation.")})
        visit.thing.withdraw(version=version, by=visit.user, at=visit.at, note=answers["explanation"])
        return _("Withdrawn. Readers no longer see “%(title)s”.") % self._named(visit)

    def move_undo(self, visit, version, answers):
        """Take back the last publication or withdrawal."""
        try:
            visit.thing.undo(version=version, by=visit.user, at=visit.at)
        except TooLate as error:
            raise ValidationError(str(error), code="late") from error
        return _("Undone. “%(title)s” is for readers as it was before.") % self._named(visit)

    def _named(self, visit):
        return {"title": visit.draft.title or _("Untitled")}

    def _publish(self, visit, version, answers, **options):
        lift = bool(answers["lift_embargo"]) and self._may_lift_embargo(visit.request)
        try:
            visit.thing.publish(version=version, by=visit.user, at=visit.at, lift_embargo=lift, **options)
        except Embargoed:
            until = date_format(timezone.localtime(visit.thing.embargo_until), "j F Y, H:i")
            raise ValidationError(_("Under embargo until %(until)s.") % {"until": until}, code="embargo") from None

    def move_initial(self, visit):
        """Offer the time that stands."""
        published_at = visit.thing.published_at
        return {"when": published_at} if published_at and published_at > visit.at else {}

    # The checklist

    def checklist(self, visit):
        """Return the problems of the saved draft, an embargo that holds first."""
        thing, found = visit.thing, super().checklist(visit)
        if not thing.embargo_until or thing.embargo_until <= visit.at:
            return found
        until = date_format(timezone.localtime(thing.embargo_until), "j F Y, H:i")
        held = _("Under embargo until %(until)s: readers see nothing earlier.") % {"until": until}
        return [Problem("embargo_until", held), *found]

    # Embargo and expiry

    def settings_form(self, visit):
        """Return the form of embargo and expiry for those who may publish."""
        if not self.has_publish_permission(visit.request):
            return None
        initial = {"embargo_until": visit.thing.embargo_until, "expires_at": visit.thing.expires_at}
        data = visit.request.POST if visit.form.is_bound else None
        return TimesForm(data, initial=initial, prefix="times")

    def apply_settings(self, visit, form):
        """Set embargo and expiry; lifting an embargo takes a right of its own."""
        thing, changed = visit.thing, form.changed_data
        times = {name: form.cleaned_data[name] if name in changed else getattr(thing, name) for name in form.fields}
        earlier = thing.embargo_until and (not times["embargo_until"] or times["embargo_until"] < thing.embargo_until)
        if earlier and thing.embargo_until > visit.at and not self._may_lift_embargo(visit.request):
            raise ValidationError(_("You may not lift or shorten an embargo."), code="embargo")
        thing.set_times(by=visit.user, at=visit.at, **times)

    def first_moves(self, request):
        """Offer to hand in or to publish at once what is being begun."""
        return [moves.PUBLISH] if self.has_publish_permission(request) else [moves.HAND_IN]

    def form_context(self, visit):
        """Add what the publishing panel tells."""
        thing = visit.thing
        under_embargo = thing.embargo_until is not None and thing.embargo_until > visit.at
        context = super().form_context(visit)
        return {
            **context,
            "under_embargo": under_embargo,
            "has_expired": thing.has_expired(visit.at),
            "readers_zone": getattr(getattr(thing, "edition", None), "readers_zone", None),
            "undo_seconds": self._undo_seconds(visit, context["moves"]),
            "may_publish": self.has_publish_permission(visit.request),
            "may_lift_embargo": under_embargo and self._may_lift_embargo(visit.request),
            "is_live": thing.is_live(visit.at),
            "is_scheduled": thing.state == thing.State.PUBLISHED and thing.published_at > visit.at,
            "live_url": thing.get_absolute_url() if thing.is_live(visit.at) else "",
        }

    def _undo_seconds(self, visit, offered):
        """Return how long the undo button works, in whole seconds; 0 when there is none."""
        if not any(move is moves.UNDO for move, _fields in offered):
            return 0
        return max(0, math.floor((visit.draft.updated_at + UNDO_FOR - visit.at).total_seconds()))

    # The list

    def changelist_view(self, request, extra_context=None):
        """Show the list under its own name and tabs of states with their counts."""
        response = super().changelist_view(request, extra_context)
        context = getattr(response, "context_data", None)
        if context and "cl" in context:
            context["title"] = capfirst(self.opts.verbose_name_plural)
            context["tabs"] = self._tabs(request, context["cl"])
        return response

    def _tabs(self, request, cl):
        wanted = conditions(mine=self.mine(request), at=timezone.now())
        counts = self.model._default_manager.aggregate(
            total=Count("pk"), **{f"n_{name}": Count("pk", filter=which) for name, which in wanted.items()}
        )
        current = request.GET.get("stage", "")
        tabs = [("", _("All"), counts["total"])]
        tabs += [(name, label, counts[f"n_{name}"]) for name, label in STATES.items()]
        return [
            {
                "label": label,
                "count": count,
                "current": name == current,
                "query": cl.get_query_string({"stage": name or None}, ["p"]),
            }
            for name, label, count in tabs
            if count or name in {"", "mine", current}
        ]

    def get_ordering(self, request):
        """Order by what was saved last."""
        return ["-drafts__updated_at", "-pk"]

    @admin.display(description=gettext_lazy("published"), ordering=F("published_at").desc(nulls_first=True))
    def moment(self, thing):
        """Return the time of publication in the zone of the thing, or when the draft was saved."""
        if thing.published_at is None:
            return "—"
        return date_format(thing.published_at.astimezone(self.zone(thing)), "j M Y, H:i")

    def state_of(self, thing, draft, *, at):
        """Return {"name", "label"} of the state that people see."""
        stage = draft.stage if draft is not None else thing.draft_stage or Draft.Stage.WRITING
        pending = draft.is_pending if draft is not None else thing.draft_is_pending
        if stage != Draft.Stage.WRITING:
            return {"name": str(stage), "label": Draft.Stage(stage).label}
        if thing.state == thing.State.WITHDRAWN:
            return {"name": "withdrawn", "label": _("Withdrawn")}
        if thing.state == thing.State.DRAFT:
            return {"name": "writing", "label": _("Draft")}
        if thing.published_at > at:
            return {"name": "scheduled", "label": _("Scheduled")}
        if thing.expires_at and thing.expires_at <= at:
            return {"name": "withdrawn", "label": _("Expired")}
        return (
            {"name": "changed", "label": _("Live, with changes")}
            if pending
            else {"name": "published", "label": _("Live")}
        )

"""Letters in the admin: composed in one form, approved by a person, watched while they go out."""

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import path, reverse
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.clickjacking import xframe_options_sameorigin
from django.views.decorators.csrf import csrf_protect

from desk.admin import DraftedAdmin, Move
from desk.content import ID
from newsletters import letter
from newsletters.admin.forms import IssueForm, IssueMoveForm
from newsletters.models import Issue, Newsletter, WrongState, tell_corrections, untold_corrections
from newsletters.sending import FRESH_FOR

APPROVE = Move("approve", gettext_lazy("Approve"), style="primary")
IN_SPITE = Move("approve_in_spite", gettext_lazy("Approve in spite of a doubt"), asks=("note",))
SEND_NOW = Move("send_now", gettext_lazy("Send now"), asks=("sure",))
SCHEDULE = Move("schedule", gettext_lazy("Send at a time"), asks=("when",))
RESCHEDULE = Move("schedule", gettext_lazy("Change the time"), asks=("when",))
TEST = Move("send_test", gettext_lazy("Send a test"), asks=("colleagues",))
FILL = Move("fill", gettext_lazy("Fill by the rule"))
TELL = Move("tell_corrections", gettext_lazy("Tell readers of the corrections"))
MISSING = Move("send_missing", gettext_lazy("Send to those who have not got it"))
WITHDRAW = Move("withdraw_approval", gettext_lazy("Take the approval back"))
PAUSE = Move("pause", gettext_lazy("Pause"), style="primary")
RESUME = Move("resume", gettext_lazy("Go on sending"), style="primary")
CANCEL = Move("cancel", gettext_lazy("Cancel this letter"), style="danger", asks=("note",))
BY_STATE = {
    "draft": (APPROVE, IN_SPITE),
    "approved": (SEND_NOW, SCHEDULE, WITHDRAW),
    "scheduled": (SEND_NOW, RESCHEDULE, WITHDRAW),
    "held": (APPROVE, SEND_NOW, SCHEDULE, WITHDRAW),
    "sending": (PAUSE, CANCEL),
    "paused": (RESUME, CANCEL),
    "sent": (MISSING,),
}
PILLS = {
    "draft": "writing", "approved": "ready", "scheduled": "scheduled", "sending": "changed", "sent": "published",
    "paused": "withdrawn", "held": "withdrawn", "cancelled": "withdrawn",
}  # fmt: skip


@admin.register(Issue)
class IssueAdmin(DraftedAdmin):
    """Compose, preview, test, approve, send; while it goes out, a page of its own shows how far it is."""

    form_class = IssueForm
    move_form_class = IssueMoveForm
    creation_fields = ("newsletter",)
    change_form_template = "admin/newsletters/issue_form.html"
    list_display = ("title", "newsletter", "number", "state_pill", "moment")
    list_display_links = ("title",)
    list_filter = ("state", "newsletter")
    list_select_related = ("newsletter__edition",)

    # Who may what

    def may_send(self, request):
        """Tell whether this person may approve and send."""
        return request.user.has_perm("newsletters.send_issue")

    def has_delete_permission(self, request, obj=None):
        """Tell whether this person may delete: only what was never approved."""
        allowed = super().has_delete_permission(request, obj)
        return allowed and (obj is None or (obj.state == Issue.State.DRAFT and not obj.renderings.exists()))

    def get_queryset(self, request):
        """Return the issues with their newsletter."""
        return super().get_queryset(request).select_related("newsletter__edition")

    def holds_typing(self, thing):
        """Return why typed words wait for Save: an approval is never taken back by accident."""
        if thing.state == Issue.State.DRAFT:
            return ""
        return _("Not saved while you type: this letter is approved. Save takes the approval back.")

    # Moves

    def moves(self, visit):
        """Yield the buttons for the state of the letter and the rights of the person."""
        if visit.thing.is_editable():
            yield from super().moves(visit)
            yield FILL
            if self._untold(visit):
                yield TELL
            yield TEST
        if self.may_send(visit.request):
            yield from BY_STATE.get(visit.thing.state, ())

    def move_approve(self, visit, version, answers):
        """Freeze the letter."""
        visit.thing.approve(version=version, by=visit.user, at=visit.at)
        return _("Approved: readers will get exactly this. An edit takes the approval back.")

    def move_approve_in_spite(self, visit, version, answers):
        """Freeze the letter although the checklist doubts it, for a reason that stays on record."""
        if not answers["note"]:
            raise ValidationError({"note": _("Write down why.")})
        visit.thing.approve(version=version, by=visit.user, at=visit.at, in_spite=answers["note"])
        return _("Approved, and it is on record that you overruled the doubts.")

    def move_send_now(self, visit, version, answers):
        """Start the sending."""
        if not answers["sure"]:
            raise ValidationError({"sure": _("Tick the box: a letter cannot be called back.")})
        visit.thing.send_now(by=visit.user, at=visit.at)
        return _("The worker begins to send it now.")

    def move_schedule(self, visit, version, answers):
        """Send at a time."""
        when = answers["when"]
        if when is None or when <= visit.at:
            raise ValidationError({"when": _("Choose a moment in the future.")})
        visit.thing.schedule(when=when, by=visit.user, at=visit.at)
        return _("It goes out on %(when)s.") % {"when": date_format(timezone.localtime(when), "j F Y, H:i")}

    def move_withdraw_approval(self, visit, version, answers):
        """Make it a draft again."""
        visit.thing.withdraw_approval(by=visit.user, at=visit.at)
        return _("It is a draft again.")

    def move_send_test(self, visit, version, answers):
        """Mail the draft to the person who pressed the button."""
        people = list(answers["colleagues"]) or [visit.user]
        if not all(person.email for person in people):
            raise ValidationError(_("Your account has no e-mail address."))
        for person in people:
            visit.thing.send_test(to=person, by=visit.user, at=visit.at)
        return _("A test is on its way to %(email)s.") % {"email": ", ".join(person.email for person in people)}

    def move_fill(self, visit, version, answers):
        """Add the stories that the rule finds and that are not there yet."""
        found = visit.thing.fill(version=version, by=visit.user, at=visit.at)
        return ngettext("One story was added.", "%(count)d stories were added.", found) % {"count": found}

    def _untold(self, visit):
        """Return what this newsletter's readers were told wrong and do not know yet, asked once a request."""
        if not hasattr(visit, "untold"):
            visit.untold = untold_corrections(visit.thing.newsletter, at=visit.at)
        return visit.untold

    def move_tell_corrections(self, visit, version, answers):
        """Add a text for each correction of a story that readers of this newsletter got."""
        found = tell_corrections(visit.thing, version=version, by=visit.user, at=visit.at)
        return ngettext("One correction was added.", "%(count)d corrections were added.", found) % {"count": found}

    def move_send_missing(self, visit, version, answers):
        """Send it to readers who have no delivery yet."""
        found = visit.thing.send_to_missing(by=visit.user, at=visit.at)
        return ngettext("One more reader gets it.", "%(count)d more readers get it.", found) % {"count": found}

    def move_pause(self, visit, version, answers):
        """Stop after the mails on the wire."""
        visit.thing.pause(by=visit.user, at=visit.at)
        return _("Paused.")

    def move_resume(self, visit, version, answers):
        """Go on."""
        visit.thing.resume(by=visit.user, at=visit.at)
        return _("The worker goes on.")

    def move_cancel(self, visit, version, answers):
        """End it for good."""
        visit.thing.cancel(by=visit.user, at=visit.at)
        return _("Cancelled: nobody else gets it.")

    # Pages

    def get_urls(self):
        wrap = self.admin_site.admin_view
        return [
            path("<int:object_id>/preview/", wrap(self.preview_view), name="newsletters_issue_preview"),
            path("<int:object_id>/preview/html", wrap(self.preview_html_view), name="newsletters_issue_preview_html"),
            *super().get_urls(),
        ]

    @method_decorator([never_cache, csrf_protect])
    def changeform_view(self, request, object_id=None, form_url="", extra_context=None):
        """Show the form, or how far a letter is that can no longer be changed."""
        thing = self.get_object(request, object_id) if object_id is not None else None
        if thing is None or thing.is_editable():
            return super().changeform_view(request, object_id, form_url, extra_context)
        return self._watch_view(request, object_id)

    def _watch_view(self, request, object_id):
        visit = self._visit(request, object_id)
        if not self.has_view_or_change_permission(request, visit.thing):
            raise PermissionDenied
        if request.method == "POST":
            move = {move.name: move for move in self.moves(visit)}.get(request.POST.get("_move"))
            if move is None:
                raise PermissionDenied
            try:
                messages.success(request, getattr(self, f"move_{move.name}")(visit, visit.draft.version, {}))
            except WrongState as error:
                messages.error(request, " ".join(error.messages))
            return self._back_to_form(visit)
        with timezone.override(self.zone(visit.thing)):
            return render(request, "admin/newsletters/issue_watch.html", self._watch_context(visit))

    def _watch_context(self, visit):
        issue = visit.thing
        failures = issue.deliveries.exclude(reply="").filter(state__in=["failed", "queued"]).order_by("-pk")
        return {
            **self.admin_site.each_context(visit.request), "title": issue.subject, "opts": self.opts, "thing": issue,
            "original": issue, "draft": visit.draft, "state": self.state_of(issue, visit.draft, at=visit.at),
            "moves": list(self.moves(visit)), "totals": issue.totals(), "failures": failures[:50],
            "preview_url": self.preview_url(issue), "live_url": issue.get_absolute_url(), "now": visit.at,
            "late": issue.started_at and issue.state == Issue.State.SENDING and visit.at - issue.started_at > FRESH_FOR,
        }  # fmt: skip

    def form_context(self, visit):
        """Add who would get it, and what an approved letter waits for."""
        context = super().form_context(visit)
        issue = visit.thing
        return {
            **context,
            "readers": issue.readers_count(at=visit.at),
            "rendering": issue.frozen().defer("message").first(),
            "untold": self._untold(visit) if issue.is_editable() else (),
        }

    def preview_url(self, thing):
        """Return where the mail can be seen."""
        return reverse("admin:newsletters_issue_preview", args=[thing.pk])

    def preview_view(self, request, object_id):
        """Show the mail as HTML at two widths and as text, with its weight."""
        issue, message, parsed = self._mail_of(request, object_id)
        context = {
            **self.admin_site.each_context(request), "opts": self.opts, "thing": issue,
            "title": _("Preview: %(subject)s") % {"subject": parsed["Subject"]},
            "subject": parsed["Subject"], "sender": parsed["From"], "size": len(message),
            "share": min(100, round(100 * len(message) / letter.MAX_BYTES)), "limit": letter.MAX_BYTES,
            "text": parsed.get_body(preferencelist=("plain",)).get_content(),
            "frame_url": reverse("admin:newsletters_issue_preview_html", args=[issue.pk]),
        }  # fmt: skip
        return render(request, "admin/newsletters/issue_preview.html", context)

    @method_decorator(xframe_options_sameorigin)
    def preview_html_view(self, request, object_id):
        """Answer the mail's HTML alone, under a policy that runs nothing, with or without pictures, light or dark."""
        _issue, _message, parsed = self._mail_of(request, object_id)
        source = parsed.get_body(preferencelist=("html",)).get_content()
        dark = "@media (prefers-color-scheme: dark)"
        source = source.replace(dark, "@media all" if request.GET.get("scheme") == "dark" else "@media print")
        response = HttpResponse(source)
        pictures = "'none'" if "bare" in request.GET else "'self'"
        response._csp_replace = {
            "default-src": ["'none'"], "img-src": [pictures], "style-src": ["'unsafe-inline'"],
            "script-src": ["'none'"],
            "frame-ancestors": ["'self'"], "sandbox": ["allow-popups", "allow-popups-to-escape-sandbox"],
        }  # fmt: skip
        return response

    def _mail_of(self, request, object_id):
        """Return (issue, bytes, parsed mail): the frozen bytes of what was approved, else the draft as it stands."""
        issue = self.get_object(request, str(object_id))
        if issue is None:
            raise Http404
        if not self.has_view_or_change_permission(request, issue):
            raise PermissionDenied
        content = issue.read_draft().content if issue.is_editable() else issue.document.read(issue)
        now, rendering = timezone.now(), issue.find_rendering()
        message = letter.sample(
            issue, content, address="reader@example.org", at=now, frozen=bytes(rendering.message) if rendering else None
        )
        return issue, message, letter.parse(message)

    # A new letter

    def creation_initial(self, request):
        """Return the newsletter that is written most often: the first one."""
        return {"newsletter": Newsletter.objects.order_by("edition__position", "position").first()}

    def edition_of(self, creation):
        """Return the edition of the newsletter chosen, as far as it is known."""
        chosen = creation["newsletter"].value()
        pk = getattr(chosen, "pk", chosen)
        if not ID.match(str(pk or "")):
            return None
        newsletter = Newsletter.objects.select_related("edition").filter(pk=pk).first()
        return newsletter.edition if newsletter else None

    # The list

    def state_of(self, thing, draft, *, at):
        """Return the state of the letter."""
        return {"name": PILLS[thing.state], "label": thing.get_state_display()}

    @admin.display(description=gettext_lazy("time"))
    def moment(self, issue):
        """Return when it goes or went out, in the time of its edition."""
        moment = issue.started_at or issue.due_at
        return date_format(moment.astimezone(issue.edition.zone), "j M Y, H:i") if moment else "—"

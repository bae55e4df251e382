"""Moves of several things at once from the list: each row carries its version, and one that moved on is left alone.

There is no withdrawing in bulk: taking much off the site at once needs a second editor.
"""

from django.contrib import admin, messages
from django.core.exceptions import ValidationError
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import mark_safe
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from desk.content import ID
from desk.forms import read_version
from desk.models import Draft, Embargoed, NotReady, Stale


class LeftAlone(Exception):
    """This thing is not moved, and why."""


class BulkMoves:
    """The actions of the list; a part of EditorialAdmin."""

    actions = ("mark_ready_together", "publish_together")

    def get_actions(self, request):
        """Return the actions of this person; nothing is deleted together."""
        return {name: entry for name, entry in super().get_actions(request).items() if name != "delete_selected"}

    def response_action(self, request, queryset):
        """Run the action on the chosen rows of this page only; a forged choice chooses nothing."""
        chosen = request.POST.getlist("_selected_action")
        if not all(ID.match(pk) for pk in chosen):
            messages.error(request, _("Choose the rows first."))
            return redirect(request.get_full_path())
        return super().response_action(request, queryset.filter(pk__in=chosen[: self.list_per_page]))

    @admin.display(description=mark_safe('<input type="checkbox" id="action-toggle">'))
    def action_checkbox(self, thing):
        """Return the box of a row, with the version that the page shows."""
        return format_html(
            '<input type="checkbox" name="_selected_action" value="{0}" class="action-select" aria-label="{1}">'
            '<input type="hidden" name="version-{0}" value="{2}">',
            thing.pk, _("Choose “%(title)s”") % {"title": thing.draft_title or _("Untitled")}, thing.draft_version or 0,
        )  # fmt: skip

    @admin.action(description=gettext_lazy("Mark ready"), permissions=["publish"])
    def mark_ready_together(self, request, queryset):
        """Declare the chosen drafts edited."""

        def move(thing, version, at):
            if thing.draft_stage == Draft.Stage.READY:
                raise LeftAlone(_("is ready already"))
            thing.mark_ready(version=version, by=request.user, at=at)

        self.move_together(request, queryset, move, _("Marked as ready: %(titles)s."))

    @admin.action(description=gettext_lazy("Publish now"), permissions=["publish"])
    def publish_together(self, request, queryset):
        """Publish the chosen drafts at once; a change of what is live is asked about in its form."""

        def move(thing, version, at):
            if thing.state == thing.State.PUBLISHED:
                raise LeftAlone(_("is published or scheduled: open it to publish a change"))
            thing.publish(version=version, by=request.user, at=at)

        self.move_together(request, queryset, move, _("Published: %(titles)s."))

    def move_together(self, request, queryset, move, sentence):
        """Call `move(thing, version, at)` for each thing; say what was moved, and name what was left alone and why."""
        at, moved, left = timezone.now(), [], []
        for thing in queryset:
            title = f"“{thing.draft_title or _('Untitled')}”"
            why = self._move_one(request, thing, move, at)
            if why:
                left.append(f"{title}: {why}")
            else:
                moved.append(title)
        if moved:
            messages.success(request, sentence % {"titles": ", ".join(moved)})
        if left:
            messages.warning(request, _("Left alone: %(reasons)s.") % {"reasons": "; ".join(left)})

    def _move_one(self, request, thing, move, at):
        """Make the move and return "", or why it was not made."""
        if not self.has_change_permission(request, thing):
            return _("you may not change it")
        try:
            move(thing, read_version(request.POST.get(f"version-{thing.pk}", "")), at)
        except Stale:
            return _("somebody saved it in the meantime")
        except NotReady as error:
            return str(error.problems[0].message)
        except Embargoed:
            return _("it is under embargo")
        except LeftAlone as reason:
            return str(reason)
        except ValidationError as error:
            return " ".join(error.messages)
        return ""

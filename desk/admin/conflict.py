"""Two people saved the same thing: theirs and mine, field by field, and neither is lost."""

import json

from django.utils.translation import gettext as _

from desk.admin.compare import changes
from desk.models import Revision

LONGEST_BASE = 20_000


class ConflictViews:
    """The page of a conflict, and what was chosen there; a part of DraftedAdmin."""

    def _show_conflict(self, visit):
        """Show theirs and mine side by side; the form below still holds mine and may now be saved over theirs.

        Unless a passage was removed since: then what was typed can be read and copied, but never saved from there.
        """
        visit.theirs = visit.draft = visit.thing.read_draft()
        visit.was_scrubbed = visit.form.cleaned_data["version"] < visit.theirs.scrubbed_version
        if not visit.was_scrubbed:
            visit.form.data = visit.form.data.copy()
            visit.form.data["version"] = str(visit.theirs.version)
        return self._show(visit, status=409)

    def conflict_of(self, visit):
        """Return the rows of the conflict, each with the side that is offered first, or None without a conflict.

        What only they changed since this form was opened is theirs, what only I changed is mine; for what both changed,
        and for forms that do not say from where they started, mine is offered: theirs stays in the history.
        """
        if visit.theirs is None:
            return None
        document, base = self.model.document, started_from(visit.request)
        mine = document.clean(visit.form.content())
        theirs_marks, mine_marks = document.marks(visit.theirs.content), document.marks(mine)
        return [
            {
                "change": change,
                "both": base.get(change.name) not in {None, theirs_marks[change.name], mine_marks[change.name]},
                "take": "theirs" if base.get(change.name) == mine_marks[change.name] else "mine",
            }
            for change in changes(visit.form, visit.theirs.content, mine, each=True)
        ]

    def _settle(self, visit, content):
        """Take over the fields of theirs that a person chose in a conflict; both whole texts go into the history."""
        post = visit.request.POST
        if "_settle" not in post:
            return content
        theirs = visit.draft
        self._set_aside(visit, theirs.content, theirs.updated_by, theirs.updated_at, _("before a conflict was settled"))
        whole = post["_settle"]  # "mine" and "theirs" are buttons for everything at once
        sides = {name: whole if whole in {"mine", "theirs"} else post.get(f"_settle-{name}") for name in content}
        chosen = {name for name, side in sides.items() if side == "theirs" and name in theirs.content}
        settled = {**content, **{name: theirs.content[name] for name in chosen}}
        if settled != content:
            mine = self.model.document.clean(content)
            self._set_aside(visit, mine, visit.user, visit.at, _("set aside when a conflict was settled"))
        return settled

    def _set_aside(self, visit, content, by, at, note):
        """Keep a text in the history unless it stands there already."""
        if not visit.thing.revisions.filter(content=content).exists():
            visit.thing.keep_revision(Revision.Kind.SAVE, content=content, by=by, at=at, note=note)

    def base_of(self, visit):
        """Return the marks of the content that the form starts from, for its hidden field."""
        if visit.form.is_bound and visit.theirs is None:
            return visit.request.POST.get("_base", "")[:LONGEST_BASE]
        return json.dumps(self.model.document.marks(visit.draft.content))


def started_from(request):
    """Return {field: mark} of the content that a form started from; {} when it does not say so in a readable way."""
    text = request.POST.get("_base", "")
    if len(text) > LONGEST_BASE:
        return {}
    try:
        marks = json.loads(text)
    except (ValueError, RecursionError):
        return {}
    return marks if isinstance(marks, dict) and all(isinstance(mark, str) for mark in marks.values()) else {}

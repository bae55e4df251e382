"""What is stuck, for those who publish: from every app that knows of such things."""

from django.apps import apps
from django.urls import reverse
from django.utils import timezone
from django.utils.timesince import timesince
from django.utils.translation import gettext as _

from newsroom import registry, stuck

SHOWN = 12
FOLLOW_UP = "desk.tasks.follow_up"


def panel(request):
    """Return the panel of what does not move by itself, None for those who publish nothing."""
    if not any(".publish_" in right for right in request.user.get_all_permissions()):
        return None
    at = timezone.now()
    rows = [row for find in registry.stuck.values() for row in find(at)]
    for name, find in registry.status.items():
        rows += [{"title": sentence, "note": name} for _level, sentence in find(at)]
    more = len(rows) - SHOWN
    rows = rows[:SHOWN] + ([{"title": _("%(count)d more") % {"count": more}, "note": ""}] if more > 0 else [])
    return {
        "title": _("Stuck"), "rows": rows, "empty": _("Nothing is stuck."), "is_alarming": bool(rows),
        "template": "admin/desk/panel.html",
    }  # fmt: skip


def follow_ups(at):
    """Return a row for each thing that appeared, changed or went without what has to follow."""
    rows = []
    waiting = (stuck.late(at) | stuck.failed(at)).filter(task_path=FOLLOW_UP)
    for task in waiting.order_by("enqueued_at")[:SHOWN]:
        thing = _thing(**task.args_kwargs["kwargs"])
        if thing is not None:
            name = f"admin:{thing._meta.app_label}_{thing._meta.model_name}_change"
            since = task.enqueued_at if task.run_after > at else task.run_after
            note = _("what follows its publication has not run for %(time)s") % {"time": timesince(since, at)}
            rows.append({"title": str(thing), "note": note, "url": reverse(name, args=[thing.pk])})
    return rows


def _thing(*, kind, object_id):
    return apps.get_model(kind)._default_manager.filter(pk=object_id).first()

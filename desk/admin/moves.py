"""What a person may do with a draft now: each move is a button, and calls one verb."""

from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _


@dataclass(frozen=True)
class Move:
    """A button of the form: `name` is the method `move_<name>` of the admin class, `asks` the fields it needs.

    `style` is "primary", "plain", "danger" or "undo"; a move that asks for something stands in a fold of its own.
    """

    name: str
    label: str
    style: str = "plain"
    asks: tuple = ()


SAVE = Move("save", _("Save"))
HAND_IN = Move("hand_in", _("Hand in"), style="primary")
SEND_BACK = Move("send_back", _("Send back"), asks=("note",))
MARK_READY = Move("mark_ready", _("Mark ready"))
PUBLISH = Move("publish", _("Publish"), style="primary")
PUBLISH_AT = Move("publish_at", _("Publish at a time"), asks=("when",))
PUBLISH_CHANGES = Move("publish_changes", _("Publish changes"), style="primary", asks=("change",))
MOVE_TIME = Move("publish_at", _("Change the time"), asks=("when",))
WITHDRAW = Move("withdraw", _("Withdraw"), style="danger", asks=("explanation",))
UNDO = Move("undo", _("Undo"), style="undo")

"""The desk's own scheduled jobs."""

from newsroom import schedules


@schedules.every(minutes=10, name="desk.sweep_presence")
def sweep_presence(*, at):
    """Delete the rows of people who have long closed their tabs."""
    from desk.models import Presence

    Presence.sweep(at=at)

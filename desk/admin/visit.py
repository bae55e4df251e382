"""One request on one thing."""

from dataclasses import dataclass


@dataclass
class Visit:
    """One request on one thing: what the methods of the admin class hand to each other."""

    request: object
    thing: object
    draft: object
    form: object = None
    move_form: object = None
    at: object = None
    settings: object = None
    theirs: object = None
    typed: object = None
    problems: tuple = ()
    was_scrubbed: bool = False
    was_saved: bool = False

    @property
    def user(self):
        """Who edits."""
        return self.request.user

"""Sent after the commit; receivers never undo what happened."""

from django.dispatch import Signal

# With `person`, `stories` (primary keys of the stories that she signs), `photos` (of those whose credit changed), `by`
# and `at`: a public name was taken back, or brought back.
name_withdrawn = Signal()

"""Sent after the commit with `thing` and `at`; receivers never undo what happened."""

from django.dispatch import Signal

published = Signal()
withdrawn = Signal()

"""Sent after the commit; receivers never undo what happened."""

from django.dispatch import Signal

# gift, journal, at: money of a gift is in the books.
charged = Signal()
# provider (its name), standing, at: a provider of our own knows how something stands; sent inside its transaction.
known = Signal()
# gift, at: a payment was begun and did not go through.
failed = Signal()

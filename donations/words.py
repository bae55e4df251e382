"""Promises in words: what a button, a page and a letter call a gift."""

from django.utils.translation import gettext as _


def button(cadence, money):
    """Return the words on the button that gives."""
    words = {
        "once": _("Give %(amount)s once"),
        "month": _("Give %(amount)s every month"),
        "year": _("Give %(amount)s every year"),
    }
    return words[cadence] % {"amount": money.short}


def promise(cadence, money):
    """Return the gift in words: "€5 every month"."""
    words = {"once": _("%(amount)s, once"), "month": _("%(amount)s every month"), "year": _("%(amount)s every year")}
    return words[cadence] % {"amount": money.short}

"""Promises in words: what a button, a page and a letter call a gift."""

from django.contrib.humanize.templatetags.humanize import ordinal
from django.utils.formats import date_format
from django.utils.translation import get_language
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


def kept(cadence, day, *, provider):
    """Return when a promise made on `day` is kept, in words: by a charge, or by a transfer of the reader's own."""
    if provider != "bank":
        return charged(cadence, day)
    if cadence == "once":
        return _("When you send the transfer, and never again.")
    return _("On the day that you choose at your bank, until you end the standing order there.")


def charged(cadence, day):
    """Return when a promise made on `day` is charged, in words."""
    english = (get_language() or "en").startswith("en")
    if cadence == "month":
        nth = ordinal(day.day) if english else day.day
        return _("Charged today, then on the %(nth)s of every month until you stop.") % {"nth": nth}
    if cadence == "year":
        return _("Charged today, then on %(date)s of every year until you stop.") % {"date": date_format(day, "j F")}
    return _("Charged today, and never again.")

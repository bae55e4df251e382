"""What the last look before a gift shows: the promise, and what else the reader may have meant."""

from dataclasses import dataclass

from django.utils.translation import gettext as _

from donations import words
from donations.forms import plain
from donations.money import Money

# A monthly gift of a year's worth of the usual one was perhaps meant once.
MANY_TIMES = 12


@dataclass(frozen=True)
class Promised:
    """What a reader is about to promise; `cover_minor` of `money` is there for the provider's fee."""

    cadence: str
    money: Money
    cover_minor: int = 0

    @property
    def cover(self):
        """The part for the fee."""
        return Money(self.cover_minor, self.money.currency)

    @property
    def given(self):
        """What the reader chose, without the fee."""
        return Money(self.money.minor - self.cover_minor, self.money.currency)


@dataclass(frozen=True)
class Instead:
    """Another choice, one button away: a question, the words on the button, and the fields of its form."""

    question: str
    button: str
    fields: dict


def promised_by(form):
    """Return what a valid ChoiceForm promises."""
    given, cover = form.cleaned_data["money"], form.cleaned_data.get("cover_minor", 0)
    return Promised(form.cleaned_data["cadence"], Money(given.minor + cover, given.currency), cover)


def instead_of(promised, offers):
    """Return what the reader may have meant instead: one gift for a very large monthly one, with the fee or without."""
    offer, found = offers.get(promised.cadence), []
    if offer is None:
        return found
    if is_unusual(promised, offer) and "once" in offers:
        question = _(
            "%(amount)s every month is at least twelve times what is usual here. Did you mean to give it once?"
        )
        found.append(_instead(promised, "once", question % {"amount": promised.given.short}, promised.given))
    cover = offer.cover_for(promised.given)
    if promised.cover_minor:
        found.append(_instead(promised, promised.cadence, _("The provider’s fee is in it."), promised.given))
    elif cover.minor:
        question = _("The payment provider keeps about %(fee)s of this gift. If you like, add it.")
        found.append(
            _instead(promised, promised.cadence, question % {"fee": cover.short}, promised.given + cover, cover="1")
        )
    return found


def is_unusual(promised, offer):
    """Tell whether a monthly gift is so large that it was perhaps meant once."""
    return promised.cadence == "month" and promised.given.minor >= MANY_TIMES * offer.default_minor


def _instead(promised, cadence, question, money, **more):
    fields = {"cadence": cadence, "currency": money.currency, "other": plain(promised.given), **more}
    button = _("Make it %(promise)s") % {"promise": words.promise(cadence, money)}
    return Instead(question=question, button=button, fields=fields)

"""The ask: the letter, the amounts and the ways to pay, as plain data for the templates. The same for every reader."""

from dataclasses import dataclass

from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.safestring import mark_safe

from donations import providers
from donations.models import Appeal, AskExclusion, Offer, SafetyPolicy
from donations.money import Money
from newsroom import hosts, pagecache
from newsroom.fragments import fragments

ORDER = ("once", "month", "year")


@dataclass(frozen=True)
class Letter:
    """The words that ask."""

    headline: str
    body_html: str
    signature: str
    short_line: str = ""
    quiet_days: int = 2
    key: str = ""
    counted: str = ""


@dataclass(frozen=True)
class Group:
    """One cadence with its amounts; `chosen` is the checked one in minor units or None."""

    offer: Offer
    is_chosen: bool
    chosen: int | None

    @property
    def cadence(self):
        """once, month or year."""
        return self.offer.cadence

    @property
    def amounts(self):
        """The amounts as (Money, whether it is checked)."""
        return [(money, money.minor == self.chosen) for money in self.offer.presets]


@dataclass(frozen=True)
class Ask:
    """Everything that a page needs to ask."""

    letter: Letter
    groups: tuple[Group, ...]
    methods: tuple[str, ...]
    minimum: Money
    safety: SafetyPolicy | None


def offers_of(edition, currency=""):
    """Return {cadence: Offer} of an edition in one of its currencies, or in its own, in the order of the choices."""
    if edition.pk is None:
        return {}
    wanted = currency or edition.currency
    offers = {offer.cadence: offer for offer in _offers(edition.pk) if offer.currency == wanted}
    return {cadence: offers[cadence] for cadence in ORDER if cadence in offers}


def _read_offers(edition_pk):
    return list(Offer.objects.filter(edition=edition_pk))


def _read_safety(edition_pk):
    return SafetyPolicy.objects.filter(edition=edition_pk).first()


# Of an edition by its primary key: what it offers, and what it tells everybody before they give.
_offers = pagecache.RememberedOf("support", _read_offers)
_safety = pagecache.RememberedOf("support", _read_safety)


def currencies_of(edition):
    """Return the currencies in which an edition asks and its provider takes money; its own first."""
    provider = providers.active()
    if provider is None or edition.pk is None:
        return []
    found = {offer.currency for offer in _offers(edition.pk)}
    return sorted((one for one in found if provider.methods(one)), key=lambda one: (one != edition.currency, one))


def ask_in(edition, *, at, form=None, currency="", place="on_support"):
    """Return the Ask of an edition in one currency, or None where nobody can give; `form` keeps what was chosen."""
    currency = currency or edition.currency
    provider, offers = providers.active(), offers_of(edition, currency)
    if provider is None or not offers:
        return None
    beside, cadence = providers.beside(currency), form.chosen_cadence if form else ""
    cadence = cadence if cadence in offers else ("month" if "month" in offers else next(iter(offers)))
    return Ask(
        letter=_letter(edition, at, place, asked=form.appeal_key if form else ""),
        groups=tuple(_group(offer, cadence, form) for offer in offers.values()),
        methods=provider.methods(currency) + (beside.methods(currency) if beside else ()),
        minimum=Money(min(offer.minimum_minor for offer in offers.values()), currency),
        safety=_safety(edition.pk),
    )


def _group(offer, cadence, form):
    chosen = form.chosen_preset(offer.cadence) if form else offer.default_minor
    return Group(offer=offer, is_chosen=offer.cadence == cadence, chosen=chosen)


def _letter(edition, at, place, *, asked=""):
    """Return the words of a place; `asked` is the key of the appeal that a form came from, and stays."""
    appeal = Appeal.objects.that_asked(edition, asked, at) if asked else Appeal.objects.running_in(edition, at, place)
    if appeal:
        words = (appeal.headline, appeal.body_html, appeal.signature, appeal.short_line)
        return Letter(*words, quiet_days=appeal.quiet_days, key=appeal.key, counted=f"a{appeal.pk}")
    words = (edition.support_title, edition.support_text, "", edition.support_short)
    return Letter(*words, counted=f"e{edition.pk}")


def strip(context):
    """Return the one line that asks on the front page, as a Letter, or None where nobody can give."""
    request, edition = context.get("request"), context["edition"]
    if request is not None and not hosts.asks(request):
        return None
    if request is not None:
        request.page_keys.add(f"support:{edition.pk}")
    letter = _letter(edition, timezone.now(), "on_strip")
    return letter if letter.short_line else None


def box(context):
    """Return the message to readers as HTML for a page or a body, or nothing where the story must not ask.

    `context` holds `request`, `edition` and, in a story, `article`. A page asks once.
    """
    request, edition, article = context.get("request"), context["edition"], context.get("article")
    if getattr(article, "asks_off", False) or getattr(request, "has_asked", False):
        return ""
    if request is not None and not hosts.asks(request):
        return ""
    if request is not None:
        request.page_keys.add(f"support:{edition.pk}")
    if article is not None and AskExclusion.forbids(article):
        return ""
    place, away = "inside" if context.get("is_inside") else "at_end", hosts.home_of(request)
    name, keys = ("message", edition.pk, place, away), [f"support:{edition.pk}"]
    message = fragments.get(name, keys, lambda: _message(edition, place, away))
    if message and request is not None:
        request.has_asked = True
    return message


def _message(edition, place, away):
    ask = ask_in(edition, at=timezone.now(), place=place)
    if ask is None:
        return ""
    shown = {"ask": ask, "edition": edition, "away": away}
    return mark_safe(render_to_string("donations/includes/message.html", shown))  # noqa: S308 - a template's output

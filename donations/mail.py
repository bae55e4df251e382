"""The letters to donors. Sender and subject are neutral: a look over the shoulder learns nothing."""

import datetime
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from donations import words
from newsroom import mail


@dataclass(frozen=True)
class Letter:
    """What every letter needs: the gift and its plan, the address, the newsroom's own words, and whether to be quiet.

    `texts` has subject, opening and closing; those left empty are ours. A quiet letter names no amount and no cause.
    """

    gift: Any
    plan: Any
    to: str
    texts: Any = None
    is_quiet: bool = False

    @property
    def edition(self):
        """The edition in whose language the letter is written."""
        return self.gift.edition


def receipt(letter, receipt):
    """Return the letter that proves one charge and says how a recurring gift is stopped."""
    with translation.override(letter.edition.language):
        edition, money = letter.edition, receipt.journal.received
        facts = [
            (_("Receipt"), str(receipt)),
            (_("Received by"), ", ".join(part for part in (edition.title, edition.postal_address) if part)),
            (_("Amount"), money.short),
            (_("Date"), _day(receipt.journal.occurred_at, edition)),
        ]
        subject = _("Receipt %(receipt)s") % {"receipt": receipt}
        required = [*_stopping(letter), *_second(letter, receipt)]
        return _build(letter, subject, _("Thank you."), facts, required, mode=receipt.mode)


def about_money(letter, kind, journal):
    """Return the letter that tells of a refund, or of a charge that landed after the gift was stopped."""
    with translation.override(letter.edition.language):
        money = journal.received
        money = -money if money.minor < 0 else money
        openings = {
            "refund": _("We have sent money back to you. Banks take a few days to show it."),
            "after_stop": _(
                "A payment went through although you had stopped your gift: it was on its way already. "
                "Write to us, and we send it back."
            ),
        }
        facts = [(_("Amount"), money.short), (_("Date"), _day(journal.occurred_at, letter.edition))]
        return _build(letter, _("About your request"), openings[kind], facts, _stopping(letter), mode=journal.mode)


def about_plan(letter, kind):
    """Return the letter that tells what became of a plan, or that an annual charge is near."""
    with translation.override(letter.edition.language):
        plan = letter.plan
        openings = {
            "card_failed": _(
                "Your card did not work this time. We shall try again in some days; you can lay down another one."
            ),
            "plan_ended": _("Your gift has ended and nothing more will be charged. Thank you for all that you gave."),
            "annual": _("A year has gone by. Your gift comes again soon; you can change or stop it before."),
        }
        facts = [(_("Your gift"), words.promise(plan.every, plan.money))]
        if kind == "annual" and plan.next_on:
            facts.append((_("Charged on"), date_format(plan.next_on, "j F Y")))
        return _build(letter, _("About your request"), openings[kind], facts, _stopping(letter), mode=letter.gift.mode)


def access_link(*, edition, to, token, minutes):
    """Return the letter with the link that opens a donor's own page, once."""
    path = edition.prefix + reverse("donations:open", args=[token])
    with translation.override(edition.language):
        context = {
            "subject": _("Your link"),
            "opening": [
                _("You asked for a link to your page. It works once, within %(minutes)d minutes.")
                % {"minutes": minutes}
            ],
            "facts": [], "required": [settings.HOME_ORIGIN + path], "is_real": True,
            "closing": [_("If you did not ask, ignore this letter: nothing happens.")],
        }  # fmt: skip
    return mail.build("donations/letter", edition=edition, to=to, context=context)


def reminder(*, edition, to):
    """Return the one letter that somebody asked for a month ago."""
    with translation.override(edition.language):
        context = {
            "subject": _("You asked us to remind you"),
            "opening": [
                _("A month ago you asked us to remind you of our page. It is here, and your address is forgotten.")
            ],
            "facts": [], "required": [f"{settings.HOME_ORIGIN}{edition.prefix}/support/"], "closing": [],
            "is_real": True,
        }  # fmt: skip
    return mail.build("donations/letter", edition=edition, to=to, context=context)


def _build(letter, subject, opening, facts, required, *, mode):
    if letter.is_quiet:
        subject, opening, facts = _("A note"), _("There is news on a page of yours. It is here when you want it:"), []
        required = [_manage_address(letter)]
    own = letter.texts
    filled = {"title": letter.edition.title, "facts": facts}
    context = {
        "subject": (own.subject if own and not letter.is_quiet else "") or subject,
        "opening": _paragraphs(own.opening if own and not letter.is_quiet else "", filled) or [opening],
        "closing": _paragraphs(own.closing if own and not letter.is_quiet else "", filled),
        "facts": facts,
        "required": required,
        "is_real": mode == "live",
        "is_quiet": letter.is_quiet,
    }
    return mail.build("donations/letter", edition=letter.edition, to=letter.to, context=context)


def _paragraphs(text, filled):
    """Return the paragraphs of a text of the newsroom with its placeholders filled; unknown ones stay as they are."""
    named = {"{title}": filled["title"]}
    for name, (_label, value) in zip(("{number}", "{payee}", "{amount}", "{date}"), filled["facts"], strict=False):
        named[name] = value
    for name, value in named.items():
        text = text.replace(name, value)
    return [part.strip() for part in text.replace("\r", "").split("\n\n") if part.strip()]


def _stopping(letter):
    plan = letter.plan
    if plan is None or not plan.is_open:
        return []
    monthly = plan.every == "month"
    lines = [
        _("This gift comes every month until you stop.") if monthly else _("This gift comes every year until you stop.")
    ]
    if plan.next_on:
        lines.append(_("The next one is due on %(date)s.") % {"date": date_format(plan.next_on, "j F Y")})
    if letter.edition.contact_email:
        lines.append(_("To change or stop it, write to %(email)s.") % {"email": letter.edition.contact_email})
    return [" ".join(lines), _("Change, pause or stop it yourself: %(address)s") % {"address": _manage_address(letter)}]


def _second(letter, receipt):
    """Return the question that the first receipt of a second plan asks: a page that asked it would tell who gives."""
    if letter.plan is None or not receipt.is_first_of_its_gift:
        return []
    return [
        _(
            "Another gift from this address comes again as well: %(gift)s. If you meant to change it, and not to give "
            "twice, stop one of the two on your page."
        )
        % {"gift": words.promise(other.every, other.money)}
        for other in letter.plan.earlier()[:1]
    ]


def _manage_address(letter):
    return settings.HOME_ORIGIN + letter.edition.prefix + reverse("donations:manage")


def _day(moment, edition):
    local = timezone.localtime(moment, edition.zone) if isinstance(moment, datetime.datetime) else moment
    return date_format(local, "j F Y")

"""What we ask of a provider and what it answers, in our words. Vendors' errors are chained to ours."""

import datetime
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol

from donations.money import Money


class ProviderError(Exception):
    """Something went wrong between us and a provider."""


class UnknownProvider(ProviderError):
    """No provider of this name is switched on."""


class ProviderDown(ProviderError):
    """No answer, or one that says nothing: whether it acted is unknown, and the same key may be sent again."""


class Refused(ProviderError):
    """The provider understood and said no; repeating will not help."""


class NotFound(ProviderError):
    """The provider knows no such object."""


class BadAnswer(ProviderError):
    """The provider answered in a shape that we do not know; nothing is guessed."""


class BadNotice(ProviderError):
    """A notice that is forged, damaged or too old; `why` is one word for the log."""

    def __init__(self, why):
        super().__init__(why)
        self.why = why


class Status(StrEnum):
    """Where a hand-over stands at the provider."""

    OPEN = "open"
    PROCESSING = "processing"
    PAID = "paid"
    FAILED = "failed"
    EXPIRED = "expired"
    CANCELLED = "cancelled"
    REFUSED = "refused"


@dataclass(frozen=True)
class HandOver:
    """What a reader chose, without a word about who it is. `reference` is the gift's random id."""

    reference: str
    cadence: str
    money: Money
    language: str
    return_url: str
    cancel_url: str


@dataclass(frozen=True)
class HandedOver:
    """The provider's page on which the reader pays."""

    ref: str
    url: str


@dataclass(frozen=True)
class Instructions:
    """What a reader writes into a transfer of his own."""

    holder: str
    iban: str
    bic: str
    bank: str
    code: str
    money: Money
    cadence: str


@dataclass(frozen=True)
class Charge:
    """Money that moved. `starts_on` names the billing period and is None for a single gift.

    `settled` is what reached us where the provider converted it: the same money in another currency.
    """

    ref: str
    money: Money
    occurred_at: datetime.datetime
    fee: Money | None = None
    starts_on: datetime.date | None = None
    settled: Money | None = None


@dataclass(frozen=True)
class Refund:
    """Money given back, all of a charge or a part of it."""

    ref: str
    charge_ref: str
    money: Money
    occurred_at: datetime.datetime


@dataclass(frozen=True)
class Dispute:
    """A bank takes a charge back; `state` is one of inquiry (no money moves), open, won, lost."""

    ref: str
    charge_ref: str
    money: Money
    state: str
    occurred_at: datetime.datetime
    closed_at: datetime.datetime | None = None
    fee: Money | None = None


@dataclass(frozen=True)
class PlanStanding:
    """A recurring payment as the provider carries it out; `state` is one of active, past_due, paused, ended.

    `reason` says why it ended, in one word: donor, card, provider.
    """

    ref: str
    state: str
    next_on: datetime.date | None
    money: Money | None = None
    cadence: str = ""
    paused_until: datetime.date | None = None
    reason: str = ""


@dataclass(frozen=True)
class Standing:
    """How one hand-over stands at the provider, fetched by id: the only thing that changes our rows."""

    ref: str
    reference: str
    mode: str
    account: str
    status: Status
    money: Money
    plan: PlanStanding | None = None
    charges: tuple[Charge, ...] = field(default_factory=tuple)
    refunds: tuple[Refund, ...] = field(default_factory=tuple)
    disputes: tuple[Dispute, ...] = field(default_factory=tuple)


@dataclass(frozen=True)
class Payout:
    """Money that left the provider for our bank; `covers` names the movements in it as (kind, ref)."""

    ref: str
    mode: str
    account: str
    money: Money
    occurred_at: datetime.datetime
    covers: tuple[tuple[str, str], ...] = field(default_factory=tuple)


@dataclass(frozen=True)
class Movement:
    """One line of the provider's own list: what `kind` of thing `ref` did to our balance there.

    `kind` is one of charge, fee, refund, dispute, dispute_fee, dispute_won, payout; `object_kind` and `object_ref` say
    what to fetch in order to learn more.
    """

    kind: str
    ref: str
    money: Money
    occurred_at: datetime.datetime
    object_kind: str
    object_ref: str


@dataclass(frozen=True)
class Notice:
    """A signed announcement that something happened to an object: a nudge to look, not a fact."""

    event_id: str
    kind: str
    object_kind: str
    object_ref: str
    mode: str
    account: str
    occurred_at: datetime.datetime


class Provider(Protocol):
    """The operations that every provider offers. None may be called inside an open transaction.

    Those that change something take a `key`: the same key does the same thing once, however often it is sent. They
    raise ProviderDown (whether it happened is unknown), Refused and NotFound.
    """

    name: str
    account: str
    mode: str

    def clock(self, at: datetime.datetime) -> datetime.datetime:
        """Return the provider's own present; only the sandbox's differs from ours."""

    def methods(self, currency: str) -> tuple[str, ...]:
        """Return the ways to pay in this currency, as text for readers; none when it cannot be paid in."""

    def statement(self, title: str) -> str:
        """Return the words that will stand on the bank statement of somebody who gives to `title`."""

    def hand_over(self, asked: HandOver, *, key: str) -> HandedOver:
        """Open a page to pay on. The same key gives the same page."""

    def instructions(self, ref: str) -> Instructions | None:
        """Return what a reader must do himself to pay a hand-over, or None where the provider's page leads him."""

    def fetch(self, object_kind: str, object_ref: str) -> Standing | Payout:
        """Return how the hand-over behind an object stands, or a payout. Raises ProviderDown and NotFound."""

    def movements(self, *, since: datetime.datetime, until: datetime.datetime) -> list[Movement]:
        """Return every movement of money from `since` up to `until`. Raises ProviderDown."""

    def refund(self, charge_ref: str, money: Money, *, key: str) -> str:
        """Give back all of a charge or a part of it and return the refund's id."""

    def change_plan(self, plan_ref: str, money: Money, cadence: str, *, key: str) -> str:
        """Let a plan charge another amount, or in another rhythm, from its next period on."""

    def pause_plan(self, plan_ref: str, until: datetime.date | None, *, key: str) -> str:
        """Charge nothing before `until`; without a date, until somebody resumes."""

    def resume_plan(self, plan_ref: str, *, key: str) -> str:
        """Charge a paused plan again when its next period begins."""

    def end_plan(self, plan_ref: str, *, key: str) -> str:
        """Never charge a plan again. A plan that has ended is no error."""

    def new_card(self, plan_ref: str, return_url: str, *, key: str) -> HandedOver:
        """Open a page on which another card is laid down for a plan."""

    def read_notice(self, body: bytes, headers: dict, *, at: datetime.datetime) -> Notice:
        """Return the announcement in a webhook's body. Raises BadNotice."""

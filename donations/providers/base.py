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
class Charge:
    """Money that moved. `starts_on` names the billing period and is None for a single gift."""

    ref: str
    money: Money
    occurred_at: datetime.datetime
    fee: Money | None = None
    starts_on: datetime.date | None = None


@dataclass(frozen=True)
class PlanStanding:
    """A recurring payment as the provider carries it out; `state` is one of active, past_due, paused, ended."""

    ref: str
    state: str
    next_on: datetime.date | None


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
    """The operations that every provider offers. None may be called inside an open transaction."""

    name: str
    account: str
    mode: str

    def methods(self, currency: str) -> tuple[str, ...]:
        """Return the ways to pay in this currency, as text for readers."""

    def statement(self, title: str) -> str:
        """Return the words that will stand on the bank statement of somebody who gives to `title`."""

    def hand_over(self, asked: HandOver, *, key: str) -> HandedOver:
        """Open a page to pay on. The same key gives the same page. Raises ProviderDown and Refused."""

    def fetch(self, object_kind: str, object_ref: str) -> Standing:
        """Return how the hand-over behind an object stands. Raises ProviderDown and NotFound."""

    def read_notice(self, body: bytes, headers: dict, *, at: datetime.datetime) -> Notice:
        """Return the announcement in a webhook's body. Raises BadNotice."""

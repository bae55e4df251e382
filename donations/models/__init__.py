"""The tables of giving: the promise, the attempt, the money and the person lie apart."""

from donations.models.appeal import Appeal, Offer
from donations.models.books import Journal, JournalLine
from donations.models.donor import Donor, DonorIdentity
from donations.models.gift import Cadence, Gift, Plan, PlanPeriod
from donations.models.provider import ProviderCall, ProviderEvent
from donations.models.thanks import Message, Receipt, ReceiptSeries

__all__ = [
    "Appeal",
    "Cadence",
    "Donor",
    "DonorIdentity",
    "Gift",
    "Journal",
    "JournalLine",
    "Message",
    "Offer",
    "Plan",
    "PlanPeriod",
    "ProviderCall",
    "ProviderEvent",
    "Receipt",
    "ReceiptSeries",
]

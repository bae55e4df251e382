"""The tables of giving: the promise, the attempt, the money and the person lie apart."""

from donations.models.appeal import Appeal, Offer, SafetyPolicy
from donations.models.books import Journal, JournalLine
from donations.models.donor import Donor, DonorIdentity
from donations.models.gift import Cadence, Gift, Plan, PlanPeriod
from donations.models.provider import ProviderCall, ProviderEvent
from donations.models.settlement import settle
from donations.models.thanks import Message, Receipt, ReceiptSeries
from donations.providers.sandbox.models import SandboxCharge, SandboxClock, SandboxNotice, SandboxPlan, SandboxSession

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
    "SafetyPolicy",
    "SandboxCharge",
    "SandboxClock",
    "SandboxNotice",
    "SandboxPlan",
    "SandboxSession",
    "settle",
]

"""The tables of giving: the promise, the attempt, the money and the person lie apart."""

from donations.models.appeal import Appeal, Offer, SafetyPolicy
from donations.models.books import Journal, JournalLine, Payout, PayoutItem, money_state
from donations.models.donor import AccessLink, Donor, DonorIdentity, DonorSession
from donations.models.gift import Cadence, Gift
from donations.models.plan import Plan, PlanChange, PlanEnded, PlanPeriod, due_notices
from donations.models.provider import ProviderCall, ProviderEvent
from donations.models.reconciliation import ReconItem, ReconRun
from donations.models.refunds import NotRefundable, refund, refundable
from donations.models.settlement import settle
from donations.models.thanks import LetterText, Message, Receipt, ReceiptSeries
from donations.providers.sandbox.faults import SandboxFault
from donations.providers.sandbox.models import (
    SandboxCardPage,
    SandboxCharge,
    SandboxClock,
    SandboxNotice,
    SandboxPlan,
    SandboxSession,
)
from donations.providers.sandbox.takings import (
    SandboxAnswer,
    SandboxDispute,
    SandboxMovement,
    SandboxPayout,
    SandboxRefund,
)

__all__ = [
    "AccessLink",
    "Appeal",
    "Cadence",
    "Donor",
    "DonorIdentity",
    "DonorSession",
    "Gift",
    "Journal",
    "JournalLine",
    "LetterText",
    "Message",
    "NotRefundable",
    "Offer",
    "Payout",
    "PayoutItem",
    "Plan",
    "PlanChange",
    "PlanEnded",
    "PlanPeriod",
    "ProviderCall",
    "ProviderEvent",
    "Receipt",
    "ReceiptSeries",
    "ReconItem",
    "ReconRun",
    "SafetyPolicy",
    "SandboxAnswer",
    "SandboxCardPage",
    "SandboxCharge",
    "SandboxClock",
    "SandboxDispute",
    "SandboxFault",
    "SandboxMovement",
    "SandboxNotice",
    "SandboxPayout",
    "SandboxPlan",
    "SandboxRefund",
    "SandboxSession",
    "due_notices",
    "money_state",
    "refund",
    "refundable",
    "settle",
]

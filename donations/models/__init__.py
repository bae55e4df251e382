"""The tables of giving: the promise, the attempt, the money and the person lie apart."""

from donations.models.appeal import Appeal, AskExclusion, Offer, SafetyPolicy
from donations.models.books import Journal, JournalLine, Payout, PayoutItem, money_state
from donations.models.donor import AccessLink, Donor, DonorIdentity, DonorSession
from donations.models.gift import Cadence, Gift
from donations.models.guard import Guard, GuardMove, allow_slow, is_worked
from donations.models.plan import Plan, PlanChange, PlanEnded, PlanPeriod, due_notices
from donations.models.provider import ProviderCall, ProviderEvent
from donations.models.reconciliation import ReconItem, ReconRun
from donations.models.refunds import NotRefundable, RefundOrder, give_back, refundable
from donations.models.reminder import AskReminder
from donations.models.safety import CollectionStop, SamePerson
from donations.models.settlement import settle
from donations.models.thanks import LetterText, Message, Receipt, ReceiptSeries
from donations.models.transparency import Transparency
from donations.providers.bank.models import BankFile, BankLine, BankPromise, BankRefund
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
    "AskExclusion",
    "AskReminder",
    "BankFile",
    "BankLine",
    "BankPromise",
    "BankRefund",
    "Cadence",
    "CollectionStop",
    "Donor",
    "DonorIdentity",
    "DonorSession",
    "Gift",
    "Guard",
    "GuardMove",
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
    "RefundOrder",
    "SafetyPolicy",
    "SamePerson",
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
    "Transparency",
    "allow_slow",
    "due_notices",
    "give_back",
    "is_worked",
    "money_state",
    "refundable",
    "settle",
]

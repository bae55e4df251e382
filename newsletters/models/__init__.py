"""The tables of letters: who reads them, what was sent, and that each reader got it once."""

from newsletters.models.delivery import Delivery, Rendering
from newsletters.models.issue import Issue, IssueBlock
from newsletters.models.newsletter import Newsletter
from newsletters.models.subscriber import ConfirmRequest, ConsentEvent, Subscriber, Subscription, Suppression

__all__ = [
    "ConfirmRequest", "ConsentEvent", "Delivery", "Issue", "IssueBlock", "Newsletter", "Rendering", "Subscriber",
    "Subscription", "Suppression",
]  # fmt: skip

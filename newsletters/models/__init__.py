"""The tables of letters: who reads them, what was sent, and that each reader got it once."""

from newsletters.models.archived import take_in_archived
from newsletters.models.block import IssueBlock
from newsletters.models.channel import Channel
from newsletters.models.consent import ConfirmLimit, ConfirmRequest, ConsentEvent, ConsentWording
from newsletters.models.delivery import Delivery, DeliveryTotal, Rendering
from newsletters.models.events import DeliveryEvent, StrayMail, kind_of, without_addresses
from newsletters.models.intake import Departure
from newsletters.models.issue import Issue, WrongState
from newsletters.models.newsletter import Newsletter, Variant
from newsletters.models.panic import erase_all_readers
from newsletters.models.preferences import AddressChange, read_settings_token, settings_token
from newsletters.models.reader_import import ImportPiece, ReaderImport
from newsletters.models.subscriber import Subscriber, Subscription
from newsletters.models.suppression import Suppression
from newsletters.models.told import ToldCorrection, tell_corrections, untold_corrections

__all__ = [
    "AddressChange",
    "Channel",
    "ConfirmLimit",
    "ConfirmRequest",
    "ConsentEvent",
    "ConsentWording",
    "Delivery",
    "DeliveryEvent",
    "DeliveryTotal",
    "Departure",
    "ImportPiece",
    "Issue",
    "IssueBlock",
    "Newsletter",
    "ReaderImport",
    "Rendering",
    "StrayMail",
    "Subscriber",
    "Subscription",
    "Suppression",
    "ToldCorrection",
    "Variant",
    "WrongState",
    "erase_all_readers",
    "kind_of",
    "read_settings_token",
    "settings_token",
    "take_in_archived",
    "tell_corrections",
    "untold_corrections",
    "without_addresses",
]  # fmt: skip

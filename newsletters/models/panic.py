"""The day on which somebody may take the machine: every reader is forgotten at once."""

from django.db import transaction

from newsletters.models.delivery import Delivery
from newsletters.models.intake import Departure
from newsletters.models.preferences import AddressChange
from newsletters.models.reader_import import ReaderImport
from newsletters.models.subscriber import Subscriber
from newsroom import sealing
from newsroom.models import StaffAction

PIECE = 500


def erase_all_readers(*, by, at):
    """Forget every reader for good, lists that wait and changes of address included, and return how many there were.

    The keys go first: from then on no address can be read, here or in a backup. Then the rows go, piece by piece; a
    call that was cut off is repeated. Keyed hashes stay, so that no list brings anybody back.
    """
    for owners in (Subscriber, ReaderImport, AddressChange):
        sealing.destroy_keys(owners.objects.exclude(key_id=None).values_list("key_id", flat=True))
    StaffAction.record(user=by, action="erase all readers", thing=by, at=at)
    for bringing in ReaderImport.objects.exclude(state__in=["done", "discarded"]):
        bringing.discard(by=by, at=at)
    count = 0
    while piece := dict(Subscriber.objects.order_by("pk").values_list("pk", "email_key")[:PIECE]):
        with transaction.atomic():
            waiting = Delivery.objects.waiting().filter(subscriber__in=piece)
            waiting.update(state=Delivery.State.DROPPED, owner="", lease_until=None, next_try_at=None)
            for key in piece.values():
                Departure.note(key, at=at)
            Subscriber.objects.filter(pk__in=piece).delete()
        count += len(piece)
    return count

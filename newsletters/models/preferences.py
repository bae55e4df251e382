"""What a reader settles without a password, by a link that only her mailbox gets."""

import datetime

from django.core import signing
from django.db import models, transaction
from django.db.models import Q

from newsletters.addresses import email_key, fold_domain, mailbox_key
from newsletters.models.consent import ConfirmLimit
from newsletters.models.subscriber import Subscriber
from newsletters.models.suppression import Suppression
from newsletters.tokens import new_token, token_hash
from newsroom import sealing

LINK_LIFETIME = datetime.timedelta(hours=24)
CHANGE_LIFETIME = datetime.timedelta(days=3)
SALT = "newsletters.preferences"


def settings_token(subscriber, *, at):
    """Return the token of a link to one reader's settings: good for a day, and until the reader's epoch is raised."""
    return signing.dumps([subscriber.public_id, subscriber.token_epoch, int(at.timestamp())], salt=SALT)


def read_settings_token(token, *, at):
    """Return the reader whose settings a link opens, or None when it is forged, too old, void, or of nobody."""
    try:
        public_id, epoch, issued = signing.loads(token[:500], salt=SALT)
        age = at.timestamp() - issued
    except (signing.BadSignature, ValueError, TypeError, UnicodeError):
        return None
    if age > LINK_LIFETIME.total_seconds():
        return None
    return Subscriber.objects.filter(public_id=public_id, token_epoch=epoch).first()


class AddressChange(models.Model):
    """That a reader wants her letters at another address: it happens when both mailboxes have said yes."""

    subscriber = models.OneToOneField(Subscriber, models.CASCADE, related_name="address_change")
    key_id = models.UUIDField()
    address_sealed = models.TextField()
    email_key = models.CharField(max_length=64)
    old_hash = models.CharField(max_length=64, unique=True)
    new_hash = models.CharField(max_length=64, unique=True)
    old_said_yes_at = models.DateTimeField(null=True)
    new_said_yes_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField(db_index=True)

    def __str__(self):
        return f"change of {self.subscriber_id}"

    # Events

    @classmethod
    def ask(cls, subscriber, address, *, at):
        """Write to both mailboxes; to the new one at most once in 24 hours, and never when it is suppressed.

        It returns nothing, so that nobody learns whether the new address is known. Raises ValueError for no address.
        """
        from newsletters.tasks import mail_address_change

        address, key = fold_domain(address), email_key(address)
        with transaction.atomic():
            for old in cls.objects.filter(subscriber=subscriber):
                old.drop()
            if key == subscriber.email_key or Suppression.objects.in_force().filter(email_key=key).exists():
                return
            if not ConfirmLimit.take(mailbox_key(address), at=at):
                return
            key_id = sealing.new_key()
            change = cls.objects.create(
                subscriber=subscriber, key_id=key_id, address_sealed=sealing.seal(address, key_id), email_key=key,
                old_hash=token_hash(new_token()), new_hash=token_hash(new_token()), created_at=at,
            )  # fmt: skip
            mail_address_change.enqueue(change_id=change.pk)

    def renew_tokens(self):
        """Give both sides new tokens and return them (old, new); earlier ones are void."""
        old, new = new_token(), new_token()
        self.old_hash, self.new_hash = token_hash(old), token_hash(new)
        self.save(update_fields=["old_hash", "new_hash"])
        return old, new

    def say_yes(self, token, *, at):
        """Take down the yes of the mailbox that has this token; with the second one the address changes."""
        side = "old" if token_hash(token) == self.old_hash else "new"
        with transaction.atomic():
            rows = type(self).objects.select_for_update().filter(pk=self.pk, created_at__gt=at - CHANGE_LIFETIME)
            change = rows.first()
            if change is None:
                return
            setattr(change, f"{side}_said_yes_at", at)
            change.save(update_fields=[f"{side}_said_yes_at"])
            if change.old_said_yes_at and change.new_said_yes_at:
                change._happen(at=at)

    def _happen(self, *, at):
        """Move the reader to the new address; who reads there already gets what this reader got."""
        reader, new_mailbox = self.subscriber, mailbox_key(sealing.unseal(self.address_sealed, self.key_id))
        there = Subscriber.objects.filter(email_key=self.email_key).first()
        if there is not None:
            for subscription in reader.subscriptions.confirmed().select_related("newsletter"):
                there.take_over(subscription, at=at)
            reader.erase(at=at)
            sealing.destroy_key(self.key_id)
        else:
            sealing.destroy_key(reader.key_id)
            reader.key_id, reader.address_sealed, reader.email_key = self.key_id, self.address_sealed, self.email_key
            reader.token_epoch += 1
            reader.save(update_fields=["key_id", "address_sealed", "email_key", "token_epoch"])
            self.delete()
        ConfirmLimit.answered(new_mailbox)

    def drop(self):
        """Forget it, the new address included."""
        sealing.destroy_key(self.key_id)
        self.delete()

    @classmethod
    def forget_old(cls, *, at):
        """Forget what was not answered by both in three days and return how many."""
        old = list(cls.objects.filter(created_at__lte=at - CHANGE_LIFETIME))
        for change in old:
            change.drop()
        return len(old)

    # Questions

    @classmethod
    def find(cls, token, *, at):
        """Return the change whose one side has this token, or None when there is none or it is too old."""
        hashed = token_hash(token)
        found = cls.objects.select_related("subscriber").filter(created_at__gt=at - CHANGE_LIFETIME)
        return found.filter(Q(old_hash=hashed) | Q(new_hash=hashed)).first()

    def read_address(self):
        """Return the new address. Raises Erased when its key is gone."""
        return sealing.unseal(self.address_sealed, self.key_id)

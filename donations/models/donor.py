"""Who gave: a pseudonym here, the person sealed apart."""

import datetime
import secrets

from django.db import models, transaction
from django.db.models import Q

from donations import providers
from donations.tokens import random_id, token_hash
from newsroom import sealing

LINK_MINUTES = 15
SESSION_MINUTES = 30
ABANDONED, FAILED, GIVEN = (datetime.timedelta(days=days) for days in (7, 30, 90))


class Donor(models.Model):
    """A random pseudonym; nothing in this row or in any gift says who it is."""

    public_id = models.CharField(max_length=32, unique=True, default=random_id, editable=False)
    created_at = models.DateTimeField()

    def __str__(self):
        return self.public_id[:8]


class DonorIdentity(models.Model):
    """The address of a donor, sealed with a key of his own; destroying that key is erasure."""

    donor = models.OneToOneField(Donor, models.CASCADE, primary_key=True, related_name="identity")
    key_id = models.UUIDField()
    email_sealed = models.TextField()
    email_key = models.CharField(max_length=64, unique=True, help_text="Keyed hash of the folded address.")
    language = models.CharField(max_length=12, blank=True)

    class Meta:
        verbose_name_plural = "donor identities"
        permissions = [("reveal_identity", "Can see who a donor is")]

    def __str__(self):
        return f"identity of {self.donor_id}"

    @classmethod
    def for_address(cls, address, *, language, at):
        """Return the donor with this address, made when there is none."""
        email_key = sealing.lookup_key(address.strip().lower(), "donor")
        found = cls.objects.filter(email_key=email_key).select_related("donor").first()
        if found:
            return found.donor
        key_id = sealing.new_key()
        sealed = sealing.seal(address.strip(), key_id)
        with transaction.atomic():
            donor = Donor.objects.create(created_at=at)
            _identity, made = cls.objects.get_or_create(
                email_key=email_key,
                defaults={"donor": donor, "key_id": key_id, "email_sealed": sealed, "language": language},
            )
            if made:
                return donor
            donor.delete()
        sealing.destroy_key(key_id)
        return cls.objects.select_related("donor").get(email_key=email_key).donor

    @classmethod
    def of_address(cls, address):
        """Return the identity with this address, or None; nothing is made."""
        return cls.objects.filter(email_key=sealing.lookup_key(address.strip().lower(), "donor")).first()

    @classmethod
    def forgettable(cls, at):
        """Return the identities that nothing needs any more: no plan that runs, and every gift long settled."""
        needed = (
            Q(donor__gifts__plan__state__in=["pending", "active", "past_due", "paused"])
            | Q(donor__gifts__plan__ended_at__gt=at - GIVEN)
            | Q(donor__gifts__state="paid", donor__gifts__paid_at__gt=at - GIVEN)
            | Q(donor__gifts__state="failed", donor__gifts__created_at__gt=at - FAILED)
            | Q(donor__gifts__created_at__gt=at - ABANDONED)
        )
        for name, patience in providers.SLOW.items():
            waits = Q(donor__gifts__provider=name, donor__gifts__state="handed_off")
            needed |= waits & Q(donor__gifts__created_at__gt=at - patience)
        return cls.objects.exclude(pk__in=cls.objects.filter(needed).values("pk"))

    def erase(self):
        """Make the address unreadable for ever, in backups too; gifts and totals stay."""
        sealing.destroy_key(self.key_id)
        self.delete()

    def read_address(self):
        """Return the address; raises sealing.Erased when its key is gone."""
        return sealing.unseal(self.email_sealed, self.key_id)


class OneTimeToken(models.Model):
    """A token of which only the hash is kept."""

    token_hash = models.CharField(max_length=64, unique=True)
    donor = models.ForeignKey(Donor, models.CASCADE, related_name="+")
    expires_at = models.DateTimeField(db_index=True)

    class Meta:
        abstract = True

    @classmethod
    def issue(cls, donor, *, minutes, at):
        """Return a fresh token for a donor."""
        token = secrets.token_urlsafe(32)
        expires_at = at + datetime.timedelta(minutes=minutes)
        cls.objects.create(token_hash=token_hash(token), donor=donor, expires_at=expires_at)
        return token

    @classmethod
    def forget_expired(cls, *, at):
        """Delete what nobody can use any more."""
        return cls.objects.filter(expires_at__lt=at).delete()[0]


class AccessLink(OneTimeToken):
    """A mailed link that opens a donor's own page: opening it shows a button, and only the button spends it."""

    def __str__(self):
        return f"link of {self.donor}"

    @classmethod
    def is_good(cls, token, *, at):
        """Tell whether the link can still be spent; looking spends nothing."""
        return cls.objects.filter(token_hash=token_hash(token), expires_at__gt=at).exists()

    @classmethod
    def spend(cls, token, *, at):
        """Return a session token for the donor behind the link, once; None for every other link."""
        link = cls.objects.filter(token_hash=token_hash(token), expires_at__gt=at).select_related("donor").first()
        if link is None or not cls.objects.filter(pk=link.pk).delete()[0]:
            return None
        return DonorSession.issue(link.donor, minutes=SESSION_MINUTES, at=at)


class DonorSession(OneTimeToken):
    """Half an hour on a donor's own page. Its token stands in the page's forms: no cookie, no address, no trace."""

    def __str__(self):
        return f"session of {self.donor}"

    @classmethod
    def donor_of(cls, token, *, at):
        """Return the donor of a session that is not over, or None."""
        session = cls.objects.filter(token_hash=token_hash(token), expires_at__gt=at).select_related("donor").first()
        return session.donor if session else None

    @classmethod
    def end(cls, token):
        """End a session."""
        cls.objects.filter(token_hash=token_hash(token)).delete()

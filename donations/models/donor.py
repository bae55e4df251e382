"""Who gave: a pseudonym here, the person sealed apart."""

from django.db import models, transaction

from donations.tokens import random_id
from newsroom import sealing


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

    def erase(self):
        """Make the address unreadable for ever, in backups too; gifts and totals stay."""
        sealing.destroy_key(self.key_id)
        self.delete()

    def read_address(self):
        """Return the address; raises sealing.Erased when its key is gone."""
        return sealing.unseal(self.email_sealed, self.key_id)

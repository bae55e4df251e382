"""What a thief of the database would learn about donors today: every field that holds something about a person."""

from donations.models import AccessLink, AskReminder, Donor, DonorIdentity, DonorSession, Gift, Message

# What is sealed or hashed with keys that lie elsewhere.
SEALED = {
    "DonorIdentity.email_sealed": "address, sealed with a key of its own in another database",
    "DonorIdentity.email_key": "keyed hash of the address; tells nothing without SEALING_KEY",
    "DonorIdentity.language": "language of the letters",
    "AskReminder.email_sealed": "address of a reminder, sealed; destroyed with the letter",
    "AskReminder.email_key": "keyed hash of that address",
    "AccessLink.token_hash": "hash of a link that is good for a quarter of an hour",
    "DonorSession.token_hash": "hash of a session of half an hour",
}
# What links a gift to a pseudonym, an amount and a day.
LINKS = {
    "Donor.public_id": "random pseudonym",
    "Gift.public_id": "random id that the provider knows; at the provider it leads to a card",
    "Gift.provider_ref": "the provider's own id; at the provider it leads to a card",
    "Plan.public_id": "random id",
    "Plan.provider_ref": "the provider's own id",
    "PlanPeriod.charge_ref": "the provider's own id of a charge",
    "Journal.external_ref": "the provider's own id of a movement",
    "BankPromise.ref": "code of a transfer; in the lists of our bank it leads to an account",
    "BankPromise.reference": "random id of a gift",
    "BankRefund.ref": "code of a transfer back; in the lists of our bank it leads to an account",
    "BankLine.text": "words of a transfer that nobody has placed yet, perhaps a name; gone once somebody has",
    "BankFile.lines": "the same words of a list that was not taken in; gone within a day",
}


def report():
    """Return the lines that `manage.py donor_exposure` prints."""
    counts = {
        "donors with an address": DonorIdentity.objects.count(),
        "donors known by a pseudonym alone": Donor.objects.filter(identity=None).count(),
        "gifts without any donor": Gift.objects.filter(donor=None).count(),
        "gifts": Gift.objects.count(),
        "reminders waiting": AskReminder.objects.count(),
        "links and sessions that are good": AccessLink.objects.count() + DonorSession.objects.count(),
        "letters kept as kind and date": Message.objects.count(),
    }
    lines = [f"{number:>8}  {name}" for name, number in counts.items()]
    lines += ["", "Sealed or hashed; worth nothing without the keys:"]
    lines += [f"  {field}: {words}" for field, words in SEALED.items()]
    lines += ["", "Readable; worth nothing without the provider:"]
    lines += [f"  {field}: {words}" for field, words in LINKS.items()]
    return [*lines, "", "Not kept anywhere: name, network address, browser, referrer, article, card, telephone."]

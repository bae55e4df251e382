"""E-mail addresses as keys: one reader is one key, and all the spellings of one mailbox are one for the limits."""

import idna

from newsroom import sealing


def fold_domain(address):
    """Return the address with its domain in lower-case ASCII; the local part stays as typed (RFC 5321, 2.4).

    Raises ValueError when it is no address, its domain cannot be written in ASCII, or its local part is not in ASCII:
    few mail servers take such a letter (RFC 6531).
    """
    local, at, domain = address.strip().rpartition("@")
    if not at or not local or not domain or not local.isascii() or not address.strip().isprintable():
        raise ValueError("Not an e-mail address.")
    try:
        domain = domain.lower() if domain.isascii() else idna.encode(domain, uts46=True).decode("ascii")
    except idna.IDNAError as error:
        raise ValueError("Not an e-mail address.") from error
    return f"{local}@{domain}"


def email_key(address):
    """Return the keyed hash by which a reader is found; letter case makes no difference."""
    return sealing.lookup_key(fold_domain(address).lower(), "subscriber")


def mailbox_key(address):
    """Return the keyed hash of the mailbox behind an address, with dots and +tags folded, for limits alone."""
    local, _at, domain = fold_domain(address).lower().rpartition("@")
    return sealing.lookup_key(f"{local.partition('+')[0].replace('.', '')}@{domain}", "mailbox")

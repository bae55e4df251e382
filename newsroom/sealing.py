"""Seal people's addresses so that a stolen database tells nothing, and find them again by a keyed hash.

Each person has a key of their own in the `keys` database, sealed with the site's SEALING_KEY. Destroying that row is
erasure, in backups too.
"""

import base64
import hashlib
import hmac

from cryptography.fernet import Fernet, InvalidToken
from django.conf import settings


class Erased(Exception):
    """The key is gone: what was sealed with it cannot be read by anybody."""


class KeysRouter:
    """Send SealingKey to the `keys` database and everything else to the default one."""

    def db_for_read(self, model, **hints):
        return "keys" if model._meta.label_lower == "newsroom.sealingkey" else None

    db_for_write = db_for_read

    def allow_migrate(self, db, app_label, model_name=None, **hints):
        return db != "replica" and (db == "keys") == (app_label == "newsroom" and model_name == "sealingkey")


def _derive(purpose):
    return hmac.new(settings.SEALING_KEY.encode(), f"newsroom:{purpose}".encode(), hashlib.sha256).digest()


def _site_cipher():
    return Fernet(base64.urlsafe_b64encode(_derive("site-cipher")))


def lookup_key(text, purpose):
    """Return a hash of 64 hex digits by which `text` is found again; without SEALING_KEY it tells nothing."""
    return hmac.new(_derive(f"lookup:{purpose}"), text.encode(), hashlib.sha256).hexdigest()


def new_key():
    """Make a key for one person and return its id (a UUID)."""
    from newsroom.models import SealingKey

    return SealingKey.objects.create(sealed_key=_site_cipher().encrypt(Fernet.generate_key())).pk


def _cipher(key_id):
    from newsroom.models import SealingKey

    row = SealingKey.objects.filter(pk=key_id).first() if key_id else None
    if row is None:
        raise Erased(f"The sealing key {key_id} is gone.")
    return Fernet(_site_cipher().decrypt(bytes(row.sealed_key)))


def seal(text, key_id):
    """Return `text` sealed with the person's key, as ASCII text. Raises Erased when the key is gone."""
    return _cipher(key_id).encrypt(text.encode()).decode("ascii")


def seal_many(texts):
    """Return (key_id, sealed text) for each text, every one with a new key of its own; one query for a thousand."""
    from newsroom.models import SealingKey

    site, rows, sealed = _site_cipher(), [], []
    for text in texts:
        key = Fernet.generate_key()
        rows.append(SealingKey(sealed_key=site.encrypt(key)))
        sealed.append((rows[-1].pk, Fernet(key).encrypt(text.encode()).decode("ascii")))
    SealingKey.objects.bulk_create(rows, batch_size=1000)
    return sealed


def unseal(sealed, key_id):
    """Return the text that was sealed. Raises Erased when the key is gone or does not fit."""
    try:
        return _cipher(key_id).decrypt(sealed.encode()).decode()
    except InvalidToken as error:
        raise Erased("The sealed text does not fit its key.") from error


def unseal_many(pairs):
    """Return {key_id: text} for pairs of (sealed, key_id), with one query; erased ones are left out."""
    from newsroom.models import SealingKey

    site, texts = _site_cipher(), {}
    sealed_by_key = {key_id: sealed for sealed, key_id in pairs}
    for row in SealingKey.objects.filter(pk__in=list(sealed_by_key)).iterator():
        try:
            cipher = Fernet(site.decrypt(bytes(row.sealed_key)))
            texts[row.pk] = cipher.decrypt(sealed_by_key[row.pk].encode()).decode()
        except InvalidToken:
            continue
    return texts


def destroy_keys(key_ids):
    """Make everything sealed with these keys unreadable for ever, and return how many there were."""
    from newsroom.models import SealingKey

    key_ids, gone = list(key_ids), 0
    for start in range(0, len(key_ids), 10_000):
        gone += SealingKey.objects.filter(pk__in=key_ids[start : start + 10_000]).delete()[0]
    return gone


def destroy_key(key_id):
    """Make everything sealed with this key unreadable for ever; harmless when it is gone already."""
    from newsroom.models import SealingKey

    SealingKey.objects.filter(pk=key_id).delete()

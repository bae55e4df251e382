"""What the letters keep of readers, in words, from the tables themselves: docs/letters-data.md is made of this."""

from django.apps import apps

# Of each table: whom it is about, and when its rows go.
KEPT = {
    "Newsletter": ("nobody", "never"),
    "Issue": ("staff who approved it", "never; a draft when it is deleted"),
    "IssueBlock": ("nobody", "with its issue"),
    "Rendering": ("nobody: the mail holds placeholders", "its bytes 7 days after sending, the hash never"),
    "Channel": ("nobody", "never"),
    "Subscriber": ("a reader", "when she is erased; 7 days after a signup that nobody confirmed"),
    "Subscription": ("a reader", "with the reader; 7 days after a signup that nobody confirmed"),
    "ConsentEvent": ("a reader", "with the reader; nothing changes one before"),
    "ConsentWording": ("nobody", "never"),
    "ConfirmRequest": ("a reader", "7 days after it was made"),
    "ConfirmLimit": ("a mailbox, as a keyed hash", "when it is answered, or after a year"),
    "AddressChange": ("a reader", "when both mailboxes said yes, or when nobody answered"),
    "Delivery": ("a reader", "60 days after sending; failures stay, without the reader once she is erased"),
    "DeliveryTotal": ("nobody", "never"),
    "DeliveryEvent": ("a reader, through her delivery", "never; without the reader once she is erased"),
    "StrayMail": ("whoever wrote it, addresses blotted out", "when staff delete it"),
    "ToldCorrection": ("nobody", "with its issue, or when that is cancelled"),
    "Suppression": ("a mailbox, as a keyed hash", "never: it outlives erasure"),
    "Departure": ("a mailbox, as a keyed hash", "never: it outlives erasure"),
    "ReaderImport": ("staff who brought the list", "never"),
    "ImportPiece": ("readers of a list", "its addresses when the list is taken in or thrown away, or after a week"),
}
SEALED = {"address_sealed": "sealed with a key of its own", "sealed": "sealed with the key of its list"}
HASHED = {"email_key", "mailbox_key", "token_hash", "old_hash", "new_hash"}
HEAD = """# What the letters keep

Made from the tables by `manage.py lettersdatamap`; a test compares. No table holds a network address, a browser, or
whether anybody opened a letter or followed a link. Addresses are sealed, each with a key of its own that lies in
another database: destroying it is erasure, in old backups too. A keyed hash finds an address that somebody types and
tells nothing by itself.
"""


def models():
    """Return the tables of the letters by name."""
    return sorted(apps.get_app_config("newsletters").get_models(), key=lambda model: model.__name__)


def write():
    """Return the page as Markdown."""
    return "\n".join([HEAD, *(_table(model) for model in models())])


def _table(model):
    about, until = KEPT[model.__name__]
    lines = [
        f"## {model.__name__}", "", model.__doc__.strip().split("\n")[0], "", f"About: {about}. Goes: {until}.", "",
        *(f"- `{field.name}`{_note(field)}" for field in model._meta.get_fields() if _is_column(field)), "",
    ]  # fmt: skip
    return "\n".join(lines)


def _is_column(field):
    return (field.concrete and not field.auto_created) or (field.many_to_many and not field.auto_created)


def _note(field):
    if field.name in SEALED:
        return f": {SEALED[field.name]}"
    if field.name in HASHED:
        return ": keyed hash" if field.name.endswith("key") else ": hash of a token"
    if field.is_relation:
        return f" → {field.related_model.__name__}"
    label = str(getattr(field, "help_text", "") or "")
    return f": {label}" if label else ""

"""All that the letters hold, in one zip file of plain CSV and JSON, written piece by piece."""

import csv
import io
import json
import zipfile

from django.core.serializers.json import DjangoJSONEncoder
from django.db.models import Count

from newsletters.models import (
    ConsentEvent,
    ConsentWording,
    DeliveryTotal,
    Departure,
    Issue,
    Newsletter,
    Subscription,
    Suppression,
)
from newsroom import sealing

PIECE = 1000
READERS = ("address", "newsletter", "state", "form", "language", "source", "requested_at", "confirmed_at", "left_at",
           "left_how", "paused_until", "reader")  # fmt: skip
CONSENT = ("reader", "newsletter", "action", "at", "method", "wording")
README = """What is in here

readers.csv       one line per reader and newsletter: the address, the state (pending, confirmed, unsubscribed), the
                  form chosen, the language, where she came from, the moments, and an id ("reader") for all files
consent.csv       every step of consent: reader, newsletter, action (request, confirm, leave, import), moment, method,
                  version of the words
wordings.json     those words, by version
suppressions.csv  mailboxes that must not be written to, as keyed hashes, with reason and server's reply
departures.csv    who was erased or left elsewhere, as keyed hashes
newsletters.json  the newsletters with their settings
issues.json       every letter: number, subject, preheader, moments, its parts in order, and how many it reached

Moments are in UTC, ISO 8601. The hashes are made with the site's SEALING_KEY and tell nothing without it. The file
holds the readers' addresses in the clear: keep it sealed, and delete it when it has served.
"""


class _Pipe(io.RawIOBase):
    """What a zip is written to: it keeps the bytes until they are fetched."""

    def __init__(self):
        self.kept = bytearray()

    def writable(self):
        return True

    def write(self, data):
        self.kept += data
        return len(data)

    def fetch(self):
        """Return the bytes that came since the last time."""
        fetched, self.kept = bytes(self.kept), bytearray()
        return fetched


def stream():
    """Yield the bytes of a zip with all readers, consent, suppressions, newsletters and letters."""
    pipe = _Pipe()
    with zipfile.ZipFile(pipe, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, lines in FILES.items():
            with packed.open(name, "w", force_zip64=True) as file:
                for text in lines():
                    file.write(text.encode())
                    yield pipe.fetch()
    yield pipe.fetch()


def _csv(columns, rows):
    """Yield the lines of a CSV file, some hundred at once."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(columns)
    for number, row in enumerate(rows, start=1):
        writer.writerow([_cell(value) for value in row])
        if number % PIECE == 0:
            yield text.getvalue()
            text.seek(0)
            text.truncate()
    yield text.getvalue()


def _cell(value):
    return value.isoformat() if hasattr(value, "isoformat") else "" if value is None else value


def _pieces(rows):
    """Yield lists of rows in the order of their ids; each list is one short query."""
    last = 0
    while piece := list(rows.filter(pk__gt=last).order_by("pk")[:PIECE]):
        last = piece[-1].pk
        yield piece


def _reader_rows():
    for piece in _pieces(Subscription.objects.select_related("subscriber", "newsletter")):
        pairs = [(row.subscriber.address_sealed, row.subscriber.key_id) for row in piece]
        addresses = sealing.unseal_many(pairs)
        for row in piece:
            yield (
                addresses.get(row.subscriber.key_id, ""), row.newsletter.slug, row.state, row.variant,
                row.subscriber.language, row.source, row.requested_at, row.confirmed_at, row.left_at, row.left_how,
                row.paused_until, row.subscriber.public_id,
            )  # fmt: skip


def _consent_rows():
    for piece in _pieces(ConsentEvent.objects.select_related("subscription__subscriber", "subscription__newsletter")):
        for row in piece:
            about = row.subscription
            yield (
                about.subscriber.public_id, about.newsletter.slug, row.action, row.at, row.method, row.wording_version,
            )  # fmt: skip


def _suppression_rows():
    for piece in _pieces(Suppression.objects.select_related("lifted_by")):
        for row in piece:
            yield row.email_key, row.reason, row.evidence, row.created_at, row.lifted_at, row.lifted_reason


def _departure_rows():
    for piece in _pieces(Departure.objects.select_related("newsletter")):
        for row in piece:
            yield row.email_key, row.newsletter.slug if row.newsletter else "", row.left_at


def _json(data):
    yield json.dumps(data, cls=DjangoJSONEncoder, ensure_ascii=False, indent=1)


def _newsletters():
    leave_out = {"id", "drafted_at"}
    fields = [field.attname for field in Newsletter._meta.concrete_fields if field.name not in leave_out]
    return _json(list(Newsletter.objects.values(*fields)))


def _issues():
    yield "["
    issues = Issue.objects.select_related("newsletter").prefetch_related("blocks__article").order_by("pk")
    counts = {
        (row["pk"], row["deliveries__state"]): row["n"]
        for row in Issue.objects.order_by().values("pk", "deliveries__state").annotate(n=Count("deliveries"))
    }
    for pk, state, count in DeliveryTotal.objects.values_list("issue", "state", "count"):
        counts[pk, state] = counts.get((pk, state), 0) + count
    for number, issue in enumerate(issues.iterator(chunk_size=100)):
        reached = {state: n for (pk, state), n in counts.items() if pk == issue.pk and state}
        yield "".join([",\n" if number else "", *_json(_issue(issue, reached))])
    yield "]"


def _issue(issue, reached):
    content = issue.document.read(issue) if issue.approved_at else issue.read_draft().content
    addresses = {row.article_id: row.article.get_absolute_url() for row in issue.blocks.all() if row.article_id}
    return {
        "newsletter": issue.newsletter.slug, "number": issue.number, "state": issue.state,
        "started_at": issue.started_at, "finished_at": issue.finished_at, "deliveries": reached, **content,
        "addresses": addresses,
    }  # fmt: skip


FILES = {
    "README.txt": lambda: [README],
    "readers.csv": lambda: _csv(READERS, _reader_rows()),
    "consent.csv": lambda: _csv(CONSENT, _consent_rows()),
    "wordings.json": lambda: _json(dict(ConsentWording.objects.values_list("version", "text"))),
    "suppressions.csv": lambda: _csv(
        ("mailbox", "reason", "evidence", "created_at", "lifted_at", "lifted_reason"), _suppression_rows()
    ),
    "departures.csv": lambda: _csv(("mailbox", "newsletter", "left_at"), _departure_rows()),
    "newsletters.json": _newsletters,
    "issues.json": _issues,
}

"""Structured logs without personal data: one JSON object a line, addresses and tokens cut out."""

import datetime
import json
import logging
import re

EMAIL = re.compile(r"[\w.+'-]+@[\w-]+(?:\.[\w-]+)+")
ADDRESS = re.compile(r"\b(?:\d{1,3}\.){3}\d{1,3}\b|\b(?:[0-9a-fA-F]{1,4}:){3,7}[0-9a-fA-F]{1,4}\b")
TOKEN = re.compile(r"\b[A-Za-z0-9_-]{32,}\b|(?<=/private/)[^/\s]+|(?<=/confirm/)[^/\s]+|(?<=/leave/)[^/\s]+")
KNOWN = {
    "task",
    "tries",
    "why",
    "job",
    "kind",
    "provider",
    "issue",
    "count",
    "article",
    "status_code",
    "seconds",
    "event",
}


def scrub(text):
    """Return `text` without e-mail addresses, network addresses and tokens."""
    return TOKEN.sub("[token]", ADDRESS.sub("[address]", EMAIL.sub("[email]", text)))


class StructuredFormatter(logging.Formatter):
    """Write time, level, logger, message, the fields in KNOWN, and a scrubbed traceback."""

    def format(self, record):
        entry = {
            "time": datetime.datetime.fromtimestamp(record.created, datetime.UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": scrub(record.getMessage()),
        }
        entry |= {name: value for name in sorted(KNOWN) if (value := getattr(record, name, None)) is not None}
        if record.exc_info:
            entry["traceback"] = scrub(self.formatException(record.exc_info))
        return json.dumps(entry, ensure_ascii=False, default=str)

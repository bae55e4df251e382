"""What readers and editors see when a part is missing or a value is impossible: a calm page, and nothing typed lost."""

import logging
import re

from django.db import DataError, IntegrityError, InterfaceError, InternalError, OperationalError
from django.shortcuts import render

from newsroom.views import bad_request

logger = logging.getLogger(__name__)
# What Django and the drivers say of a value that stood in a query, whatever put it there.
IMPOSSIBLE = re.compile(r"int too large to convert|^Field '\w+' expected a number|^year -?\d+ is out of range")
# PostgreSQL's word for a write in a read-only transaction (SQLSTATE, appendix A of its manual).
READ_ONLY = "25006"


def busy(request):
    """Answer 503 with a page that says the form can be sent again."""
    response = render(request, "503.html", status=503)
    response.headers["Retry-After"] = "5"
    response.is_database_away = True
    return response


def is_away(exception):
    """Tell whether a database cannot do its work at this moment: stopped, full, out of connections, or read-only."""
    if isinstance(exception, InternalError):
        return getattr(exception.__cause__, "sqlstate", "") == READ_ONLY
    return isinstance(exception, OperationalError | InterfaceError)


def is_impossible_value(exception):
    """Tell whether a query was asked for something that no column can hold: a huge number, a NUL, a word for an id."""
    if isinstance(exception, DataError):
        return True
    return isinstance(exception, ValueError | OverflowError) and bool(IMPOSSIBLE.search(str(exception)))


class BusyDatabaseMiddleware:
    """Turn a database that stays busy or away into 503, and a value that it cannot hold into 400.

    In the admin, a constraint that no form foresaw (two people saved the same at once) is 409.

    Going back in the browser keeps what was typed. Forms refuse impossible values at their fields; this is for the
    addresses and choices that somebody forged by hand.
    """

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        return self.get_response(request)

    def process_exception(self, request, exception):
        """Answer a database that is away and impossible values; leave every other exception to Django."""
        if is_away(exception):
            logger.error("database unavailable", extra={"kind": type(exception).__name__})
            return busy(request)
        if isinstance(exception, IntegrityError) and request.path.startswith("/admin/"):
            logger.error("refused by a constraint", exc_info=exception)
            return bad_request(request, status=409)
        if is_impossible_value(exception):
            logger.warning("impossible value", extra={"kind": type(exception).__name__})
            return bad_request(request)
        return None

"""What readers and editors see when a part is missing: a calm page, and nothing typed lost."""

import logging

from django.db import OperationalError
from django.shortcuts import render

logger = logging.getLogger(__name__)


def busy(request):
    """Answer 503 with a page that says the form can be sent again."""
    response = render(request, "503.html", status=503)
    response.headers["Retry-After"] = "5"
    return response


class BusyDatabaseMiddleware:
    """Turn a database that stays busy or away into 503: going back in the browser keeps what was typed."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        return self.get_response(request)

    def process_exception(self, request, exception):
        """Answer OperationalError; leave every other exception to Django."""
        if not isinstance(exception, OperationalError):
            return None
        logger.error("database unavailable", extra={"kind": type(exception).__name__})
        return busy(request)

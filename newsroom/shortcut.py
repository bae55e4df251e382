"""The shortest way for a stored page: the same answer once more, before Django makes a request of it.

An answer depends on nothing but what `_key` takes and on the page that it was made of, so it is given again while
that page is good. Whatever is asked with a condition, a range, or another method than GET goes the whole way.
"""

import threading
from collections import OrderedDict
from typing import NamedTuple

from newsroom.pagecache import accepted_encoding, is_good
from newsroom.pagestore import StoredPage

MOST = 256
LONGEST_QUERY = 20
CONDITIONS = (
    "HTTP_IF_NONE_MATCH", "HTTP_IF_MODIFIED_SINCE", "HTTP_IF_MATCH", "HTTP_IF_UNMODIFIED_SINCE", "HTTP_RANGE",
)  # fmt: skip


class Answer(NamedTuple):
    """What a client got: the page it was made of, the status line, the headers, the body."""

    page: StoredPage
    status: str
    headers: tuple
    body: bytes


def _key(environ):
    """Return what the answer to a request depends on, or None for one that goes the whole way."""
    query = environ.get("QUERY_STRING", "")
    if environ["REQUEST_METHOD"] != "GET" or len(query) > LONGEST_QUERY or any(name in environ for name in CONDITIONS):
        return None
    return (
        environ.get("HTTP_HOST"), environ.get("wsgi.url_scheme"), environ.get("HTTP_X_FORWARDED_PROTO"),
        environ.get("SCRIPT_NAME"), environ.get("PATH_INFO"), query,
        accepted_encoding(environ.get("HTTP_ACCEPT_ENCODING", "")),
    )  # fmt: skip


class Shortcut:
    """A WSGI application around Django's."""

    def __init__(self, application):
        self.application = application
        self.answers, self.lock = OrderedDict(), threading.Lock()

    def __call__(self, environ, start_response):
        key = _key(environ)
        if key is None:
            return self.application(environ, start_response)
        answer = self.answers.get(key)
        if answer is not None and is_good(answer.page):
            start_response(answer.status, list(answer.headers))
            return [answer.body]
        return self._asked(key, environ, start_response)

    def _asked(self, key, environ, start_response):
        """Have Django answer, and keep what is a stored page as it stands."""
        begun = []

        def listen(status, headers, exc_info=None):
            begun[:] = [status, tuple(headers)]
            return start_response(status, headers, exc_info) if exc_info else start_response(status, headers)

        response = self.application(environ, listen)
        stored = getattr(response, "stored", None)
        if stored is not None and begun:
            with self.lock:
                self.answers[key] = Answer(stored[0], *begun, stored[1])
                while len(self.answers) > MOST:
                    self.answers.popitem(last=False)
        return response

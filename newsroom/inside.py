"""Reader pages made inside this process, as a mirror or the static copy carries them."""

import functools
import io
from urllib.parse import quote, urlsplit

from django.conf import settings
from django.core.handlers.base import BaseHandler
from django.core.handlers.wsgi import WSGIRequest

from newsroom import hosts


@functools.cache
def _handler():
    handler = BaseHandler()
    handler.load_middleware()
    return handler


def page(path, *, role, query=""):
    """Return the answer to a GET of `path` (unquoted) in one of the roles of `hosts`; nothing leaves the process."""
    home = urlsplit(settings.HOME_ORIGIN)
    environ = {
        "REQUEST_METHOD": "GET",
        "SCRIPT_NAME": "",
        "PATH_INFO": path.encode().decode("latin-1"),
        "QUERY_STRING": quote(query, safe="=&+%"),
        "SERVER_NAME": home.hostname,
        "SERVER_PORT": str(home.port or (443 if home.scheme == "https" else 80)),
        "SERVER_PROTOCOL": "HTTP/1.1",
        "HTTP_HOST": home.netloc,
        "REMOTE_ADDR": "127.0.0.1",
        "wsgi.url_scheme": home.scheme,
        "wsgi.input": io.BytesIO(),
        "wsgi.errors": io.StringIO(),
        hosts.INSIDE: role,
    }
    request = WSGIRequest(environ)
    # A proxy of ours names the scheme in a header; inside there is none, and the role itself is trusted.
    request.is_plain_host = True
    # A copy is made of each page once: nothing is gained by keeping or compressing it.
    request.is_unstored = role == hosts.COPY
    return _handler().get_response(request)

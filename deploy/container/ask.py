"""Ask the site behind a socket for a page: `ask.py /run/newsroom/site.sock /readyz` ends with 0 when it answers 200."""

import http.client
import os
import socket
import sys


def ask(path, page):
    """Return the status of a page; raises OSError where nobody answers."""
    host = os.environ.get("NEWSROOM_HOME", "").partition("://")[2]
    connection = http.client.HTTPConnection(host or "localhost", timeout=20)
    connection.sock = socket.socket(socket.AF_UNIX)
    connection.sock.settimeout(20)
    try:
        connection.sock.connect(path)
        connection.request("GET", page, headers={"X-Forwarded-Proto": "https"})
        return connection.getresponse().status
    finally:
        connection.close()


if __name__ == "__main__":
    try:
        sys.exit(ask(*sys.argv[1:]) != 200)
    except OSError as error:
        sys.exit(f"no answer: {error}")

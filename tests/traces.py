"""What an address, a title or a line of a log tells about a reader."""

import re

TOKEN = re.compile(r"[0-9A-Za-z_-]{32,}")
PORT = re.compile(r"//localhost:\d+")


def told(text):
    """Return `text` without one-time tokens and ports: both are random, so any number may stand in them."""
    return PORT.sub("//localhost", TOKEN.sub("[token]", text))

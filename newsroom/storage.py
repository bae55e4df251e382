"""Where files lie: public ones that readers fetch, and private originals that they never do."""

import secrets
from pathlib import PurePosixPath

from django.conf import settings
from django.core.files.storage import FileSystemStorage
from django.utils.deconstruct import deconstructible
from django.utils.functional import cached_property

SAFE_SUFFIXES = {".jpg", ".jpeg", ".png", ".webp", ".avif", ".gif", ".heic"}


def random_name(folder, filename):
    """Return `folder/ab/<random>.<suffix>`: nothing of the uploaded name survives but a known suffix."""
    suffix = PurePosixPath(filename).suffix.lower()
    token = secrets.token_hex(16)
    return f"{folder}/{token[:2]}/{token}{suffix if suffix in SAFE_SUFFIXES else '.bin'}"


@deconstructible
class PublicStorage(FileSystemStorage):
    """Files that readers fetch under /media/."""

    @cached_property
    def base_location(self):
        return settings.MEDIA_ROOT

    @cached_property
    def base_url(self):
        return settings.MEDIA_URL


@deconstructible
class PrivateStorage(FileSystemStorage):
    """Originals as they came, with all that they betray; no address leads to them."""

    @cached_property
    def base_location(self):
        return settings.PRIVATE_ROOT

    def url(self, name):
        raise ValueError("A private file has no address.")

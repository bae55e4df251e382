"""A bucket of S3-compatible storage as the target of a copy: four requests, signed by hand.

Source: "Signature Version 4" of Amazon's API reference, with the signature in the Authorization header.
"""

import datetime
import hashlib
import hmac
import http.client
import re
import xml.etree.ElementTree as ET
from dataclasses import dataclass
from urllib.parse import quote, urlsplit

import defusedxml.ElementTree
from django.conf import settings

from newsroom.copying import places
from newsroom.copying.targets import MARKED, MARKER, Refused

SECONDS, TRIES = 60, 4


@dataclass(frozen=True)
class Keys:
    """Who signs, and for which region."""

    access: str
    secret: str
    region: str

    def authorization(self, method, path, query, headers, payload, *, at):
        """Return the Authorization header of a request; `headers` are all that are signed, in small letters."""
        names = sorted(headers)
        signed = ";".join(names)
        canonical = "\n".join(
            [method, path, query, *(f"{name}:{headers[name].strip()}" for name in names), "", signed, payload]
        )
        scope = f"{at:%Y%m%d}/{self.region}/s3/aws4_request"
        digest = hashlib.sha256(canonical.encode()).hexdigest()
        to_sign = f"AWS4-HMAC-SHA256\n{at:%Y%m%dT%H%M%SZ}\n{scope}\n{digest}"
        key = f"AWS4{self.secret}".encode()
        for part in (f"{at:%Y%m%d}", self.region, "s3", "aws4_request"):
            key = hmac.digest(key, part.encode(), "sha256")
        signature = hmac.digest(key, to_sign.encode(), "sha256").hex()
        return f"AWS4-HMAC-SHA256 Credential={self.access}/{scope},SignedHeaders={signed},Signature={signature}"


class Fault(OSError):
    """The storage refused or did not answer."""


class Bucket:
    """A bucket, or the part of it below a prefix."""

    def __init__(self, *, endpoint, bucket, prefix, keys):
        self.endpoint, self.bucket, self.keys = urlsplit(endpoint), bucket, keys
        self.prefix = f"{prefix.strip('/')}/" if prefix.strip("/") else ""
        self.connection, self.standing = None, {}

    def __str__(self):
        return f"s3://{self.bucket}/{self.prefix}"

    def __getstate__(self):
        return {**self.__dict__, "connection": None}

    @classmethod
    def open(cls, text):
        """Return the bucket of `s3://bucket/prefix` with the keys of the settings; raises Refused without them."""
        parts = urlsplit(text)
        if not settings.COPY_S3_KEY or not settings.COPY_S3_SECRET:
            raise Refused("NEWSROOM_S3_KEY and NEWSROOM_S3_SECRET are not set.")
        if not re.fullmatch(r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]", parts.netloc):
            raise Refused("Write s3://bucket/prefix.")
        keys = Keys(settings.COPY_S3_KEY, settings.COPY_S3_SECRET, settings.COPY_S3_REGION)
        return cls(endpoint=settings.COPY_S3_ENDPOINT, bucket=parts.netloc, prefix=parts.path, keys=keys)

    def begin(self):
        """Look whether the place holds a copy or nothing; raises Refused otherwise."""
        self.standing = self.names()
        if self.standing and MARKER not in self.standing:
            raise Refused(f"{self} holds other things; give an empty prefix or an earlier copy.")
        self.put(MARKER, MARKED)

    def names(self):
        """Return {name: MD5} of every object."""
        found, token = {}, ""
        while True:
            query = {"list-type": "2", "prefix": self.prefix, **({"continuation-token": token} if token else {})}
            root = defusedxml.ElementTree.fromstring(self._ask("GET", "", query=query))
            for entry in _all(root, "Contents"):
                name = _text(entry, "Key").removeprefix(self.prefix)
                found[name] = _text(entry, "ETag").strip('"')
            token = _text(root, "NextContinuationToken")
            if not token:
                return found

    def put(self, name, data):
        """Store an object; returns False when it stood there already."""
        if self.standing.get(name) == hashlib.md5(data, usedforsecurity=False).hexdigest():
            return False
        self._ask("PUT", name, data=data, kind=places.content_type(name))
        return True

    def delete(self, name):
        """Delete an object."""
        self._ask("DELETE", name)

    def _ask(self, method, name, *, query=None, data=b"", kind=""):
        for left in reversed(range(TRIES)):
            try:
                status, body = self._once(method, name, query=query or {}, data=data, kind=kind)
            except (OSError, http.client.HTTPException) as error:
                self.connection = None
                if not left:
                    raise Fault(f"{self}: {error}") from error
                continue
            if status < 300 or (method == "DELETE" and status == 404):
                return body
            if status < 500 or not left:
                raise Fault(f"{self}: {method} {name} was answered with {status}.")
        raise Fault(str(self))

    def _once(self, method, name, *, query, data, kind):
        at = datetime.datetime.now(datetime.UTC)
        key = f"/{self.prefix}{name}" if name else "/"
        path = quote(f"{self.endpoint.path.rstrip('/')}/{self.bucket}{key}", safe="/-._~")
        asked = "&".join(f"{quote(each, safe='')}={quote(query[each], safe='')}" for each in sorted(query))
        payload = hashlib.sha256(data).hexdigest()
        headers = {
            "host": self.endpoint.netloc, "x-amz-date": f"{at:%Y%m%dT%H%M%SZ}", "x-amz-content-sha256": payload,
            **({"content-type": kind, "cache-control": "no-cache"} if kind else {}),
        }  # fmt: skip
        sent = {**headers, "authorization": self.keys.authorization(method, path, asked, headers, payload, at=at)}
        if self.connection is None:
            secure = self.endpoint.scheme == "https"
            make = http.client.HTTPSConnection if secure else http.client.HTTPConnection
            self.connection = make(self.endpoint.netloc, timeout=SECONDS)
        self.connection.request(method, f"{path}?{asked}" if asked else path, body=data or None, headers=sent)
        answer = self.connection.getresponse()
        return answer.status, answer.read()


def _all(root, name):
    return [entry for entry in root.iter() if entry.tag.rpartition("}")[2] == name]


def _text(root: ET.Element, name):
    return next((entry.text or "" for entry in root if entry.tag.rpartition("}")[2] == name), "")

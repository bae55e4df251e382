"""One sealed file: a tar of parts, each with its SHA-256 in a list at the end, encrypted for age's recipients.

The format is age's own (https://age-encryption.org/v1), so that the `age` program opens a file without this site:
`age --decrypt -i identity.txt newsroom-….tar.age | tar -x`.
"""

import contextlib
import hashlib
import io
import json
import os
import tarfile
import threading
from pathlib import Path

import pyrage

MANIFEST = "manifest.json"
VERSION = 1
CHUNK = 1 << 20


class Broken(Exception):
    """The file is not a whole backup: cut short, changed, sealed for somebody else, or of another kind."""


class BadKey(Exception):
    """What was given is not a recipient or an identity of age."""


def new_identity():
    """Return (identity, recipient): the secret with which backups are opened, and the public line they are made for."""
    identity = pyrage.x25519.Identity.generate()
    return str(identity), str(identity.to_public())


def recipients_of(lines):
    """Return age's recipients ("age1…") for lines of text. Raises BadKey."""
    try:
        return [pyrage.x25519.Recipient.from_str(line) for line in lines]
    except pyrage.RecipientError as error:
        raise BadKey("A recipient is not one of age's: it begins with age1.") from error


def identities_of(text):
    """Return age's identities in the text of an identity file, comments left out. Raises BadKey."""
    lines = [line.strip() for line in text.splitlines() if line.strip() and not line.startswith("#")]
    try:
        found = [pyrage.x25519.Identity.from_str(line) for line in lines]
    except pyrage.IdentityError as error:
        raise BadKey("The file holds no identity of age: a line that begins with AGE-SECRET-KEY-1.") from error
    if not found:
        raise BadKey("The file holds no identity of age: a line that begins with AGE-SECRET-KEY-1.")
    return found


class Writer:
    """Parts into a file that has its name only once it is whole and on the disk.

    `facts` stand in the list at the end, beside `parts`: {name: {"bytes", "sha256"}}.
    """

    def __init__(self, path, recipients, facts):
        self.path, self.recipients = Path(path), recipients
        self.facts, self.parts = {"version": VERSION, **facts}, {}

    def __enter__(self):
        self.unfinished = self.path.with_name(self.path.name + ".part")
        # Readable by nobody else from its first byte on.
        descriptor = os.open(self.unfinished, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        self.target = os.fdopen(descriptor, "wb")
        self.pipe = _Pipe(lambda source: pyrage.encrypt_io(source, self.target, self.recipients))
        self.tar = tarfile.open(fileobj=self.pipe.sink, mode="w|", format=tarfile.PAX_FORMAT)
        return self

    def add(self, name, stream, size, on_bytes=lambda number: None):
        """Add `size` bytes of a stream as the part `name`; raises Broken when the stream is shorter."""
        info = tarfile.TarInfo(name)
        info.size, info.mode = size, 0o600
        counted = _Counted(stream, size, on_bytes)
        try:
            self.tar.addfile(info, counted)
        except OSError as error:
            raise self.pipe.error or Broken(f"{name} could not be copied: {error}") from error
        self.parts[name] = {"bytes": size, "sha256": counted.digest.hexdigest()}

    def __exit__(self, kind, *_):
        try:
            if kind is None:
                self._finish()
        finally:
            with contextlib.suppress(OSError, ValueError):
                self.tar.fileobj.close()
            self.pipe.sink_closed()
            self.target.close()
            if kind is None:
                self.unfinished.replace(self.path)
                _sync_folder(self.path.parent)
            else:
                self.unfinished.unlink(missing_ok=True)

    def _finish(self):
        text = json.dumps({**self.facts, "parts": self.parts}, indent=1).encode()
        info = tarfile.TarInfo(MANIFEST)
        info.size, info.mode = len(text), 0o600
        self.tar.addfile(info, io.BytesIO(text))
        self.tar.close()
        self.pipe.finish()
        self.target.flush()
        os.fsync(self.target.fileno())


def unpack(path, identities, folder, on_bytes=lambda number: None):
    """Open a sealed file into `folder` and return its list, every part compared with its SHA-256. Raises Broken."""
    sums, manifest = {}, None
    with open(path, "rb") as source:
        pipe = _Unsealed(source, identities)
        with contextlib.closing(pipe), pipe.reading(), tarfile.open(fileobj=pipe.source, mode="r|") as tar:
            for member in tar:
                if member.name == MANIFEST:
                    manifest = json.loads(tar.extractfile(member).read())
                else:
                    sums[member.name] = _take_out(tar, member, Path(folder), on_bytes)
    if manifest is None:
        raise Broken(f"{Path(path).name} has no end: it was cut short while it was written or copied.")
    if manifest.get("version") != VERSION:
        raise Broken(f"{Path(path).name} was made by another version of this command.")
    if sums != {name: part["sha256"] for name, part in manifest["parts"].items()}:
        raise Broken(f"{Path(path).name} does not hold what its list says.")
    return manifest


def _take_out(tar, member, folder, on_bytes):
    """Write one part below `folder` and return its SHA-256 in hex."""
    target = (folder / member.name).resolve()
    if not member.isfile() or not target.is_relative_to(folder.resolve()):
        raise Broken(f"{member.name} does not belong in a backup.")
    target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    digest, stream = hashlib.sha256(), tar.extractfile(member)
    with target.open("wb") as output:
        while chunk := stream.read(CHUNK):
            digest.update(chunk)
            output.write(chunk)
            on_bytes(len(chunk))
    return digest.hexdigest()


def _sync_folder(folder):
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


class _Counted:
    """A stream of exactly `size` bytes that sums what passes; longer ones end there."""

    def __init__(self, stream, size, on_bytes):
        self.stream, self.left, self.on_bytes = stream, size, on_bytes
        self.digest = hashlib.sha256()

    def read(self, number=-1):
        chunk = self.stream.read(self.left if number < 0 else min(number, self.left))
        self.left -= len(chunk)
        self.digest.update(chunk)
        self.on_bytes(len(chunk))
        return chunk


class _Pipe:
    """A place to write to, whose bytes a thread takes to `consume(stream)`."""

    def __init__(self, consume):
        reading, writing = os.pipe()
        self.source, self.sink = os.fdopen(reading, "rb"), os.fdopen(writing, "wb", buffering=CHUNK)
        self.error = None
        self.thread = threading.Thread(target=self._run, args=[consume], daemon=True)
        self.thread.start()

    def _run(self, consume):
        try:
            consume(self.source)
        except Exception as error:  # noqa: BLE001 - told to the thread that writes
            self.error = error
        finally:
            self.source.close()

    def finish(self):
        """Wait until all is consumed; raises what went wrong there."""
        self.sink.close()
        self.thread.join()
        if self.error:
            raise self.error

    def sink_closed(self):
        """End the thread, whatever happened before."""
        with contextlib.suppress(OSError):
            self.sink.close()
        self.thread.join()


class _Unsealed:
    """What age opens, as a stream to read from."""

    def __init__(self, source, identities):
        reading, writing = os.pipe()
        self.source, self.sink = os.fdopen(reading, "rb"), os.fdopen(writing, "wb")
        self.error = None
        self.thread = threading.Thread(target=self._run, args=[source, identities], daemon=True)
        self.thread.start()

    def _run(self, source, identities):
        try:
            pyrage.decrypt_io(source, self.sink, identities)
        except Exception as error:  # noqa: BLE001 - told to the thread that reads
            self.error = error
        finally:
            with contextlib.suppress(OSError):
                self.sink.close()

    @contextlib.contextmanager
    def reading(self):
        """Turn whatever fails while the stream is read into Broken."""
        try:
            yield
            while self.source.read(CHUNK):
                pass
        except (tarfile.TarError, EOFError, OSError) as error:
            self.thread.join()
            raise Broken(f"The file cannot be opened: {self.error or error}.") from error
        self.thread.join()
        if self.error:
            raise Broken(f"The file cannot be opened: {self.error}.") from self.error

    def close(self):
        """End the thread, whatever happened before."""
        self.source.close()
        self.thread.join()

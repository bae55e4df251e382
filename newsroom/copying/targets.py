"""Where a copy goes: a folder here, a bucket in newsroom.copying.bucket. Both replace files one by one, as a whole."""

import os
import secrets
from pathlib import Path

# Stands in every copy; nothing is deleted where it does not.
MARKER, MARKED = ".newsroom-copy", b"Files of a static copy: whatever else stands here is deleted.\n"
TEMPORARY = ".newsroom-new-"


class Refused(Exception):
    """The target is not ours to write in; the message says why."""


class Folder:
    """A folder of this machine."""

    def __init__(self, path):
        self.root = Path(path).resolve()

    def __str__(self):
        return str(self.root)

    def begin(self):
        """Make the folder ready; raises Refused for one that holds anything but a copy."""
        if self.root.exists() and not self.root.is_dir():
            raise Refused(f"{self.root} is no folder.")
        if self.root.is_dir() and any(self.root.iterdir()) and not (self.root / MARKER).exists():
            raise Refused(f"{self.root} holds other things; give an empty folder or an earlier copy.")
        self.root.mkdir(parents=True, exist_ok=True)
        self.put(MARKER, MARKED)

    def names(self):
        """Return {name: bytes} of every file."""
        found = {}
        for folder, _folders, files in os.walk(self.root):
            for file in files:
                path = Path(folder, file)
                found[path.relative_to(self.root).as_posix()] = path.lstat().st_size
        return found

    def put(self, name, data):
        """Store a file, atomically; returns False when it stood there already."""
        path = self.root / name
        if path.is_file() and path.stat().st_size == len(data) and path.read_bytes() == data:
            return False
        path.parent.mkdir(parents=True, exist_ok=True)
        new = path.parent / f"{TEMPORARY}{secrets.token_hex(6)}"
        with new.open("wb") as stream:
            stream.write(data)
            stream.flush()
            os.fsync(stream.fileno())
        new.replace(path)
        return True

    def delete(self, name):
        """Delete a file and the folders that it leaves empty."""
        path = self.root / name
        path.unlink(missing_ok=True)
        for folder in path.parents:
            if folder == self.root:
                break
            try:
                folder.rmdir()
            except OSError:
                break


def open_target(text):
    """Return the target that the command line names: `s3://bucket/prefix` or a folder."""
    if text.startswith("s3://"):
        from newsroom.copying.bucket import Bucket

        return Bucket.open(text)
    return Folder(text)

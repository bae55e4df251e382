"""Static files as production serves them: smaller, hashed, compressed."""

import re
from pathlib import PurePosixPath

import rcssmin
import rjsmin
from whitenoise.storage import CompressedManifestStaticFilesStorage

MINIFIERS = {".js": rjsmin.jsmin, ".css": rcssmin.cssmin}
# A sheet that imports its neighbours, and a module that runs them: one file instead of a request for each.
BUNDLES = {"css/site.css", "js/reader.js"}
SHEET = re.compile(r"""^@import "([\w-]+\.css)"( print)?;$""", re.MULTILINE)
MODULE = re.compile(r"""^import "\./([\w-]+\.js)";$""", re.MULTILINE)


def whole(name, text, read):
    """Return a bundle with the neighbours that it imports in their places; `read` returns a file by its name."""
    if name not in BUNDLES:
        return text
    folder = PurePosixPath(name).parent
    if name.endswith(".css"):
        return SHEET.sub(lambda found: _sheet(read(str(folder / found[1])), is_print=bool(found[2])), text)
    return MODULE.sub(lambda found: "{\n" + read(str(folder / found[1])) + "\n}", text)


def _sheet(text, *, is_print):
    return f"@media print {{\n{text}\n}}" if is_print else text


def minified(name, text):
    """Return a script or style sheet without comments and needless spaces; every other text as it is."""
    suffix = name[name.rfind(".") :]
    return MINIFIERS[suffix](text) if suffix in MINIFIERS else text


class Minifying:
    """Minify scripts and style sheets when they are collected, before a manifest storage names them by content."""

    def post_process(self, paths, dry_run=False, **options):  # noqa: FBT002 - as Django calls it
        """Write the collected files anew, then do what the next storage does."""
        if not dry_run:
            for name in list(paths):
                if name.endswith(tuple(MINIFIERS)):
                    self._minify(name)
                    # The next storage reads what was collected, not where it came from.
                    paths[name] = (self, name)
        yield from super().post_process(paths, dry_run, **options)

    def _minify(self, name):
        text = self._read(name)
        smaller = minified(name, whole(name, text, self._read))
        if smaller != text:
            with open(self.path(name), "w", encoding="utf-8") as stream:
                stream.write(smaller)

    def _read(self, name):
        with self.open(name) as stream:
            return stream.read().decode()


class StaticStorage(Minifying, CompressedManifestStaticFilesStorage):
    """What production serves: minified, hashed, compressed."""

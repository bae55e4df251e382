"""Static files as production serves them: smaller, hashed, compressed."""

import rcssmin
import rjsmin
from whitenoise.storage import CompressedManifestStaticFilesStorage

MINIFIERS = {".js": rjsmin.jsmin, ".css": rcssmin.cssmin}


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
        with self.open(name) as stream:
            text = stream.read().decode()
        smaller = minified(name, text)
        if smaller != text:
            with open(self.path(name), "w", encoding="utf-8") as stream:
                stream.write(smaller)


class StaticStorage(Minifying, CompressedManifestStaticFilesStorage):
    """What production serves: minified, hashed, compressed."""

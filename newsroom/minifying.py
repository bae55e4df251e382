"""Static files as production serves them: smaller, hashed, compressed."""

import rcssmin
import rjsmin
from whitenoise.storage import CompressedManifestStaticFilesStorage

MINIFIERS = {".js": rjsmin.jsmin, ".css": rcssmin.cssmin}


def minified(name, text):
    """Return a script or style sheet without comments and needless spaces; every other text as it is."""
    suffix = name[name.rfind(".") :]
    return MINIFIERS[suffix](text) if suffix in MINIFIERS else text


class StaticStorage(CompressedManifestStaticFilesStorage):
    """Minify scripts and style sheets when they are collected, before they are hashed and compressed."""

    def post_process(self, paths, dry_run=False, **options):  # noqa: FBT002 - as Django calls it
        """Write the collected files anew, then do what whitenoise does."""
        if not dry_run:
            for name in paths:
                if name.endswith(tuple(MINIFIERS)):
                    self._minify(name)
        yield from super().post_process(paths, dry_run, **options)

    def _minify(self, name):
        with self.open(name) as stream:
            text = stream.read().decode()
        smaller = minified(name, text)
        if smaller != text:
            with open(self.path(name), "w", encoding="utf-8") as stream:
                stream.write(smaller)

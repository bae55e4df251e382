"""What a feed's address says of it: its format, and whether it holds whole stories."""

from dataclasses import dataclass

FORMATS = {"xml": "Atom", "rss": "RSS", "json": "JSON"}


@dataclass(frozen=True)
class Kind:
    """A format, as the end of the file's name, and how much of a story stands in it."""

    format: str = "xml"
    is_full: bool = False

    def __str__(self):
        return f"{'full/' if self.is_full else ''}feed.{self.format}"

    @property
    def name(self):
        """Return the name of the format."""
        return FORMATS[self.format]


SUMMARIES = [Kind(format) for format in FORMATS]
KINDS = [*SUMMARIES, *(Kind(format, is_full=True) for format in FORMATS)]


class KindConverter:
    """The last part of a feed's address: feed.xml, feed.rss, feed.json, each of them also as full/feed.…"""

    regex = r"(?:full/)?feed\.(?:xml|rss|json)"

    def to_python(self, value):
        """Return the Kind that an address names."""
        return Kind(value.rpartition(".")[2], is_full=value.startswith("full/"))

    def to_url(self, kind):
        """Return the part of the address for a Kind or for its text."""
        return str(kind)

"""The content document of appeals."""

from django.utils.translation import gettext_lazy as _

from desk.content import Body, Document, Flag, Number, Problem, Text
from newsroom import html


class AppealDocument(Document):
    """The words of a message to readers."""

    fields = {
        "name": Text(80),
        "headline": Text(160),
        "body_html": Body(20_000),
        "signature": Text(160),
        "short_line": Text(200),
        "thanks_html": Body(20_000),
        "priority": Number(0, 100, 0),
        "at_end": Flag(default=True),
        "inside": Flag(default=True),
        "on_support": Flag(default=True),
        "on_strip": Flag(default=True),
        "gap_days": Number(0, 365, 2),
        "most_views": Number(0, 60, 4),
        "window_days": Number(1, 365, 30),
    }

    def title(self, content):
        """Return the desk's name for the appeal, or its headline."""
        return content["name"] or content["headline"]

    def read(self, thing):
        """Return the content that readers see now."""
        return {name: getattr(thing, name) for name in self.fields}

    def write(self, thing, content):
        """Set the columns."""
        for name in self.fields:
            setattr(thing, name, content[name] if content[name] is not None else self.fields[name].default)

    def problems(self, thing, content):
        """Return what is missing."""
        if not content["headline"]:
            yield Problem("headline", _("The appeal needs a headline."))
        if not html.plain_text(content["body_html"]):
            yield Problem("body_html", _("The appeal has no letter."))
        if not content["signature"]:
            yield Problem("signature", _("Readers trust a letter that somebody signs."), blocks=False)

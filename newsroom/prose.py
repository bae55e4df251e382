"""The editor of rich texts: which nodes and marks it offers. The server's cleaner (newsroom.html) has the last word."""

from django.urls import reverse_lazy
from django_prose_editor.widgets import ProseEditorWidget
from js_asset import ImportMap, Media, static_lazy

from newsroom import html, quotes
from newsroom.forms import TidyCharField


def _allow_nothing(config, shared):
    """Leave the editor's own sanitiser alone: it is not used."""


OWN_NODES = (
    "NewsPhoto", "PullQuote", "RelatedStory", "NewsEmbed", "NewsBox", "Footnote", "StoryLink", "CleanPaste", "Writing",
)  # fmt: skip
# For settings.DJANGO_PROSE_EDITOR_EXTENSIONS. Processors are callables: dotted paths break in 0.28.
EXTENSIONS = [
    {"js": [static_lazy("js/desk/nodes.js")], "extensions": dict.fromkeys(OWN_NODES, _allow_nothing)},
]
PICKER = Media(importmap=ImportMap({"desk/picker": "js/desk/picker.js"}))
MENU = [
    {"group": "blockType -lists", "type": "dropdown", "minItems": 2},
    {"group": "marks"},
    {"group": "lists"},
    {"group": "link"},
    {"group": "newsroom"},
    {"group": "table"},
    {"group": "history"},
]
WORDS = {
    "Menu": {"groups": MENU},
    "Bold": True,
    "Italic": True,
    "Link": {"enableTarget": False, "protocols": ["http", "https", "mailto", "tel"]},
    "HardBreak": True,
    "NoSpellCheck": False,
    "CleanPaste": True,
    "Writing": True,
}
MESSAGE = {**WORDS, "BulletList": True, "OrderedList": True, "ListItem": True}
STORY = {
    **MESSAGE,
    "Heading": {"levels": [2, 3]},
    "Blockquote": True,
    "Strike": True,
    "Subscript": True,
    "Superscript": True,
    "HorizontalRule": True,
    "Table": True,
    "TableRow": True,
    "TableHeader": True,
    "TableCell": True,
    "NewsPhoto": {
        "listUrl": reverse_lazy("admin:articles_photo_picker"),
        "uploadUrl": reverse_lazy("admin:articles_photo_upload"),
    },
    "PullQuote": True,
    "RelatedStory": {"listUrl": reverse_lazy("admin:articles_article_picker")},
    "StoryLink": {"listUrl": reverse_lazy("admin:articles_article_picker")},
    "NewsEmbed": True,
    "NewsBox": True,
    "Footnote": True,
}


class ProseWidget(ProseEditorWidget):
    """A textarea that becomes the editor where there is script, and stays what it is where there is none."""

    def __init__(self, *, extensions, attrs=None):
        super().__init__({"rows": 24, **(attrs or {})}, config={"extensions": extensions}, preset="configurable")

    @property
    def media(self):
        return super().media + PICKER


class ProseField(TidyCharField):
    """A rich text; what comes out has been cleaned by newsroom.html.clean_body.

    Quotation marks are set as its `language` prints them, once `write_in` has named one.
    """

    language = ""

    def __init__(self, *, max_length=400_000, extensions=None, **kwargs):
        kwargs.setdefault("widget", ProseWidget(extensions=extensions or STORY))
        super().__init__(max_length=max_length, **kwargs)

    def widget_attrs(self, widget):
        return {}

    def write_in(self, language):
        """Set the language of the text, here and in the editor."""
        self.language = language
        self.widget.attrs |= {"lang": language, "data-quotes": quotes.marks_of(language)}

    def clean(self, value):
        """Return the cleaned HTML; raise ValidationError when the text is too long or cannot be shown."""
        return html.clean_body(super().clean(value), self.language)


class MessageField(ProseField):
    """A short rich text: paragraphs, lists, emphasis and links."""

    def __init__(self, **kwargs):
        super().__init__(**{"extensions": MESSAGE, **kwargs})

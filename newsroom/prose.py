"""The editor of rich texts: which nodes and marks it offers. The server's cleaner (newsroom.html) has the last word."""

from django.urls import reverse_lazy
from django_prose_editor.widgets import ProseEditorWidget, importmap, prose_editor_js
from js_asset import ImportMap, Media, Script, static_lazy

from newsroom import html, quotes
from newsroom.forms import TidyCharField


def _allow_nothing(config, shared):
    """Leave the editor's own sanitiser alone: it is not used."""


# Which of our extensions stand in which module of static/js/desk/editor.
MODULES = {
    "js/desk/editor/bar.js": ["Writing"],
    "js/desk/editor/paste.js": ["CleanPaste"],
    "js/desk/editor/typing.js": ["SmartQuotes"],
    "js/desk/editor/find.js": ["FindReplace"],
    "js/desk/editor/photo.js": ["NewsPhoto"],
    "js/desk/editor/inserts.js": ["PullQuote", "RelatedStory", "NewsEmbed", "NewsBox"],
    "js/desk/editor/inline.js": ["Footnote", "StoryLink", "Language"],
    "js/desk/editor/tables.js": ["TableTools"],
}
# For settings.DJANGO_PROSE_EDITOR_EXTENSIONS. Processors are callables: dotted paths break in 0.28.
EXTENSIONS = [
    {"js": [static_lazy(path)], "extensions": dict.fromkeys(names, _allow_nothing)} for path, names in MODULES.items()
]
# What the modules import from each other: the names of files change with their content, those of the map do not.
PICKER = Media(importmap=ImportMap({"desk/words": "js/desk/words.js", "desk/picker": "js/desk/picker.js"}))
SHARED = {
    "desk/crop": "js/desk/crop.js",
    "desk/blocks": "js/desk/editor/blocks.js",
    "desk/inline": "js/desk/editor/inline.js",
    "desk/typing": "js/desk/editor/typing.js",
}
MEDIA = (
    Media(importmap=importmap)
    + PICKER
    + Media(
        importmap=ImportMap(SHARED),
        css={"all": ["django_prose_editor/editor.css", "css/desk-editor.css"]},
        js=[prose_editor_js, Script("django_prose_editor/configurable.js", type="module")],
    )
)
MENU = [
    {"group": "headings"},
    {"group": "marks"},
    {"group": "lists"},
    {"group": "nodes -blockType"},
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
    "SmartQuotes": True,
    "Language": True,
    "FindReplace": True,
    "Writing": True,
}
MESSAGE = {**WORDS, "BulletList": True, "OrderedList": {"enableListAttributes": False}, "ListItem": True}
PHOTOS = {
    "listUrl": reverse_lazy("admin:articles_photo_picker"),
    "uploadUrl": reverse_lazy("admin:articles_photo_upload"),
}
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
    "TableTools": True,
    "NewsPhoto": PHOTOS,
    "PullQuote": True,
    "RelatedStory": {"listUrl": reverse_lazy("admin:articles_article_picker")},
    "StoryLink": {"listUrl": reverse_lazy("admin:articles_article_picker")},
    "NewsEmbed": PHOTOS,
    "NewsBox": True,
    "Footnote": True,
}


class ProseWidget(ProseEditorWidget):
    """A textarea that becomes the editor where there is script, and stays what it is where there is none."""

    def __init__(self, *, extensions, attrs=None):
        super().__init__({"rows": 24, **(attrs or {})}, config={"extensions": extensions}, preset="configurable")

    @property
    def media(self):
        """The scripts and styles, without the font of 128 KB from which the editor takes its icons: ours are drawn."""
        return MEDIA


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

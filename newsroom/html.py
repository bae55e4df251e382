"""The one cleaner of HTML: every body goes through it on every way in, whatever the browser or the import sent.

Three steps: nh3 reads the HTML as browsers do; newsroom.document keeps what it means in the few forms that a story
may have; nh3 has the last word on every tag, attribute and value.
"""

import html as stdlib_html
import re
import unicodedata

import nh3

from newsroom import document, markup

PUBLIC_ID = re.compile(r"[0-9a-hjkmnp-tv-z]{8,12}\Z")
HTTPS = re.compile(r"https://[^\s\"'<>\\]{4,500}\Z")
LAYOUTS = {"normal", "wide", "gallery"}
BOXES = {"newsletter", "support"}
CROP = re.compile(r"(?:0|1|0\.\d{1,4})(?:,(?:0|1|0\.\d{1,4})){3}\Z")
LANG = re.compile(r"[A-Za-z]{2,3}(?:-[A-Za-z0-9]{2,8}){0,2}\Z")
UNWANTED = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\u2028\u2029\ufeff\ud800-\udfff\ufffe\uffff]")
BLOCK_END = re.compile(r"</(?:p|h2|h3|li|blockquote|figcaption|td|th|aside|div|cite)>|<br>|<hr>")

INLINE_TAGS = {"strong", "b", "em", "i", "s", "sub", "sup", "a", "br", "span"}
BODY_TAGS = INLINE_TAGS | {
    "p", "h2", "h3", "ul", "ol", "li", "blockquote", "hr", "table", "thead", "tbody", "tr", "th", "td", "figure",
    "figcaption", "aside", "cite", "div",
}  # fmt: skip
ATTRIBUTES = {
    "a": {"href", "data-article"},
    "span": {"lang"},
    "ol": {"start"},
    "th": {"colspan", "rowspan"},
    "td": {"colspan", "rowspan"},
    "figure": {"data-photo", "data-layout", "data-alt", "data-decorative", "data-crop"},
    "aside": {"data-pullquote"},
    "div": {"data-related", "data-box", "data-embed", "data-title", "data-photo"},
    "sup": {"data-footnote"},
}
# What is read, for the sake of what it means; nothing of it is kept that is not named above.
FOREIGN_TAGS = BODY_TAGS | document.BLOCKS | {"h1", "h4", "h5", "h6"} | {
    "font", "u", "strike", "del", "ins", "q", "code", "kbd", "samp", "tt", "var", "dfn", "abbr", "small", "big", "mark",
}  # fmt: skip
FOREIGN_ATTRIBUTES = {**{tag: set(names) for tag, names in ATTRIBUTES.items()}, "*": {"style", "class", "id"}}
FOREIGN_ATTRIBUTES["a"] |= {"name"}
NOT_WORDS = {
    "script",
    "style",
    "noscript",
    "template",
    "iframe",
    "object",
    "title",
    "svg",
    "math",
    "select",
    "textarea",
    "xml",
}
TURNS = 6
SCHEMES = {"http", "https", "mailto", "tel"}


def is_crop(value):
    """Tell whether `value` is "x,y,w,h" in shares of a picture: a part of it that is not empty and lies inside it."""
    if not CROP.match(value):
        return False
    x, y, w, h = (float(share) for share in value.split(","))
    return w > 0 and h > 0 and x + w <= 1.0001 and y + h <= 1.0001


def _matching(pattern):
    return lambda value: value if pattern.match(value) else None


def _one_of(allowed, default=None):
    return lambda value: value if value in allowed else default


def _short(limit):
    return lambda value: value[:limit]


def _crop(value):
    """Return a crop that shows less than the whole picture."""
    return value if is_crop(value) and value != "0,0,1,1" else None


VALUES = {
    "data-photo": _matching(PUBLIC_ID),
    "data-article": _matching(PUBLIC_ID),
    "data-related": _matching(PUBLIC_ID),
    "data-embed": _matching(HTTPS),
    "data-crop": _crop,
    "data-layout": _one_of(LAYOUTS, "normal"),
    "data-box": _one_of(BOXES),
    "data-decorative": _one_of({"true"}),
    "data-pullquote": lambda value: "",
    "data-alt": _short(300),
    "data-title": _short(300),
    "data-footnote": _short(2000),
    "lang": _matching(LANG),
    "start": _matching(re.compile(r"\d{1,4}\Z")),
    "colspan": _matching(re.compile(r"\d{1,2}\Z")),
    "rowspan": _matching(re.compile(r"\d{1,2}\Z")),
}


def _check(tag, attribute, value):
    """Return the value of an attribute that may be kept, or None."""
    check = VALUES.get(attribute)
    return check(value) if check else value


def _check_own(tag, attribute, value):
    """Check the values of our own attributes; what is foreign is only read."""
    return _check(tag, attribute, value) if attribute.startswith("data-") else value


_FOREIGN = nh3.Cleaner(
    tags=FOREIGN_TAGS, attributes=FOREIGN_ATTRIBUTES, attribute_filter=_check_own, url_schemes=SCHEMES, link_rel=None,
    clean_content_tags=NOT_WORDS,
)  # fmt: skip
_BODY = nh3.Cleaner(
    tags=BODY_TAGS, attributes=ATTRIBUTES, attribute_filter=_check, url_schemes=SCHEMES, link_rel=None,
    clean_content_tags=NOT_WORDS,
)  # fmt: skip
_INLINE = nh3.Cleaner(
    tags=INLINE_TAGS, attributes={"a": {"href"}, "span": {"lang"}}, attribute_filter=_check, url_schemes=SCHEMES,
    link_rel=None, clean_content_tags=NOT_WORDS,
)  # fmt: skip


def tidy_text(text):
    """Return `text` in Unicode NFC without control characters and unpaired surrogates; line ends become \\n."""
    text = UNWANTED.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))
    return unicodedata.normalize("NFC", text)


def has_unwanted(text):
    """Tell whether `text` holds control characters or unpaired surrogates, which no form accepts."""
    return bool(UNWANTED.search(text))


def clean_body(html, language=""):
    """Return the body with nothing in it but the tags and values that the editor can make.

    What word processors and web pages mean is kept: lists, quotations, notes, emphasis. Their styles, tracking and
    empty paragraphs are gone. With a `language`, straight quotation marks become those that it prints. Cleaning again
    changes nothing.
    """
    text = tidy_text(html)
    if markup.is_tangled(text):
        text = _words_alone(text)
    for _turn in range(TURNS):
        cleaned = _clean_once(text, language)
        if cleaned == text:
            return cleaned
        text = cleaned
    return _clean_once(_words_alone(text), language)


def _clean_once(text, language):
    tree = markup.read(_FOREIGN.clean(text))
    return _BODY.clean(document.write(document.Reader(_check, language=language).read(tree)))


def _words_alone(text):
    """Return the words of a text that cannot be read as HTML."""
    return markup.escape(stdlib_html.unescape(re.sub(r"<[^>]*>?", " ", text)))


def clean_inline(html):
    """Return one line of rich text: emphasis and links, no blocks."""
    return _INLINE.clean(tidy_text(html)).strip()


def plain_text(html):
    """Return the words of an HTML text, blocks on lines of their own, for search, counting and plain mails."""
    spaced = BLOCK_END.sub(lambda match: match.group() + "\n", html)
    text = stdlib_html.unescape(nh3.clean(spaced, tags=set(), clean_content_tags={"script", "style"}))
    return re.sub(r"\n\s*\n+", "\n", re.sub(r"[ \t\xa0]+", " ", text)).strip()

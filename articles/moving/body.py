"""The text of a story from another system, turned into ours: photos by id, pull quotes, links instead of embeds."""

import html as stdlib_html
import re
from collections import Counter
from urllib.parse import unquote, urlsplit

from newsroom import html

NOT_OURS = r"(?![^>]*data-photo)"
FIGURE = re.compile(
    rf"<figure\b({NOT_OURS}[^>]*)>((?:(?!<figure\b{NOT_OURS}).)*?)</figure>", re.IGNORECASE | re.DOTALL
)  # fmt: skip
CAPTION = re.compile(r"\[caption\b[^\]]*\](.*?)\[/caption\]", re.IGNORECASE | re.DOTALL)
GALLERY = re.compile(r"\[gallery\b([^\]]*)\]", re.IGNORECASE)
IDS = re.compile(r"""ids\s*=\s*["']?([\d,\s]+)""")
EMBED = re.compile(r"\[embed\b[^\]]*\]\s*(\S+?)\s*\[/embed\]", re.IGNORECASE)
FRAME = re.compile(r"<(?:iframe|video|audio|embed|source)\b[^>]*?\bsrc\s*=\s*[\"']([^\"']+)[\"'][^>]*>", re.IGNORECASE)
IMAGE = re.compile(r"(?:<a\b[^>]*>\s*)?<img\b([^>]*)>(?:\s*</a>)?", re.IGNORECASE)
ATTRIBUTE = re.compile(r"""([\w-]+)\s*=\s*(?:"([^"]*)"|'([^']*)')""")
SHORTCODE = re.compile(r"\[/?([a-z][a-z0-9_-]{2,40})(?:\s[^\]\n]*)?/?\]")
SIZE = re.compile(r"-\d{2,5}x\d{2,5}(?=\.\w+$)")
BLOCK = re.compile(r"^\s*<(?:p|div|h[1-6]|ul|ol|blockquote|figure|table|hr|aside|pre|!--)", re.IGNORECASE)
LONE_ADDRESS = re.compile(r"^\s*(https?://\S+)\s*$")
OUR_LINK = re.compile(r'<a href="([^"]+)">')


class Converter:
    """Turns bodies of one export; `photo_of(reference)` answers a photo's public id or "" for an id or an address.

    `unknown` counts what was not understood, by name; `missing` holds the references of pictures that are not there.
    """

    def __init__(self, photo_of):
        self.photo_of, self.unknown, self.missing = photo_of, Counter(), []

    def convert(self, text, attached=()):
        """Return the cleaned body; a gallery that names no pictures shows the `attached` ones, as WordPress does."""
        self.attached = attached
        text = html.tidy_text(text)
        text = CAPTION.sub(lambda match: f"<figure>{match[1]}</figure>", text)
        text = GALLERY.sub(self._gallery, text)
        text = EMBED.sub(lambda match: _link(match[1]), text)
        text = self._figures(text)
        text = FRAME.sub(self._frame, text)
        text = IMAGE.sub(lambda match: self._image(match[1], "") + _gap(match), text)
        text = SHORTCODE.sub(self._shortcode, text)
        return html.clean_body(_paragraphs(text))

    def _figures(self, text):
        for _depth in range(6):
            changed = FIGURE.sub(self._figure, text)
            if changed == text:
                break
            text = changed
        return text

    def _figure(self, match):
        """Return our form of one figure that holds no other figure but ours."""
        attributes, inside = match[1], match[2]
        if "pullquote" in attributes:
            return _pull_quote(inside)
        words = re.search(r"<figcaption\b[^>]*>(.*?)</figcaption>", inside, re.IGNORECASE | re.DOTALL)
        rest = inside.replace(words[0], "") if words else inside
        if "<figure" in rest.lower():  # a gallery whose pictures are turned already
            return rest + (f"<p>{words[1]}</p>" if words else "")
        images = list(IMAGE.finditer(rest))
        caption = words[1] if words else html.plain_text(IMAGE.sub("", rest)) if images else ""
        if images and "bookmark" not in attributes:
            made = [self._image(image[1], caption if number == 0 else "", gallery=len(images) > 1)
                    for number, image in enumerate(images)]  # fmt: skip
            return "".join(made)
        address = re.search(r"https?://[^\s\"'<>]+", rest)
        if re.search(r"embed|bookmark|<iframe|<video|<audio", attributes + rest) and address:
            self.unknown["embeds that became links"] += 1
            return _link(stdlib_html.unescape(address[0]), html.plain_text(caption))
        return rest + (f"<p>{words[1]}</p>" if words else "")

    def _image(self, attributes, caption, *, gallery=False):
        """Return the figure of a picture, or its words alone when the picture is not there."""
        given = {name.lower(): stdlib_html.unescape(first or second)
                 for name, first, second in ATTRIBUTE.findall(attributes)}  # fmt: skip
        number = re.search(r"\bwp-image-(\d+)\b", given.get("class", ""))
        source = given.get("src", "")
        found = (self.photo_of(number[1]) if number else "") or self.photo_of(source)
        if not found:
            self.missing.append(source or (number[1] if number else "?"))
            return f"<p>{caption}</p>" if caption.strip() else ""
        alt = html.markup.escape_value(given.get("alt", "").strip()[:300])
        described = f'data-alt="{alt}"' if alt else 'data-decorative="true"'
        self.unknown["pictures without words for those who do not see them (marked decorative)"] += not alt
        layout = "gallery" if gallery else "normal"
        words = f"<figcaption>{caption.strip()}</figcaption>"
        return f'<figure data-photo="{found}" data-layout="{layout}" {described}>{words}</figure>'

    def _gallery(self, match):
        given = IDS.search(match[1])
        numbers = [number.strip() for number in given[1].split(",")] if given else self.attached
        if not numbers:
            self.unknown["[gallery] without its pictures"] += 1
        images = [f'class="wp-image-{number}"' for number in numbers if number]
        return "".join(self._image(image, "", gallery=True) for image in images)

    def _frame(self, match):
        if not match[1].startswith(("http://", "https://", "//")):
            return ""
        self.unknown["embeds that became links"] += 1
        return _link(stdlib_html.unescape(match[1]))

    def _shortcode(self, match):
        self.unknown[f"[{match[1]}]"] += 1
        return ""


def relink(body_html, target_of):
    """Return the body with links to known stories by their id; `target_of(address)` answers a public id or ""."""

    def replace(match):
        found = target_of(stdlib_html.unescape(match[1]))
        return f'<a data-article="{found}">' if found else match[0]

    return html.clean_body(OUR_LINK.sub(replace, body_html))


def names_of(address):
    """Return how a picture's address may be spelled: as it stands, without the size, its last part."""
    try:
        path = unquote(urlsplit(address).path)
    except ValueError:
        return [address]
    whole = SIZE.sub("", path)
    return [address, path, whole, whole.rpartition("/")[2]]


def _gap(match):
    return " " if match[0].endswith(">") else ""


def _link(address, words=""):
    safe = html.markup.escape_value(address)
    return f'\n\n<p><a href="{safe}">{html.markup.escape(words or address)}</a></p>\n\n'


def _pull_quote(inside):
    cite = re.search(r"<cite\b[^>]*>(.*?)</cite>", inside, re.IGNORECASE | re.DOTALL)
    words = html.plain_text(inside.replace(cite[0], "") if cite else inside)
    who = f"<cite>{html.plain_text(cite[1])}</cite>" if cite else ""
    return f'<aside data-pullquote=""><blockquote><p>{html.markup.escape(words)}</p></blockquote>{who}</aside>'


def _paragraphs(text):
    """Return the text with paragraphs where blank lines meant them, as the classic editor of WordPress does."""
    parts = []
    for part in re.split(r"\n\s*\n", text):
        lone = LONE_ADDRESS.match(part)
        if not part.strip():
            continue
        if lone:
            parts.append(_link(lone[1]))
        elif BLOCK.match(part):
            parts.append(part)
        else:
            parts.append(f"<p>{part.strip().replace(chr(10), '<br>')}</p>")
    return "\n".join(parts)

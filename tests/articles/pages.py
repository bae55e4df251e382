"""What the tests of reader pages ask of a page."""

from html.parser import HTMLParser
from urllib.parse import urlsplit

LOADS = {
    ("link", "href"),
    ("script", "src"),
    ("img", "src"),
    ("img", "srcset"),
    ("source", "srcset"),
    ("iframe", "src"),
}


class Page(HTMLParser):
    """A parsed page: its tags in order and its words."""

    def __init__(self, text):
        super().__init__()
        self.tags, self.words = [], []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data):
        self.words.append(data)

    @property
    def text(self):
        """The words of the page on one line."""
        return " ".join(" ".join(self.words).split())

    def all(self, tag, **wanted):
        """Return the attributes of each `tag` that has the wanted attributes."""
        return [a for name, a in self.tags if name == tag and all(a.get(k.rstrip("_")) == v for k, v in wanted.items())]

    def links(self):
        """Return every address that an <a> leads to."""
        return [a["href"] for a in self.all("a") if "href" in a]

    def loaded(self):
        """Return every address that the browser fetches by itself."""
        found = []
        for tag, attributes in self.tags:
            if tag == "link" and attributes.get("rel") not in {"stylesheet", "icon", "preload"}:
                continue
            for name, value in attributes.items():
                if (tag, name) in LOADS and value:
                    parts = value.split(",") if name == "srcset" else [value]
                    found += [part.split()[0] for part in parts]
        return found


def foreign(addresses):
    """Return those addresses that name a host."""
    return [address for address in addresses if urlsplit(address).netloc]

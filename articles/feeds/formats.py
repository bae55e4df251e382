"""The three formats: Atom (RFC 4287), RSS 2.0 with the content and Media RSS 1.5.1 modules, JSON Feed 1.1."""

import datetime
import json

from django.utils.feedgenerator import Atom1Feed, Rss201rev2Feed, SyndicationFeed
from django.utils.html import escape
from django.utils.translation import gettext

NEVER = datetime.datetime(2026, 1, 1, tzinfo=datetime.UTC)
MEDIA = "http://search.yahoo.com/mrss/"


class Lasting(SyndicationFeed):
    """What the formats share: a feed without entries says the same whenever it is asked."""

    def latest_post_date(self):
        """Return when the newest entry changed."""
        return super().latest_post_date() if self.items else NEVER


class WithPhotos(Lasting):
    """What Atom and RSS share: mirrors as related links, the lead photo with its credit."""

    def add_mirrors(self, handler, element):
        """Name the mirrors that work: a feed that somebody kept leads on when this host is blocked."""
        for address in self.feed["mirrors"]:
            handler.addQuickElement(element, "", {"rel": "related", "href": address, "title": gettext("Mirror")})

    def add_photo(self, handler, photo):
        """Write a Photograph of an entry as media:content."""
        if photo is None:
            return
        place = {"url": photo.url, "medium": "image", "type": photo.type}
        handler.startElement("media:content", {**place, "width": str(photo.width), "height": str(photo.height)})
        if photo.credit:
            handler.addQuickElement("media:credit", photo.credit)
        if photo.caption:
            handler.addQuickElement("media:description", photo.caption)
        handler.endElement("media:content")


class Atom(WithPhotos, Atom1Feed):
    """An Atom feed."""

    def root_attributes(self):
        return {**super().root_attributes(), "xmlns:media": MEDIA}

    def add_root_elements(self, handler):
        super().add_root_elements(handler)
        self.add_mirrors(handler, "link")

    def add_item_elements(self, handler, item):
        summary = {**item, "description": escape(item["description"])}
        super().add_item_elements(handler, summary)
        if item["content_html"]:
            handler.addQuickElement("content", item["content_html"], {"type": "html"})
        self.add_photo(handler, item["photo"])


class Rss(WithPhotos, Rss201rev2Feed):
    """An RSS feed; the whole text is content:encoded (http://purl.org/rss/1.0/modules/content/)."""

    content_type = "application/rss+xml; charset=utf-8"

    def rss_attributes(self):
        content = {"xmlns:content": "http://purl.org/rss/1.0/modules/content/", "xmlns:media": MEDIA}
        return {**super().rss_attributes(), **content}

    def add_root_elements(self, handler):
        super().add_root_elements(handler)
        self.add_mirrors(handler, "atom:link")

    def add_item_elements(self, handler, item):
        super().add_item_elements(handler, {**item, "description": escape(item["description"])})
        if item["content_html"]:
            handler.addQuickElement("content:encoded", item["content_html"])
        self.add_photo(handler, item["photo"])


class Json(Lasting):
    """A JSON feed (https://www.jsonfeed.org/version/1.1/); what it has no word for stands under "_newsroom"."""

    content_type = "application/feed+json; charset=utf-8"

    def write(self, outfile, encoding):
        feed = self.feed
        written = {
            "version": "https://jsonfeed.org/version/1.1", "title": feed["title"], "home_page_url": feed["link"],
            "feed_url": feed["feed_url"], "description": feed["description"], "language": feed["language"],
            "_newsroom": {"id": feed["id"], "mirrors": feed["mirrors"]},
            "items": [self._item(item) for item in self.items],
        }  # fmt: skip
        told = {name: value for name, value in written.items() if value or name == "items"}
        outfile.write(json.dumps(told, ensure_ascii=False))

    @staticmethod
    def _item(item):
        photo, text = item["photo"], {"content_text": item["description"]}
        written = {
            "id": item["unique_id"], "url": item["link"], "title": item["title"], "summary": item["description"],
            "date_published": item["pubdate"].isoformat(), "date_modified": item["updateddate"].isoformat(),
            "authors": [{"name": item["author_name"]}] if item["author_name"] else [],
            "tags": item["categories"],
            **({"content_html": item["content_html"]} if item["content_html"] else text),
        }  # fmt: skip
        if photo is not None:
            about = {"caption": photo.caption, "credit": photo.credit}
            written |= {
                "image": photo.url,
                "_newsroom": {"image": {name: text for name, text in about.items() if text}},
            }
        return {name: value for name, value in written.items() if value or name.startswith("content_")}


BY_FORMAT = {"xml": Atom, "rss": Rss, "json": Json}

"""What an export holds, whatever system wrote it. Readers fill these; articles.moving.bringing takes them in."""

from collections import Counter
from dataclasses import dataclass, field


class Unreadable(Exception):
    """The export cannot be read; the text says why."""


@dataclass
class Author:
    """Somebody who signed. `key` is what stories call her; addresses of mailboxes are never read."""

    key: str
    name: str
    bio_html: str = ""


@dataclass
class Term:
    """A category, tag or topic: `kind` is "section" or "topic"."""

    kind: str
    slug: str
    name: str
    description: str = ""


@dataclass
class Picture:
    """A picture: where it stood, the names under which its file may lie in a folder, the key of its own story."""

    key: str
    url: str
    names: tuple = ()
    caption: str = ""
    alt: str = ""
    credit: str = ""
    parent: str = ""


@dataclass
class Story:
    """A story or page. `sections` and `topics` are slugs, `authors` and `lead` keys, `addresses` where it stood."""

    key: str
    kind: str = "story"
    headline: str = ""
    standfirst: str = ""
    body_html: str = ""
    slug: str = ""
    published_at: object = None
    is_public: bool = True
    why_not: str = ""
    authors: list = field(default_factory=list)
    sections: list = field(default_factory=list)
    topics: list = field(default_factory=list)
    lead: str = ""
    lead_caption: str = ""
    addresses: list = field(default_factory=list)
    comments: int = 0


@dataclass
class Export:
    """A whole export. `left_out` counts, by kind, what has no place here, so that nothing is dropped in silence."""

    system: str
    origin: str = ""
    title: str = ""
    authors: dict = field(default_factory=dict)
    terms: dict = field(default_factory=dict)
    pictures: dict = field(default_factory=dict)
    stories: list = field(default_factory=list)
    left_out: Counter = field(default_factory=Counter)

    def counts(self):
        """Return {kind: number} of everything that was read."""
        kinds = Counter(story.kind for story in self.stories)
        return {
            "stories": kinds["story"], "pages": kinds["page"], "authors": len(self.authors),
            "sections": sum(term.kind == "section" for term in self.terms.values()),
            "topics": sum(term.kind == "topic" for term in self.terms.values()),
            "pictures": len(self.pictures), "comments": sum(story.comments for story in self.stories),
        }  # fmt: skip

"""What articles bring into the open form of all content, and which names stay out of its open part."""

from articles import names
from newsroom.openform.kinds import Kind
from newsroom.sealing import Erased

PEOPLE, TEXTS = "people", "people_texts"
# What a person who is not shown keeps in the sealed part, and in its open part instead.
OF_PEOPLE = {"name": "", "title": "", "bio_html": "", "portrait": None}
OF_TEXTS = {"name": "", "title": "", "bio_html": ""}


def is_live(row):
    """Tell whether readers have this text: a published story, page or front."""
    return row.state == "published"


def stands(row):
    """Tell whether readers have this correction or entry."""
    return row.taken_back_at is None


def is_there(row):
    """Tell that readers have whatever such a row says."""
    return True


def _renditions(photo):
    return [entry.get("name") for entry in photo.renditions]


KINDS = (
    Kind("sections", "articles.section", is_public=is_there),
    Kind("topics", "articles.topic", is_public=is_there),
    Kind(PEOPLE, "articles.person", is_public=is_there),
    Kind(TEXTS, "articles.persontext", is_public=is_there),
    Kind("identities", "articles.personidentity", secret=True),
    Kind("withdrawals", "articles.namewithdrawal", leaves=("key_id", "sealed")),
    Kind("photos", "articles.photo", more_files=_renditions),
    Kind("photos_texts", "articles.phototext"),
    Kind("photos_crops", "articles.photocrop"),
    Kind("stories", "articles.article", is_public=is_live),
    Kind("stories_topics", "articles.topiconarticle"),
    Kind("stories_bylines", "articles.byline"),
    Kind("stories_related", "articles.relatedarticle"),
    Kind("stories_photos", "articles.photouse"),
    Kind("corrections", "articles.correction", is_public=stands),
    Kind("live_entries", "articles.liveentry", is_public=stands),
    Kind("pages", "articles.page", is_public=is_live),
    Kind("fronts", "articles.front", is_public=is_live),
    Kind("fronts_places", "articles.place"),
    Kind("notices", "articles.notice", is_public=is_there),
    Kind("redirects", "articles.redirect"),
    Kind("brought", "articles.brought"),
)


class Guard:
    """Keeps names that readers do not see out of the open part: called with a kind, a row and its line.

    What readers have anyway is left as it is. Everything else that names somebody protected (a draft, an earlier
    version, an unused photo) has the text in question in the sealed part.
    """

    def __init__(self):
        self.names = protected_names()
        self.starts = {names.start_of(name) for name in self.names} - {""}

    def __call__(self, kind, row, line):
        if kind.name == PEOPLE:
            return {} if row.is_shown else OF_PEOPLE | {"slug": f"person-{row.pk}"}
        if kind.name == TEXTS:
            return {} if row.person.is_shown else OF_TEXTS
        if kind.is_public(row):
            return {}
        return {field.name: type(line[field.name])() for field in kind.texts if self._names_somebody(line[field.name])}

    def _names_somebody(self, value):
        if isinstance(value, dict):
            value = list(value.values())
        if isinstance(value, list):
            return any(self._names_somebody(one) for one in value)
        if not isinstance(value, str) or not value:
            return False
        folded = value.lower().replace("ё", "е")
        return any(start in folded for start in self.starts) and names.mentions(value, self.names)


def protected_names():
    """Return every name that readers do not see: withheld, behind a pseudonym or the desk, taken back."""
    from articles.models import NameWithdrawal, Person, PersonIdentity

    found = set(PersonIdentity.objects.values_list("real_name", flat=True))
    for person in Person.objects.exclude(name_state__in=Person.SHOWN).prefetch_related("texts"):
        found.update(person.every_name())
    for withdrawal in NameWithdrawal.objects.filter(undone_at=None):
        try:
            found.update(withdrawal.names())
        except Erased:
            continue
    return tuple(sorted(found))

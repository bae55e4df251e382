"""What the desk says of the photos and stories to which a text refers; an id is a public one or a row's own number."""

from articles.models import Article, Photo


def photos(ids):
    """Return {id: {"title", "note", "thumb"}} of photos: caption, credit and a small picture."""
    return {
        key: {"title": photo.caption or photo.public_id, "note": photo.credit, "thumb": photo.url(400, crop="3:2")}
        for key, photo in _found(Photo.objects.all(), ids)
    }


def stories(ids):
    """Return {id: {"title"}} of stories."""
    found = Article.objects.only("public_id", "headline")
    return {key: {"title": story.headline or story.public_id} for key, story in _found(found, ids)}


def counted_stories(keys):
    """Return those public ids among `keys` whose stories readers can see."""
    return set(Article.objects.published().filter(public_id__in=keys).values_list("public_id", flat=True))


def _found(rows, ids):
    numbers = [key for key in ids if isinstance(key, int)]
    texts = [key for key in ids if isinstance(key, str)]
    if numbers:
        yield from rows.in_bulk(numbers).items()
    if texts:
        yield from rows.in_bulk(texts, field_name="public_id").items()

"""What stories can be about, for apps that know no story: sections and topics by a key."""

from articles.models import Section, Topic


def choices():
    """Return [(key, name)] of all sections and topics."""
    sections = Section.objects.select_related("edition").order_by("edition", "pk")
    return [(f"section:{section.pk}", f"{section} ({section.edition})") for section in sections] + [
        (f"topic:{topic.pk}", str(topic)) for topic in Topic.objects.order_by("name")
    ]


def of(article):
    """Return the keys of a story's section and topics."""
    keys = {f"section:{article.section_id}"}
    return keys | {f"topic:{item.tag_id}" for item in article.topic_items.all()}

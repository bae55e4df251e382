"""Template tags of newsletters."""

from django import template

from newsletters import boxes

register = template.Library()


@register.simple_tag(takes_context=True)
def newsletter_box(context):
    """Return the signup box of the edition."""
    return boxes.newsletter_box(context)

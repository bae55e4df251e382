"""Template tags of newsletters."""

from django import template
from django.utils.formats import date_format
from django.utils.html import format_html

from newsletters import boxes

register = template.Library()


@register.simple_tag(takes_context=True)
def newsletter_box(context):
    """Return the signup box of the edition."""
    return boxes.newsletter_box(context)


@register.simple_tag
def issue_day(issue):
    """Return the day on which an issue went out, in the time of its edition."""
    local = issue.started_at.astimezone(issue.newsletter.edition.zone)
    return format_html('<time datetime="{}">{}</time>', local.date().isoformat(), date_format(local, "DATE_FORMAT"))

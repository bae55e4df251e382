"""The message to readers, placed by page templates."""

from django import template

from donations import asking

register = template.Library()


@register.simple_tag(takes_context=True)
def support_strip(context):
    """Return the line that asks in the strip, or None."""
    return asking.strip(context.flatten())


@register.simple_tag(takes_context=True)
def support_message(context, article=None):
    """Return the message to readers; nothing in a story whose asks are off."""
    with context.push(article=article):
        return asking.box(context.flatten())

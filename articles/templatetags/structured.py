"""Structured data in the head of a page."""

import json

from django import template
from django.utils.html import format_html
from django.utils.safestring import mark_safe

from articles.structured import news_article

register = template.Library()
# Nothing in the data can end the element or begin another (WHATWG HTML, 4.12.1.3).
ESCAPES = {ord("<"): "\\u003C", ord(">"): "\\u003E", ord("&"): "\\u0026"}


def json_ld(data):
    """Return data as a <script> that runs nothing."""
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":")).translate(ESCAPES)
    return format_html('<script type="application/ld+json">{}</script>', mark_safe(text))  # noqa: S308 - escaped above


@register.simple_tag(takes_context=True)
def structured_story(context, article):
    """Return the story, its corrections and the way to it for search engines."""
    live = context.get("live")
    return json_ld(
        news_article(
            article, corrections=context["corrections"], topics=context["topics"],
            entries=live["entries"] if live else (),
        )
    )  # fmt: skip

"""Build the mails of the site: text first, HTML beside it, no pixel, no foreign host, no tracking."""

import functools

import css_inline
from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string
from django.utils import translation


@functools.cache
def inliner():
    """Return the inliner that moves a mail's own styles into its tags; it never fetches anything."""
    return css_inline.CSSInliner(load_remote_stylesheets=False, keep_style_tags=True, keep_at_rules=True)


def build(template, *, edition, to, context, headers=None, sender=None):
    """Return an unsent mail made of `emails/<template>.subject.txt`, `.txt` and, when there is one, `.html`.

    The words are in the edition's language; links in the templates start with `home_origin`. `to` is one address.
    """
    context = {"edition": edition, "home_origin": settings.HOME_ORIGIN, **context}
    with translation.override(edition.language):
        subject = " ".join(render_to_string(f"emails/{template}.subject.txt", context).split())
        text = render_to_string(f"emails/{template}.txt", context).strip() + "\n"
        html = render_to_string(f"emails/{template}.html", context)
    sender = sender or f'"{edition.title}" <{settings.DEFAULT_FROM_EMAIL}>'
    message = EmailMultiAlternatives(
        subject, text, sender, [to], headers={"Auto-Submitted": "auto-generated", **(headers or {})}
    )
    message.attach_alternative(inliner().inline(html), "text/html")
    return message

"""Template tags that every app uses."""

from django import template
from django.conf import settings
from django.template.loader import render_to_string
from django.utils.html import conditional_escape, format_html, json_script
from django.utils.safestring import SafeString, mark_safe

from newsroom import editions, words
from newsroom.fragments import fragments

register = template.Library()
LOCALES = {"en": "en_GB", "ru": "ru_RU", "uk": "uk_UA", "be": "be_BY", "fa": "fa_IR", "ar": "ar_AR"}


@register.simple_tag(takes_context=True)
def edition_url(context, viewname, *args, **kwargs):
    """Return the path of a reader page in the edition of the context."""
    return editions.edition_url(context["edition"], viewname, *args, **kwargs)


@register.filter
def og_locale(language):
    """Return a language as Open Graph wants it, with a place: "ru_RU"."""
    return LOCALES.get(language, language.replace("-", "_"))


@register.simple_tag(takes_context=True)
def text_direction(context):
    """Return the `dir` attribute of a page whose language is written from right to left; nothing for the others."""
    return SafeString(' dir="rtl"') if is_right_to_left(context["edition"].language) else ""


def is_right_to_left(language):
    """Tell whether a language is written from right to left."""
    return language.partition("-")[0] in {"ar", "ckb", "dv", "fa", "he", "ku", "ps", "sd", "ug", "ur", "yi"}


@register.simple_tag(takes_context=True)
def text_url(context, path):
    """Return the address of a page's text edition: `/ru/text/…` for `/ru/…`; of the front for a page without one."""
    from newsroom import text_edition

    return text_edition.text_url(path, context["edition"])


@register.simple_tag(takes_context=True)
def this_in_text(context):
    """Return this page in the text edition; the front where nothing stands, whose address may say too much."""
    edition, address = context["edition"], context.get("canonical_url") or ""
    if getattr(context.get("request"), "is_empty_place", False):
        address = edition.prefix
    return text_url(context, address.removeprefix(settings.HOME_ORIGIN))


# Where the footer, which all pages share, holds the address of the page's own text edition.
TEXT_ADDRESS = "@text-edition@"


@register.simple_tag(takes_context=True)
def header(context):
    """Return the head of a page: the same for all pages of an edition on which the same section is marked."""
    listed = {item["url"] for item in context["navigation"]}
    path = getattr(context.get("request"), "path", "")
    marked = [place if place in listed else "" for place in (path, context.get("section_url", ""))]
    return _shared("includes/header.html", context, marked, section_url=context.get("section_url", ""))


@register.simple_tag(takes_context=True)
def footer(context):
    """Return the foot of a page: the same for all pages of an edition but for the link to the text edition."""
    shared = _shared("includes/footer.html", context, [], text_address=TEXT_ADDRESS)
    return SafeString(shared.replace(TEXT_ADDRESS, conditional_escape(this_in_text(context))))


def _shared(template, context, depends_on, **more):
    edition, request = context["edition"], context.get("request")
    names = ("edition", "editions", "navigation", "mirrors_named", "away")

    def make():
        return render_to_string(template, {**{name: context.get(name) for name in names}, "request": request, **more})

    if edition.pk is None or request is None:
        return make()
    return fragments.get((template, edition.pk, context.get("away"), *depends_on), ("mirrors",), make)


@register.simple_tag(takes_context=True)
def box(context, name):
    """Return the box that an app registered under `name`, or nothing; a private link shows none."""
    from newsroom import registry

    if getattr(context.get("request"), "is_private", False):
        return ""
    build = registry.boxes.get(name)
    return build(context) if build else ""


@register.simple_tag(takes_context=True)
def form_media(context, media):
    """Return a form's scripts and styles with the nonce that the policy wants for its import map."""
    nonce = str(context["request"].csp_nonce)
    with_nonce = getattr(media, "with_nonce", None)
    return mark_safe(with_nonce(nonce).render() if with_nonce else media.render())  # noqa: S308 - made of file names


@register.simple_tag(takes_context=True)
def desk_words(context):
    """Return what the desk's scripts say in the language of the page, as a block of data; nothing for English."""
    translated = words.translated()
    if not translated:
        return ""
    rest = json_script(translated, "desk-words").removeprefix("<script")
    return format_html('<script nonce="{}"{}', str(context["request"].csp_nonce), SafeString(rest))

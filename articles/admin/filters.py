"""What the list of stories can be filtered by: section, person, language."""

from django.contrib import admin
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from articles.models import Article, Byline, Person, Section
from desk import search
from newsroom.editions import all_editions


def number_in(value):
    """Return the number in a parameter, or None."""
    return int(value) if value and value.isascii() and value.isdigit() and len(value) < 10 else None


class SectionFilter(admin.SimpleListFilter):
    """Stories of a section: as readers see them, or where an unpublished one will stand."""

    title = _("section")
    parameter_name = "section"

    def lookups(self, request, model_admin):
        many = len(all_editions()) > 1
        sections = Section.objects.select_related("edition")
        return [
            (str(section.pk), f"{section.name} ({section.edition.language})" if many else section.name)
            for section in sections
        ]

    def queryset(self, request, queryset):
        section = number_in(self.value())
        if section is None:
            return queryset
        drafted = search.find(Article, section=section)
        return queryset.filter(Q(section=section) | Q(state=Article.State.DRAFT, pk__in=drafted))


class PersonFilter(admin.SimpleListFilter):
    """Stories that somebody signs, in the live text or in the draft."""

    title = _("person")
    parameter_name = "person"

    def lookups(self, request, model_admin):
        return [(str(pk), name) for pk, name in Person.objects.values_list("pk", "name")]

    def queryset(self, request, queryset):
        person = number_in(self.value())
        if person is None:
            return queryset
        signed = Byline.objects.filter(person=person).values("article_id")
        return queryset.filter(Q(pk__in=signed) | Q(pk__in=search.find(Article, person=person)))


class LanguageFilter(admin.SimpleListFilter):
    """Stories of the editions in a language."""

    title = _("language")
    parameter_name = "language"

    def lookups(self, request, model_admin):
        languages = {edition.language: edition.get_language_display() for edition in all_editions()}
        return list(languages.items()) if len(languages) > 1 else []

    def queryset(self, request, queryset):
        known = {edition.language for edition in all_editions()}
        return queryset.filter(edition__language=self.value()) if self.value() in known else queryset

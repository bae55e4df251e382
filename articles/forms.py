"""What readers type into the pages of stories."""

import datetime

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from articles.models import Person, Section, Topic
from newsroom.forms import TidyCharField

FIRST_YEAR, LAST_YEAR = 1900, 2200


class DayField(forms.DateField):
    """A day as browsers send it, in a year that a calendar can reckon with."""

    widget = forms.DateInput(attrs={"type": "date", "class": "input"}, format="%Y-%m-%d")

    def __init__(self, **kwargs):
        super().__init__(
            input_formats=["%Y-%m-%d"], required=False,
            error_messages={"invalid": _("Please write the day as 2026-11-25.")}, **kwargs,
        )  # fmt: skip

    def to_python(self, value):
        day = super().to_python(value)
        if day and not FIRST_YEAR <= day.year <= LAST_YEAR:
            raise ValidationError(self.error_messages["invalid"], code="invalid")
        return day


class SearchForm(forms.Form):
    """The words to look for, and where: section, topic, person, days."""

    q = TidyCharField(
        max_length=160, required=False, label=_("Words to look for"),
        error_messages={"max_length": _("Please use fewer words: at most 160 characters.")},
    )  # fmt: skip
    section = TidyCharField(max_length=60, required=False, label=_("Section"), widget=forms.Select)
    topic = TidyCharField(max_length=100, required=False, label=_("Topic"))
    person = TidyCharField(max_length=80, required=False, label=_("Person"))
    since = DayField(label=_("From"))
    until = DayField(label=_("To"))

    def __init__(self, data, *, edition):
        super().__init__(data)
        self.edition = edition
        self.sections = {section.slug: section for section in Section.of(edition)}
        self.fields["section"].widget.choices = [
            ("", _("All sections")), *((slug, section.name) for slug, section in self.sections.items()),
        ]  # fmt: skip
        self.fields["section"].widget.attrs = {"class": "input"}  # a choice has no longest length

    def clean_section(self):
        """Return the section, or None."""
        slug = self.cleaned_data["section"]
        if slug and slug not in self.sections:
            raise ValidationError(_("There is no such section."))
        return self.sections.get(slug)

    def clean_topic(self):
        """Return the topic, or None."""
        return self._one(Topic.objects.all(), "topic", _("There is no such topic."))

    def clean_person(self):
        """Return somebody who may be named, or None."""
        people = Person.objects.filter(name_state__in=Person.SHOWN).prefetch_related("texts")
        return self._one(people, "person", _("There is nobody of that name."))

    def _one(self, rows, name, missing):
        slug = self.cleaned_data[name]
        found = rows.filter(slug=slug).first() if slug else None
        if slug and found is None:
            raise ValidationError(missing)
        return found

    def clean(self):
        """Refuse days that are in the wrong order."""
        since, until = self.cleaned_data.get("since"), self.cleaned_data.get("until")
        if since and until and until < since:
            self.add_error("until", _("This day lies before the first one."))
        return self.cleaned_data

    @property
    def where(self):
        """The filters that are set: {name: value}."""
        names = ("section", "topic", "person", "since", "until")
        return {name: self.cleaned_data[name] for name in names if self.cleaned_data.get(name)}

    def narrow(self, articles):
        """Return those of the articles that the filters let through."""
        conditions = {
            "section": lambda section: {"section": section},
            "topic": lambda topic: {"pk__in": topic.items.values("content_object_id")},
            "person": lambda person: {"pk__in": person.bylines.values("article_id")},
            "since": lambda day: {"published_at__gte": self._midnight(day)},
            "until": lambda day: {"published_at__lt": self._midnight(day + datetime.timedelta(days=1))},
        }
        for name, value in self.where.items():
            articles = articles.filter(**conditions[name](value))
        return articles

    def _midnight(self, day):
        return datetime.datetime.combine(day, datetime.time.min, self.edition.zone)

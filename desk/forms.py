"""Forms made of content documents, and what Django lacks: ordered rows, moments in the newsroom's zone."""

import datetime
import math

from django import forms
from django.core.exceptions import ValidationError
from django.utils.choices import CallableChoiceIterator
from django.utils.translation import gettext_lazy as _

from desk import blocks
from desk import content as kinds
from newsroom.forms import TidyCharField
from newsroom.prose import ProseField

EARLIEST = datetime.datetime(2000, 1, 1, tzinfo=datetime.UTC)
LATEST = datetime.datetime(2200, 1, 1, tzinfo=datetime.UTC)
NEVER = -1


def read_version(text):
    """Return the version that a form names; anything else than a number is one that never stood."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else NEVER


def _any_value(value):
    return True


class MomentField(forms.DateTimeField):
    """A moment, typed and shown in the active time zone."""

    def __init__(self, **kwargs):
        widget = forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M")
        super().__init__(**{"widget": widget, "required": False, **kwargs})

    def clean(self, value):
        """Return an aware datetime or None; raise ValidationError when it is none or lies in another century."""
        moment = super().clean(value)
        if moment is not None and not EARLIEST <= moment <= LATEST:
            raise ValidationError(_("Choose a moment in this century."), code="range")
        return moment


class TopicsField(TidyCharField):
    """Short texts with commas between them, as a list."""

    def __init__(self, *, max_items, each, **kwargs):
        self.max_items, self.each = max_items, each
        super().__init__(max_length=max_items * (each + 2), **kwargs)

    def prepare_value(self, value):
        return ", ".join(value) if isinstance(value, list) else value

    def clean(self, value):
        """Return the list without repetitions; raise ValidationError when one is too long or there are too many."""
        words = [" ".join(word.split()) for word in super().clean(value).replace("\n", ",").split(",")]
        words = list({word.casefold(): word for word in reversed(words) if word}.values())[::-1]
        if len(words) > self.max_items:
            raise ValidationError(_("At most %(limit)d."), params={"limit": self.max_items}, code="max_length")
        if any(len(word) > self.each for word in words):
            raise ValidationError(
                _("At most %(limit)d characters each."), params={"limit": self.each}, code="max_length"
            )
        return words

    def has_changed(self, initial, data):
        return self.prepare_value(initial) != data


class RowsWidget(forms.Widget):
    """Ordered rows of a few inputs: moved, added and removed by buttons, or by numbers and boxes without script."""

    template_name = "admin/desk/rows.html"
    spare = 2

    def __init__(self, columns, *, add_label=None, attrs=None):
        super().__init__(attrs)
        self.columns = columns
        self.add_label = add_label or _("Add a row")

    def value_from_datadict(self, data, files, name):
        """Return the typed rows in their order, or None when this part of the form did not arrive."""
        total = data.get(f"{name}-rows", "")
        if not (total.isascii() and total.isdigit()) or len(total) > 3:
            return None
        rows = []
        for number in range(int(total)):
            if f"{name}-{number}-remove" in data:
                continue
            row = {
                column: field.widget.value_from_datadict(data, files, f"{name}-{number}-{column}")
                for column, field in self.columns.items()
            }
            rows.append((self._place(data.get(f"{name}-{number}-place"), number), number, row))
        return [row for _place, _number, row in sorted(rows, key=lambda entry: entry[:2])]

    def value_omitted_from_data(self, data, files, name):
        return f"{name}-rows" not in data

    def get_context(self, name, value, attrs):
        rows = [row for row in (value or []) if isinstance(row, dict)]
        filled = len(rows)
        rows = rows + [{}] * self.spare
        context = super().get_context(name, None, attrs)
        context["widget"] |= {
            "rows": [self._row(name, number, row, is_spare=number >= filled) for number, row in enumerate(rows)],
            "template": self._row(name, "__n__", {}, is_spare=True),
            "total": len(rows),
            "add_label": self.add_label,
        }
        return context

    @property
    def media(self):
        return sum((field.widget.media for field in self.columns.values()), forms.Media())

    def _row(self, name, number, row, *, is_spare):
        place = number + 1 if isinstance(number, int) else ""
        return {"name": f"{name}-{number}", "place": place, "is_spare": is_spare, "cells": [
            {"label": field.label, "name": column, "html": field.widget.render(
                f"{name}-{number}-{column}", field.prepare_value(row.get(column, field.initial)),
                {"id": f"id_{name}-{number}-{column}", "aria-label": f"{field.label} {place}".strip()},
            )} for column, field in self.columns.items()
        ]}  # fmt: skip

    @staticmethod
    def _place(text, number):
        try:
            place = float(text)
        except (TypeError, ValueError):
            return number + 1
        return number + 1 if math.isnan(place) else min(max(place, -1e6), 1e6)


class RowsField(forms.Field):
    """A list of small documents, each with the same `columns` (name → form field)."""

    def __init__(self, columns, *, max_items=50, add_label=None, widget=None, **kwargs):
        self.columns = columns
        self.max_items = max_items
        super().__init__(**{"required": False, "widget": widget or RowsWidget(columns, add_label=add_label), **kwargs})

    def __deepcopy__(self, memo):
        copy = super().__deepcopy__(memo)
        copy.columns = {name: field.__deepcopy__(memo) for name, field in self.columns.items()}
        copy.widget.columns = copy.columns
        return copy

    def clean(self, value):
        """Return a list of dicts; raise ValidationError naming the row that is wrong. Blank rows are passed over."""
        if value is None:
            raise ValidationError(_("This part of the form did not arrive; nothing was changed."), code="missing")
        rows = [row for row in value if not self._is_blank(row)]
        if len(rows) > self.max_items:
            raise ValidationError(_("At most %(limit)d."), params={"limit": self.max_items}, code="max_length")
        cleaned, errors = [], []
        for number, row in enumerate(rows, start=1):
            cleaned.append(self._clean_row(row, number, errors))
        if errors:
            raise ValidationError(errors)
        return cleaned

    def has_changed(self, initial, data):
        return True

    def _is_blank(self, row):
        return all(row.get(name) in {None, "", field.initial, False} for name, field in self.columns.items())

    def _clean_row(self, row, number, errors):
        cleaned = {}
        for name, field in self.columns.items():
            try:
                cleaned[name] = field.clean(row.get(name))
            except ValidationError as error:
                message = " ".join(error.messages)
                place = _("Row %(number)d, %(label)s: %(message)s")
                errors.append(
                    ValidationError(place, params={"number": number, "label": field.label, "message": message})
                )
        return cleaned


def write_in(field, language):
    """Tell a rich text, or those in rows, which language it is in."""
    for each in (field, *getattr(field, "columns", {}).values()):
        if isinstance(each, ProseField):
            each.write_in(language)


class DocumentForm(forms.Form):
    """The form of a content document (desk.content.Document): one field per field of the document.

    Fields that a subclass does not declare are made from the document's kinds. A subclass may

    - declare fields of its own under the document's names, such as a choice for an id;
    - set `main` (fields beside the text, in order) and `panels` ((title, (field, …)), … for the side column);
    - override `initial_of(content)` and `value_of(name)` where field and content differ in shape;
    - override `gather(by=, at=)` for slow work before the saving transaction, such as taking in a photo;
    - override `prepare(by=, at=)` to make rows that the content refers to, inside the saving transaction;
    - override `describe(name, value)` for a value in words, and `as_blocks(name, value)` where comparing takes more
      than words, such as a photo.

    What only rendering needs is not loaded when `is_typing`, and choices that come from the database are a function, so
    that keeping what somebody types asks for none of them (see `narrow`).

    `thing` is the row (None while it is being made), `user` who edits, `edition` where it stands, if it has one.
    """

    document = None
    main = ()
    panels = ()

    version = forms.CharField(required=False, widget=forms.HiddenInput, max_length=20)

    def __init__(
        self, data=None, files=None, *, content, version=0, thing=None, user=None, edition=None, is_typing=False
    ):
        self.is_typing = is_typing
        self.base, self.thing, self.user, self.edition = content, thing, user, edition
        super().__init__(data, files, initial={**self.initial_of(content), "version": version})
        for name, kind in self.document.fields.items():
            if name not in self.fields:
                self.fields[name] = self.field_for(name, kind)
        for field in self.fields.values():
            field.required = False
            if edition is not None:
                write_in(field, edition.language)

    def narrow(self, names):
        """Leave only these fields of the document, and take from them what is not complete yet.

        For text that is kept while it is being typed: rows may be half filled, and whether the row behind an id is
        still there is a matter of the checklist.
        """
        self.fields = {name: self.fields[name] for name in self.document.fields if name in names}
        for field in self.fields.values():
            for part in (field, *getattr(field, "columns", {}).values()):
                part.required = False
                if isinstance(part, forms.ChoiceField) and isinstance(part.choices, CallableChoiceIterator):
                    part.valid_value = _any_value

    @classmethod
    def of(cls, document, **attributes):
        """Return a form class for `document` without writing one."""
        return type(f"{type(document).__name__}Form", (cls,), {"document": document, **attributes})

    def field_for(self, name, kind):
        """Return the form field for a kind of the document; raise TypeError for one that needs to be declared."""
        label = name.removesuffix("_html").replace("_", " ").capitalize()
        if isinstance(kind, kinds.Body):
            return ProseField(label=label, max_length=kind.max_length)
        if isinstance(kind, kinds.Text | kinds.Slug):
            rows = forms.Textarea(attrs={"rows": 4}) if getattr(kind, "lines", False) else forms.TextInput()
            return TidyCharField(label=label, max_length=kind.max_length, widget=rows)
        if isinstance(kind, kinds.Choice):
            return forms.ChoiceField(label=label, choices=[(value, value) for value in kind.allowed])
        if isinstance(kind, kinds.Flag):
            return forms.BooleanField(label=label)
        if isinstance(kind, kinds.Id | kinds.Number):
            return forms.IntegerField(label=label, max_value=2**62)
        if isinstance(kind, kinds.Rows) and isinstance(kind.item, kinds.Text):
            return TopicsField(label=label, max_items=kind.max_items, each=kind.item.max_length)
        raise TypeError(f"{type(self).__name__} must declare the field {name}.")

    def initial_of(self, content):
        """Return the initial values of the fields."""
        return content

    def content(self):
        """Return the content document as it was typed; what the form does not show stays as it is in the draft."""
        return {
            **self.base,
            **{name: self.value_of(name) for name in self.document.fields if name in self.cleaned_data},
        }

    def value_of(self, name):
        """Return the cleaned value of a field as the document keeps it."""
        return self.cleaned_data[name]

    def gather(self, *, by, at):
        """Do what takes long before the transaction that saves; runs only while the version still stands."""

    def prepare(self, *, by, at):
        """Make the rows that the content will refer to; runs inside the transaction that saves."""

    def describe(self, name, value):
        """Return a value of the content in words."""
        if isinstance(value, bool):
            return _("yes") if value else _("no")
        if isinstance(value, list):
            return ", ".join(str(item) for item in value)
        return "" if value is None else str(value)

    def as_blocks(self, name, value):
        """Return a value of the content as desk.blocks.Block, for comparing and reading."""
        kind = self.document.fields[name]
        if isinstance(kind, kinds.Body):
            return blocks.of_html(value)
        if isinstance(kind, kinds.Rows):
            return [blocks.Block(text=self.describe(name, [row])) for row in value or []]
        return blocks.of_text(self.describe(name, value))

    def label_of(self, name):
        """Return the label of a field of the document."""
        return self.fields[name].label if name in self.fields else name

    def clean_version(self):
        """Return the version the person started from; anything else than a number is one that never stood."""
        return read_version(self.cleaned_data["version"])

    @property
    def main_fields(self):
        """The fields beside the text, in order."""
        return [self[name] for name in (self.main or self._unplaced())]

    @property
    def side_panels(self):
        """The panels of the side column: (title, fields)."""
        return [(title, [self[name] for name in names]) for title, names in self.panels]

    def _unplaced(self):
        placed = {"version"} | {name for _title, names in self.panels for name in names}
        return [name for name in self.fields if name not in placed]


class MoveForm(forms.Form):
    """What the buttons need besides the content: a note, a time, the kind of change."""

    note = TidyCharField(label=_("Note"), max_length=500, required=False, widget=forms.Textarea(attrs={"rows": 2}))
    history_note = TidyCharField(
        label=_("Note for the history"), max_length=500, required=False,
        help_text=_("What changed and why; for colleagues, with whatever you press next."),
    )  # fmt: skip
    explanation = TidyCharField(
        label=_("Explanation for readers"), max_length=500, required=False, widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("Stands at the address of the story from now on."),
    )  # fmt: skip
    when = MomentField(label=_("Publish at"))
    change = forms.ChoiceField(
        label=_("What changed?"), required=False, widget=forms.RadioSelect,
        choices=[("typo", _("A typo: readers need no notice")), ("facts", _("New facts: show the time of the update"))],
    )  # fmt: skip
    lift_embargo = forms.BooleanField(label=_("Lift the embargo"), required=False)

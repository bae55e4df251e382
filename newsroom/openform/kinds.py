"""Kinds of rows in the open form: which fields of a model are in it, how a value is written, and how it is read."""

import datetime
import re
from dataclasses import dataclass
from functools import cached_property

from django.apps import apps
from django.conf import settings
from django.contrib.auth import get_user_model
from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import ValidationError
from django.core.files.storage import storages
from django.db import models

from newsroom import html
from newsroom.storage import SAFE_SUFFIXES

FILE_NAME = re.compile(r"[a-z0-9_-]+(?:/[A-Za-z0-9_-]+){1,4}(\.[a-z0-9]{1,5})")
# The largest text that any field holds; a longer line of the form is no line of ours.
LONGEST_LINE = 32_000_000
PUBLIC, PRIVATE = "media", "private"


class Unreadable(Exception):
    """The folder does not hold a whole form of ours; the message says what is wrong and where."""


@dataclass(frozen=True)
class Kind:
    """The rows of one model. `leaves` are fields that stay out, `is_public(row)` tells whether readers see a row now.

    Rows of a kind that is `secret` stand in the sealed part only. `more_files(row)` names files beyond its own fields.
    """

    name: str
    model_label: str
    leaves: tuple = ()
    secret: bool = False
    is_public: object = staticmethod(lambda row: False)
    more_files: object = staticmethod(lambda row: ())

    @cached_property
    def model(self):
        """The model whose rows these are."""
        return apps.get_model(self.model_label)

    @cached_property
    def fields(self):
        """Every field in the form, in the model's order."""
        return [field for field in self.model._meta.concrete_fields if field.name not in self.leaves]

    @cached_property
    def lists(self):
        """Relations to many that have no kind of their own."""
        return [
            field for field in self.model._meta.many_to_many
            if field.name not in self.leaves and field.remote_field.through._meta.auto_created
        ]  # fmt: skip

    @cached_property
    def people(self):
        """Fields that name a member of the staff."""
        return [field for field in self.fields if _is_account(field)]

    @cached_property
    def texts(self):
        """Fields whose value may hold words."""
        return [
            field for field in self.fields
            if isinstance(field, models.CharField | models.TextField | models.JSONField)
            and not (field.choices or field.unique or field.primary_key)
        ]  # fmt: skip

    def write(self, row, names):
        """Return a row as what JSON holds; `names` are usernames by id, empty when the staff stays out."""
        line = {}
        for field in self.fields:
            value = getattr(row, field.attname)
            if _is_account(field):
                value = names.get(value)
            elif field.related_model is ContentType:
                kind = ContentType.objects.get_for_id(value)
                value = f"{kind.app_label}.{kind.model}"
            line[field.name] = _plain(field, value)
        for field in self.lists:
            line[field.name] = sorted(field.value_from_object(row), key=lambda one: one.pk)
            line[field.name] = [one.pk for one in line[field.name]]
        return line

    def read(self, line, accounts):
        """Return (row, {list: ids}) for a line; `accounts` are ids by username. Raises ValidationError."""
        if not isinstance(line, dict) or set(line) != {field.name for field in [*self.fields, *self.lists]}:
            raise ValidationError("it does not have exactly the fields of its kind")
        row, lists = self.model(), {}
        for field in self.fields:
            try:
                setattr(row, field.attname, _value(field, line[field.name], accounts))
            except (ValidationError, TypeError, ValueError, OverflowError, RecursionError) as error:
                said = error.messages[0] if isinstance(error, ValidationError) else "it is of another type"
                raise ValidationError(f"“{field.name}”: {said}") from error
        for field in self.lists:
            ids = line[field.name]
            if not isinstance(ids, list) or not all(type(one) is int for one in ids):
                raise ValidationError(f"“{field.name}”: it is not a list of numbers")
            lists[field.name] = ids
        try:
            named = list(self.files(row))
        except (AttributeError, TypeError) as error:
            raise ValidationError("it names its files in another shape") from error
        for part, name in named:
            check_file_name(part, name)
        return row, lists

    def files(self, row):
        """Yield (part, name) of every file that belongs to a row: "media" for what readers fetch, "private" else."""
        for field in self.fields:
            if isinstance(field, models.FileField) and (name := getattr(row, field.attname).name):
                yield (PRIVATE if field.storage == storages["private"] else PUBLIC), name
        yield from ((PUBLIC, name) for name in self.more_files(row))


def check_file_name(part, name):
    """Raise ValidationError unless a file of this name may lie in a storage of ours."""
    found = FILE_NAME.fullmatch(name) if isinstance(name, str) and part in (PUBLIC, PRIVATE) else None
    if found is None or (found[1] not in SAFE_SUFFIXES and (part, found[1]) != (PRIVATE, ".bin")):
        raise ValidationError(f"no file of ours is called {str(name)[:80]!r}")


def _is_account(field):
    return field.related_model is not None and field.related_model is get_user_model()


def _plain(field, value):
    if isinstance(value, datetime.datetime):
        return value.astimezone(datetime.UTC).isoformat()
    if isinstance(field, models.FileField):
        return value.name or ""
    if value is None or isinstance(value, str | int | float | bool | list | dict):
        return value
    return str(value) if not isinstance(value, datetime.date) else value.isoformat()


def _value(field, given, accounts):
    """Return what a field stores for what stood in a line."""
    if _is_account(field):
        return accounts.get(given)
    if field.related_model is ContentType:
        return ContentType.objects.get_by_natural_key(*_model_label(given)).pk
    if given is None:
        if not field.null:
            raise ValidationError("it is missing")
        return None
    _check_type(field, given)
    given = _cleaned(field.name, given)
    target = field.target_field if field.is_relation else field
    value = target.to_python(given)
    if isinstance(field, models.FileField):
        return field.attr_class(None, field, value)
    if not field.is_relation:
        _check_value(field, value)
    return value


def _check_value(field, value):
    """Refuse what the field's own form would refuse; an empty text is let in wherever it was stored."""
    if field.choices and value not in dict(field.flatchoices):
        raise ValidationError(f"{str(value)[:80]!r} is none of the choices")
    if value not in field.empty_values:
        field.run_validators(value)


def _check_type(field, given):
    """Refuse what `to_python` would bend: a number for a text, a text for a truth."""
    target = field.target_field if field.is_relation else field
    if isinstance(target, models.BooleanField):
        fits = isinstance(given, bool)
    elif isinstance(target, models.FloatField):
        fits = isinstance(given, int | float) and not isinstance(given, bool) and given == given
    elif isinstance(target, models.IntegerField | models.AutoField):
        fits = type(given) is int and abs(given) < 2**63
    else:
        fits = isinstance(target, models.JSONField) or isinstance(given, str)
    if not fits:
        raise ValidationError("it is of another type")


def _cleaned(name, value):
    """Return a value as our own forms would have let it in: HTML cleaned, no control characters anywhere."""
    if isinstance(value, str):
        return html.clean_body(value) if name.endswith("_html") else _without_unwanted(value)
    if isinstance(value, list):
        return [_cleaned(name, one) for one in value]
    if isinstance(value, dict):
        return {_without_unwanted(key): _cleaned(key, one) for key, one in value.items()}
    return value


def _without_unwanted(text):
    if html.has_unwanted(text):
        raise ValidationError("it holds control characters or half a letter")
    return text


def _model_label(given):
    label = given if isinstance(given, str) else ""
    app, _dot, model = label.partition(".")
    if app not in OWN_APPS or not ContentType.objects.filter(app_label=app, model=model).exists():
        raise ValidationError(f"{label[:80]!r} is no kind of ours")
    return app, model


OWN_APPS = tuple(
    app for app in settings.INSTALLED_APPS if app in {"newsroom", "desk", "articles", "newsletters", "donations"}
)

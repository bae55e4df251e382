"""What the letters keep of readers is written down, and the page is true."""

from io import StringIO
from pathlib import Path

import pytest
from django.apps import apps
from django.core.management import call_command
from django.db import models

from newsletters import datamap

pytestmark = pytest.mark.once
PAGE = Path(__file__).resolve().parent.parent.parent / "docs/letters-data.md"


def test_page_is_made_from_the_tables_as_they_are():
    out = StringIO()
    call_command("lettersdatamap", stdout=out)
    assert PAGE.read_text() == out.getvalue()


def test_every_table_says_whom_it_is_about_and_when_it_goes():
    assert set(datamap.KEPT) == {model.__name__ for model in apps.get_app_config("newsletters").get_models()}


def test_no_table_holds_a_network_address_or_a_plain_address_of_a_reader():
    for model in apps.get_app_config("newsletters").get_models():
        for field in model._meta.concrete_fields:
            assert not isinstance(field, models.GenericIPAddressField), field
            if isinstance(field, models.EmailField):
                assert model.__name__ == "Newsletter", field

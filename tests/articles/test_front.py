"""The front page."""

import pytest

from tests.make import make_edition

pytestmark = pytest.mark.django_db


def test_an_empty_front_page_stands(client):
    make_edition()
    response = client.get("/")
    assert response.status_code == 200
    assert "first stories" in response.text

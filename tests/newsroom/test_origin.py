"""Forms of cached pages are refused only when the browser says that they stood elsewhere."""

import pytest
from django.test import RequestFactory

from newsroom.origin import says_cross_site


@pytest.mark.parametrize(
    ("headers", "refused"),
    [
        ({}, False),
        ({"Sec-Fetch-Site": "same-origin"}, False),
        ({"Sec-Fetch-Site": "none"}, False),
        ({"Sec-Fetch-Site": "cross-site"}, True),
        ({"Sec-Fetch-Site": "same-site"}, True),
        ({"Origin": "http://testserver"}, False),
        ({"Origin": "http://localhost:8000"}, False),
        ({"Origin": "https://evil.example"}, True),
        ({"Origin": "null"}, True),
        ({"Origin": "null", "Sec-Fetch-Site": "same-origin"}, False),
        ({"Origin": "https://testserver.evil.example"}, True),
    ],
)
def test_only_a_positive_word_refuses(settings, headers, refused):
    settings.HOME_ORIGIN = "http://localhost:8000"
    assert says_cross_site(RequestFactory().post("/", headers=headers)) is refused

"""The byline line."""

import pytest
from django.utils.translation import override

from articles.bylines import byline_html, byline_text, names_text

ADA, CAL, EVA = (("reporting", name, f"/people/{name.lower()}/") for name in ("Ada", "Cal", "Eva"))
PHOTO = ("photos", "Gil", "")
HELP = ("additional", "Hal", "")


@pytest.mark.parametrize(
    ("credits", "english", "russian"),
    [
        ([], "", ""),
        ([ADA], "By Ada", "Ada"),
        ([ADA, CAL], "By Ada and Cal", "Ada и Cal"),
        ([ADA, CAL, EVA], "By Ada, Cal and Eva", "Ada, Cal и Eva"),
        ([HELP, ADA], "By Ada. Additional reporting by Hal.", "Ada. В подготовке участвовали: Hal."),
        ([PHOTO], "Photos by Gil", "Фото: Gil"),
    ],
)  # fmt: skip
def test_roles_are_worded_in_each_language(credits, english, russian):
    with override("en"):
        assert byline_text(credits) == english
    with override("ru"):
        assert byline_text(credits) == russian


def test_names_are_linked_and_escaped():
    html = byline_html([("reporting", "A & <B>", "/people/a/"), PHOTO])
    assert html == 'By <a href="/people/a/" rel="author">A &amp; &lt;B&gt;</a> <span>Photos by Gil</span>'


def test_names_with_braces_stay_names():
    assert byline_text([("reporting", "{names} {0}", "")]) == "By {names} {0}"


def test_cards_name_only_reporters():
    assert names_text([PHOTO, ADA, CAL]) == "Ada and Cal"

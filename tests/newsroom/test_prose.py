"""The field of rich texts."""

import pytest

from articles.admin.forms import ArticleForm
from articles.models import Article
from newsroom.prose import MessageField, ProseField
from tests.make import article_content, make_edition

pytestmark = pytest.mark.django_db


def test_a_field_without_a_language_leaves_quotation_marks():
    assert ProseField().clean('<p>"a"</p>') == '<p>"a"</p>'


def test_a_field_sets_the_marks_of_its_language():
    field = MessageField()
    field.write_in("ru")
    assert field.clean('<p>"а"</p>') == "<p>«а»</p>"


@pytest.mark.parametrize(("code", "printed"), [("en", "“a”"), ("ru", "«a»")])
def test_a_story_is_set_in_the_language_of_its_edition(code, printed):
    edition = make_edition(code)
    form = ArticleForm({"body_html": '<p>"a"</p>'}, content=Article.document.clean(article_content()), edition=edition)
    form.is_valid()
    assert form.cleaned_data["body_html"] == f"<p>{printed}</p>"
    assert f'lang="{edition.language}"' in str(form["body_html"])

"""What readers type into the pages of stories."""

from django import forms
from django.utils.translation import gettext_lazy as _

from newsroom.forms import TidyCharField


class SearchForm(forms.Form):
    """The words to look for."""

    q = TidyCharField(
        max_length=160, required=False, label=_("Words to look for"),
        error_messages={"max_length": _("Please use fewer words: at most 160 characters.")},
    )  # fmt: skip

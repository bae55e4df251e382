"""Form pieces for what strangers type: bounded, tidy, and refused at the field with a clear sentence."""

import secrets

from django import forms
from django.core import signing
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from newsroom import html


def check_characters(text):
    """Raise ValidationError when `text` holds control characters or unpaired surrogates.

    U+FFFD stands where a surrogate or a broken byte was: the text arrived damaged.
    """
    if html.has_unwanted(text) or "\ufffd" in text:
        raise ValidationError(_("Some characters here cannot be shown. Please remove them."), code="characters")


class TidyCharField(forms.CharField):
    """A line or block of text of bounded length, in NFC, without characters that cannot be shown."""

    def __init__(self, *, max_length, **kwargs):
        super().__init__(max_length=max_length, **kwargs)

    def to_python(self, value):
        if isinstance(value, str):
            check_characters(value)
        return html.tidy_text(super().to_python(value))


class EmergencyForm(forms.Form):
    """The switch of read-only mode with its reason."""

    switch_to = forms.ChoiceField(choices=[("on", "on"), ("off", "off")])
    reason = TidyCharField(max_length=300, required=False, label=_("Reason, for the staff"))

    def switch(self, *, by, at):
        """Do what the button said."""
        from newsroom.models import Emergency

        if self.cleaned_data["switch_to"] == "on":
            Emergency.begin(by=by, reason=self.cleaned_data["reason"], at=at)
        else:
            Emergency.end(by=by, at=at)


class TidyEmailField(forms.EmailField):
    """An e-mail address of at most 254 characters (RFC 5321, 4.5.3.1.3) without characters that cannot be shown."""

    def __init__(self, **kwargs):
        super().__init__(max_length=254, **kwargs)

    def to_python(self, value):
        if isinstance(value, str):
            check_characters(value)
        return super().to_python(value)


class FormNonce:
    """A signed one-time value for the confirmation page of a reader form: it proves the page was shown, and when."""

    SALT = "newsroom.form"

    @classmethod
    def issue(cls, purpose, *, at):
        """Return a fresh signed nonce for `purpose`."""
        return signing.dumps([purpose, secrets.token_urlsafe(12), int(at.timestamp())], salt=cls.SALT)

    @classmethod
    def read(cls, value, purpose, *, at, max_age=3600):
        """Return (the random part, its age in seconds); raise ValidationError when it is forged, foreign or too old."""
        try:
            kind, token, issued = signing.loads(value, salt=cls.SALT)
            age = at.timestamp() - issued
        except (signing.BadSignature, ValueError, TypeError, UnicodeError) as error:
            raise ValidationError(_("This form is too old. Please send it again."), code="nonce") from error
        if kind != purpose or age > max_age:
            raise ValidationError(_("This form is too old. Please send it again."), code="nonce")
        return token, age

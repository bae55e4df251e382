"""What readers type to get letters."""

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from newsletters.addresses import fold_domain
from newsletters.tokens import token_hash
from newsroom.forms import FormNonce, TidyCharField, TidyEmailField


class SignupForm(forms.Form):
    """An address and the newsletters wanted. `website` is a trap: people do not see it, robots fill it in."""

    email = TidyEmailField(
        label=_("Your e-mail address"),
        widget=forms.EmailInput(attrs={"class": "input", "autocomplete": "email"}),
        error_messages={
            "required": _("Write your e-mail address here."),
            "invalid": _("This is not an e-mail address."),
        },
    )
    newsletters = forms.MultipleChoiceField(
        label=_("Which letters?"),
        widget=forms.CheckboxSelectMultiple,
        error_messages={
            "required": _("Choose at least one letter."),
            "invalid_choice": _("Choose among these letters."),
        },
    )
    source = forms.CharField(required=False, widget=forms.HiddenInput)
    website = forms.CharField(required=False, label=_("Leave this empty"))

    SOURCES = ("box", "list")

    def __init__(self, *args, offered, **kwargs):
        super().__init__(*args, **kwargs)
        self.offered = {newsletter.slug: newsletter for newsletter in offered}
        self.fields["newsletters"].choices = [(newsletter.slug, newsletter.name) for newsletter in offered]

    def clean_email(self):
        """Return the address as it can be written to."""
        address = self.cleaned_data["email"]
        try:
            folded = fold_domain(address)
        except ValueError as error:
            raise ValidationError(_("This is not an e-mail address."), code="invalid") from error
        if len(folded) > 254 or not folded.isascii():
            raise ValidationError(_("This is not an e-mail address."), code="invalid")
        return address

    def clean_newsletters(self):
        """Return the newsletters themselves."""
        return [self.offered[slug] for slug in dict.fromkeys(self.cleaned_data["newsletters"])]

    def clean_source(self):
        """Return one of the known kinds of page."""
        source = self.cleaned_data["source"]
        return source if source in self.SOURCES else ""

    @property
    def is_robot(self):
        """Tell whether the trap was filled in."""
        return bool(self.data.get("website"))


class AddressForm(forms.Form):
    """One address that a reader types about herself."""

    email = TidyEmailField(
        label=_("Your e-mail address"),
        error_messages={
            "required": _("Write your e-mail address here."),
            "invalid": _("This is not an e-mail address."),
        },
    )

    def clean_email(self):
        """Return the address as it can be written to."""
        try:
            return fold_domain(self.cleaned_data["email"])
        except ValueError as error:
            raise ValidationError(_("This is not an e-mail address."), code="invalid") from error


class ApiSignupForm(SignupForm):
    """The same from another site of ours, with a proof of work instead of a second page."""

    altcha = TidyCharField(max_length=2000)


class ConfirmSignupForm(SignupForm):
    """The same on the page that shows what was typed, with the proof that this page was shown for this address."""

    form_nonce = TidyCharField(max_length=400, widget=forms.HiddenInput)
    altcha = TidyCharField(max_length=2000, widget=forms.HiddenInput, required=False)

    def __init__(self, *args, at, minimum_seconds, **kwargs):
        super().__init__(*args, **kwargs)
        self.at, self.minimum_seconds = at, minimum_seconds

    def clean(self):
        """Refuse a nonce that is forged, old, or made for another address; say when the button came too soon."""
        cleaned = super().clean()
        if {"email", "newsletters", "form_nonce"} <= cleaned.keys():
            purpose = purpose_of(cleaned["email"], cleaned["newsletters"])
            _token, age = FormNonce.read(cleaned["form_nonce"], purpose, at=self.at)
            if age < self.minimum_seconds:
                raise ValidationError(_("That was very quick. Please press the button once more."), code="quick")
        return cleaned


def purpose_of(address, newsletters):
    """Return what a nonce is good for: this address and these newsletters, and nothing that can be read back."""
    slugs = ",".join(sorted(newsletter.slug for newsletter in newsletters))
    return f"signup:{token_hash(f'{address}|{slugs}')[:24]}"

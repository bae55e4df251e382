"""The forms of photos: taking in, confirming words, the page of one photo, searching."""

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from articles import photos
from articles.models import Photo
from newsroom.forms import TidyCharField, check_characters

MOST_FILES = 40
TWO_ROWS = {"rows": 2}


class SeveralFilesInput(forms.ClearableFileInput):
    """A file input for several files."""

    allow_multiple_selected = True


class SeveralFilesField(forms.FileField):
    """Several uploaded files, as a list."""

    def __init__(self, **kwargs):
        super().__init__(**{"widget": SeveralFilesInput(attrs={"accept": photos.ACCEPT}), **kwargs})

    def clean(self, data, initial=None):
        """Return the list of files; raise ValidationError when there is none or there are too many."""
        files = [file for file in (data if isinstance(data, list | tuple) else [data]) if file]
        if not files and self.required:
            raise ValidationError(_("Choose one or more files."), code="required")
        if len(files) > MOST_FILES:
            raise ValidationError(_("At most 40 files at once."), code="max_length")
        return files


class UploadForm(forms.Form):
    """One or more new photos, with the words that they share."""

    files = SeveralFilesField(
        label=_("Photos"), help_text=_("JPEG, PNG, WebP, AVIF or HEIC; several at once if you like.")
    )
    caption = TidyCharField(label=_("Caption"), max_length=500, required=False, widget=forms.Textarea(attrs=TWO_ROWS))
    creator = TidyCharField(label=_("Photographer"), max_length=120, required=False)
    agency = TidyCharField(label=_("Agency"), max_length=120, required=False)
    alt = TidyCharField(
        label=_("Alternative text"), max_length=300, required=False, widget=forms.Textarea(attrs=TWO_ROWS),
        help_text=_("What one sees, for readers who do not."),
    )  # fmt: skip
    anyway = forms.BooleanField(
        label=_("Take in even what looks like a photo in the library"), required=False,
    )  # fmt: skip


class WordsForm(forms.ModelForm):
    """The words of a photo, each on one line and without characters that cannot be shown."""

    def clean(self):
        """Return the values tidied; errors stand at their fields."""
        data = super().clean()
        for name, value in list(data.items()):
            if isinstance(value, str):
                try:
                    check_characters(value)
                except ValidationError as error:
                    self.add_error(name, error)
        return {name: " ".join(value.split()) if isinstance(value, str) else value for name, value in data.items()}


class ConfirmForm(WordsForm):
    """The words that came with one of several new photos."""

    class Meta:
        model = Photo
        fields = ("caption", "creator", "agency", "copyright", "alt")
        widgets = {"caption": forms.Textarea(attrs=TWO_ROWS), "alt": forms.Textarea(attrs=TWO_ROWS)}


class PhotoForm(WordsForm):
    """The words of a photo, its rights, and the point that crops keep."""

    without_credit = TidyCharField(
        label=_("Without credit, because"), max_length=300, required=False,
        widget=forms.Textarea(attrs={"rows": 2, "cols": 60}),
        help_text=_("A photo that names nobody holds up publication until this says why. The record keeps it."),
    )  # fmt: skip

    class Meta:
        model = Photo
        fields = (
            "caption", "creator", "agency", "credit_url", "copyright", "alt", "focal_x", "focal_y", "taken_on", "place",
            "keywords", "rights", "licence", "licence_url", "for_site", "for_letters", "for_others", "expires_on",
            "rights_note",
        )  # fmt: skip
        widgets = {
            "focal_x": forms.NumberInput(attrs={"min": 0, "max": 1, "step": "0.001", "data-focal": "x"}),
            "focal_y": forms.NumberInput(attrs={"min": 0, "max": 1, "step": "0.001", "data-focal": "y"}),
            "taken_on": forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
            "expires_on": forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        }

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["without_credit"].initial = self.instance.no_credit_reason


class SearchForm(forms.Form):
    """What photos are looked for by; a value that cannot be meant is left out and named at its field."""

    STATES = [
        ("", _("Any state")), ("uncredited", _("Without credit")), ("unconfirmed", _("Words not confirmed")),
        ("expired", _("Rights ended")), ("restricted", _("Not for the site")),
    ]  # fmt: skip

    q = TidyCharField(
        label=_("Words"), max_length=200, required=False, widget=forms.TextInput(attrs={"type": "search"})
    )
    credit = TidyCharField(label=_("Credit"), max_length=120, required=False)
    taken_from = forms.DateField(
        label=_("Taken from"), required=False, widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )
    taken_to = forms.DateField(
        label=_("to"), required=False, widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )
    rights = forms.ChoiceField(
        label=_("Rights"), required=False, choices=[("", _("Any rights")), *Photo.Rights.choices]
    )
    state = forms.ChoiceField(label=_("State"), required=False, choices=STATES)

    def search(self, photos, *, on):
        """Return the photos of a queryset that are looked for."""
        self.is_valid()
        data = self.cleaned_data
        photos = photos.search(data.get("q", "")).credited(data.get("credit", ""))
        photos = photos.taken(data.get("taken_from"), data.get("taken_to"))
        if data.get("rights"):
            photos = photos.filter(rights=data["rights"])
        states = {
            "uncredited": photos.uncredited, "unconfirmed": photos.unconfirmed, "restricted": photos.restricted,
            "expired": lambda: photos.expired(on),
        }  # fmt: skip
        return states[data["state"]]() if data.get("state") else photos

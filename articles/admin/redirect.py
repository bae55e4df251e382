"""Redirects in the admin: a list with search; one is added or deleted, never changed."""

from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from articles.models import Redirect
from articles.models.redirect import Target
from articles.places import MAX_LENGTH
from newsroom.forms import TidyCharField


class RedirectForm(forms.ModelForm):
    """Two addresses, whole or as paths."""

    old = TidyCharField(
        max_length=MAX_LENGTH, label=_("Old address"),
        help_text=_("As readers or other sites have it: /2014/05/storm.html, or with https:// in front."),
    )  # fmt: skip
    new = TidyCharField(
        max_length=MAX_LENGTH, label=_("New address"),
        help_text=_("A page of this site. Where it moves later, the old address follows."),
    )  # fmt: skip

    class Meta:
        model = Redirect
        fields = ()

    def clean_old(self):
        """Return the old address; refuse one that a page has."""
        Redirect.read_old(self.cleaned_data["old"])
        return self.cleaned_data["old"]

    def clean_new(self):
        """Return the new address; refuse one where no page of this site stands."""
        Target.read(self.cleaned_data["new"])
        return self.cleaned_data["new"]

    def clean(self):
        """Write the redirect, so that a loop is said at the form."""
        data = super().clean()
        if not self.errors:
            try:
                self.instance, _happened = Redirect.point(data["old"], data["new"])
            except ValidationError as error:
                self.add_error("new", error)
        return data

    def save(self, commit=True):  # noqa: FBT002 - Django's signature
        """Return the redirect, which is written."""
        self.save_m2m = lambda: None
        return self.instance


@admin.register(Redirect)
class RedirectAdmin(admin.ModelAdmin):
    """Old addresses and where they lead."""

    form = RedirectForm
    list_display = ("old_path", "leads_to")
    search_fields = ("old_path", "new_path")
    readonly_fields = ()

    def get_queryset(self, request):
        """Load what the addresses of the targets are made of."""
        return super().get_queryset(request).with_targets()

    def get_fields(self, request, obj=None):
        """Ask for two addresses; show those of a redirect that stands."""
        return ("old_path", "leads_to") if obj else ("old", "new")

    def get_readonly_fields(self, request, obj=None):
        """Let nothing be changed: a redirect is deleted, or written anew over the old one."""
        return ("old_path", "leads_to") if obj else ()

    def get_form(self, request, obj=None, **kwargs):
        """Use the form of two addresses as it is."""
        return self.form if obj is None else super().get_form(request, obj, **{**kwargs, "form": forms.ModelForm})

    def save_model(self, request, obj, form, change):
        """Do nothing: the form wrote it through `Redirect.point`."""

    def has_change_permission(self, request, obj=None):
        """Say no."""
        return False

    def delete_queryset(self, request, queryset):
        """Delete each as `Redirect.delete` does."""
        for redirect in queryset:
            redirect.delete()

    @admin.display(description=_("leads to"))
    def leads_to(self, redirect):
        """Return the path of the target."""
        return redirect.url

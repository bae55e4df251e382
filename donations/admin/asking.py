"""Appeals, offers, and what is said to donors: written here."""

from django import forms
from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from desk.admin import EditorialAdmin
from desk.forms import DocumentForm
from donations.forms import OfferForm
from donations.models import Appeal, AskExclusion, LetterText, Offer, SafetyPolicy, Transparency
from newsroom import registry
from newsroom.admin import Tidy
from newsroom.editions import default_edition
from newsroom.forms import TidyCharField
from newsroom.prose import MessageField


class AppealForm(DocumentForm):
    """The letter in the middle, what stands around it at the side."""

    headline = TidyCharField(label=_("Headline"), max_length=160)
    body_html = MessageField(label=_("Letter"), max_length=20_000)
    signature = TidyCharField(label=_("Signature"), max_length=160)
    thanks_html = MessageField(
        label=_("Thanks"), max_length=20_000, help_text=_("Stands on the page after a gift has arrived.")
    )
    name = TidyCharField(label=_("Name"), max_length=80, help_text=_("For the desk; readers do not see it."))
    priority = forms.IntegerField(
        label=_("Priority"), min_value=0, max_value=100, help_text=_("Of several running appeals the highest asks.")
    )
    short_line = TidyCharField(label=_("In one line"), max_length=200)

    at_end = forms.BooleanField(label=_("At the end of stories"), required=False)
    inside = forms.BooleanField(label=_("Inside stories"), required=False)
    on_support = forms.BooleanField(label=_("On the support page"), required=False)
    on_strip = forms.BooleanField(label=_("In the strip"), required=False)
    gap_days = forms.IntegerField(label=_("Days between two showings"), min_value=0, max_value=365)
    most_views = forms.IntegerField(label=_("Showings at most"), min_value=0, max_value=60, help_text=_("0: no cap."))
    window_days = forms.IntegerField(label=_("Within so many days"), min_value=1, max_value=365)

    document = Appeal.document
    main = ("headline", "body_html", "signature", "thanks_html")
    panels = (
        (_("For the desk"), ("name", "priority")),
        (_("In one line"), ("short_line",)),
        (_("Where"), ("at_end", "inside", "on_support", "on_strip")),
        (_("How often to one browser"), ("gap_days", "most_views", "window_days")),
    )


@admin.register(Appeal)
class AppealAdmin(EditorialAdmin):
    """Messages to readers: the one with the highest priority asks, from its publication to its expiry."""

    form_class = AppealForm
    creation_fields = ("edition",)
    list_display = ("title", "edition", "state_pill", "moment", "expires_at", "priority")
    list_select_related = ("edition",)

    def creation_initial(self, request):
        return {"edition": default_edition().pk}


@admin.register(Offer)
class OfferAdmin(Tidy, admin.ModelAdmin):
    """The amounts that readers are offered."""

    form = OfferForm
    fields = ("edition", "currency", "cadence", "presets", "default", "minimum", "maximum", "fee_percent", "fee_fixed")
    list_display = ["edition", "cadence", "currency", "amounts", "smallest"]
    list_filter = ["edition", "cadence"]
    list_select_related = ["edition"]

    @admin.display(description=_("amounts"))
    def amounts(self, offer):
        """The amounts as readers see them."""
        return ", ".join(money.short for money in offer.presets)

    @admin.display(description=_("smallest"))
    def smallest(self, offer):
        """The smallest amount as readers see it."""
        return offer.minimum.short


@admin.register(SafetyPolicy)
class SafetyPolicyAdmin(Tidy, admin.ModelAdmin):
    """What everybody reads before they give."""

    list_display = ["edition", "notice_title"]
    list_select_related = ["edition"]


class AskExclusionForm(forms.ModelForm):
    """A choice among the sections and topics that exist."""

    subject = forms.ChoiceField(label=_("section or topic"))

    class Meta:
        model = AskExclusion
        fields = ("subject",)

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        found = [pair for subjects in registry.subjects.values() for pair in subjects.choices()]
        self.names = dict(found)
        self.fields["subject"].choices = found

    def clean_subject(self):
        """Keep the name for the list."""
        subject = self.cleaned_data["subject"]
        self.instance.name = self.names[subject][:200]
        return subject


@admin.register(AskExclusion)
class AskExclusionAdmin(admin.ModelAdmin):
    """Sections and topics whose stories do not ask."""

    form = AskExclusionForm
    list_display = ["name"]


@admin.register(Transparency)
class TransparencyAdmin(Tidy, admin.ModelAdmin):
    """What everybody may know of the readers' money."""

    list_display = ["edition", "is_shown", "tells_number"]
    list_select_related = ["edition"]


@admin.register(LetterText)
class LetterTextAdmin(Tidy, admin.ModelAdmin):
    """The newsroom's own words in letters to donors; facts and the way to stop stand in each by itself."""

    list_display = ["edition", "kind", "subject"]
    list_filter = ["edition", "kind"]
    list_select_related = ["edition"]

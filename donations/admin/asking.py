"""Appeals, offers, and what is said to donors: written here."""

from django import forms
from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from desk.admin import EditorialAdmin
from desk.forms import DocumentForm
from donations.forms import OfferForm
from donations.models import Appeal, LetterText, Offer, SafetyPolicy
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

    document = Appeal.document
    main = ("headline", "body_html", "signature", "thanks_html")
    panels = (
        (_("For the desk"), ("name", "priority")),
        (_("In one line"), ("short_line",)),
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
    fields = ("edition", "currency", "cadence", "presets", "default", "minimum", "maximum")
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


@admin.register(LetterText)
class LetterTextAdmin(Tidy, admin.ModelAdmin):
    """The newsroom's own words in letters to donors; facts and the way to stop stand in each by itself."""

    list_display = ["edition", "kind", "subject"]
    list_filter = ["edition", "kind"]
    list_select_related = ["edition"]

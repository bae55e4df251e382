"""What readers type when they give: every refusal stands at its field and keeps what was typed."""

from decimal import Decimal

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from donations.models import Cadence, Offer
from donations.models.appeal import APPEAL_KEY
from donations.money import Money, NotAnAmount, exponent, parse_money
from newsroom.forms import FormNonce, TidyCharField, TidyEmailField

MIN_DWELL_SECONDS = 2
AMOUNT_ERRORS = {
    "empty": _("Choose an amount or write one."),
    "shape": _("Write the amount in digits, such as 12.50."),
    "digits": _("This amount has more decimals than the currency."),
    "large": _("This amount is too large."),
}


class ChoiceForm(forms.Form):
    """How often and how much. A written amount counts more than a chosen one; `cover` adds the provider's fee."""

    cadence = forms.ChoiceField(choices=Cadence, error_messages={
        "required": _("Choose how often."), "invalid_choice": _("Choose how often."),
    })  # fmt: skip
    other = TidyCharField(max_length=30, required=False)
    cover = forms.BooleanField(required=False)

    def __init__(self, data, *, offers):
        super().__init__(data)
        self.offers = offers
        self.appeal_key = appeal_key_of(data)

    def clean_cadence(self):
        """Return a cadence that this edition offers."""
        cadence = self.cleaned_data["cadence"]
        if cadence not in self.offers:
            raise ValidationError(_("Choose how often."), code="invalid_choice")
        return cadence

    def clean(self):
        """Add `money`, the amount of the chosen cadence within the bounds of its offer, and what covers its fee."""
        if self.errors:
            return self.cleaned_data
        offer = self.offers[self.cleaned_data["cadence"]]
        try:
            self.cleaned_data["money"] = self._money(offer)
            check_bounds(self.cleaned_data["money"], offer)
        except ValidationError as error:
            self.add_error("other", error)
            return self.cleaned_data
        if self.cleaned_data["cover"]:
            self.cleaned_data["cover_minor"] = offer.cover_for(self.cleaned_data["money"]).minor
        return self.cleaned_data

    def _money(self, offer):
        written = self.cleaned_data["other"]
        if not written:
            preset = self.chosen_preset(offer.cadence)
            if preset is None:
                raise ValidationError(AMOUNT_ERRORS["empty"], code="empty")
            return Money(preset, offer.currency)
        try:
            return parse_money(written, offer.currency)
        except NotAnAmount as error:
            raise ValidationError(AMOUNT_ERRORS[error.code], code=error.code) from error

    @property
    def chosen_cadence(self):
        """The cadence as sent, whatever it is."""
        return self.data.get("cadence", "")

    def chosen_preset(self, cadence):
        """Return the chosen amount of a cadence in minor units, or None when it is not among the offered ones."""
        offered = {str(amount): amount for amount in self.offers[cadence].presets_minor}
        return offered.get(self.data.get(f"amount_{cadence}", ""))


class GiveForm(forms.Form):
    """The last look. The nonce is bound to amount and cadence: what the button says is what is given."""

    cadence = forms.ChoiceField(choices=Cadence)
    amount = forms.RegexField(r"\A[0-9]{1,12}\Z")
    cover = forms.RegexField(r"\A[0-9]{1,12}\Z", required=False)
    email = TidyEmailField(required=False)
    nonce = TidyCharField(max_length=300)
    where = forms.ChoiceField(choices=[("elsewhere", ""), ("there", "")], required=False)
    work = forms.RegexField(r"\A[0-9]{1,12}\Z", required=False)

    def __init__(self, data, *, edition, offers, at, policy=None):
        super().__init__(data)
        self.edition, self.offers, self.at = edition, offers, at
        self.money, self.cover_minor = None, 0
        self.appeal_key = appeal_key_of(data)
        self.fields["where"].required = asks_where(policy)
        self.fields["where"].error_messages["required"] = _("Please say where your bank and your card are.")

    def clean(self):
        """Set `money` and add `form_token`; refuse a form that is not ours, or was sent sooner than a person could."""
        damaged = ValidationError(_("This form is damaged. Please choose again."), code="damaged")
        if any(name in self.errors for name in ("cadence", "amount", "cover", "nonce")):
            raise damaged
        offer = self.offers.get(self.cleaned_data["cadence"])
        if offer is None:
            raise damaged
        self.money = Money(int(self.cleaned_data["amount"]), offer.currency)
        self.cover_minor = int(self.cleaned_data["cover"] or 0)
        if self.cover_minor >= self.money.minor > 0:
            raise damaged
        given = Money(self.money.minor - self.cover_minor, offer.currency)
        check_bounds(given, offer)
        if self.cover_minor and offer.cover_for(given).minor != self.cover_minor:
            raise damaged
        purpose = purpose_of(self.edition, self.cleaned_data["cadence"], self.money, self.cover_minor)
        token, age = FormNonce.read(self.cleaned_data["nonce"], purpose, at=self.at)
        if age < MIN_DWELL_SECONDS:
            raise ValidationError(
                _("That was very quick. Please read the page and press the button again."), code="quick"
            )
        self.cleaned_data["form_token"], self.cleaned_data["age"] = token, age
        return self.cleaned_data

    @property
    def is_damaged(self):
        """Whether only a new choice helps: the amount, the cadence or the proof of this form is not what we sent."""
        return any(error.code != "quick" for error in self.non_field_errors().as_data())


class RemindForm(forms.Form):
    """The address for one letter a month from now."""

    email = TidyEmailField()
    nonce = TidyCharField(max_length=300, required=False)


class LinkForm(forms.Form):
    """The address of somebody who gave; the answer is the same for every address."""

    email = TidyEmailField()
    nonce = TidyCharField(max_length=300)

    def __init__(self, data, *, at):
        super().__init__(data)
        self.at = at

    def clean(self):
        """Refuse a form that is not ours, or too old."""
        FormNonce.read(self.cleaned_data.get("nonce", ""), "manage link", at=self.at)
        return self.cleaned_data


class ChangeForm(forms.Form):
    """Another amount or rhythm for a gift that comes again."""

    cadence = forms.ChoiceField(choices=[("month", _("Monthly")), ("year", _("Annual"))])
    amount = TidyCharField(max_length=30)

    def __init__(self, data, *, plan, offers):
        super().__init__(data)
        self.plan, self.offers = plan, offers

    def clean(self):
        """Add `money`, within the bounds of the offer for this rhythm, or above nothing where there is none."""
        if self.errors:
            return self.cleaned_data
        offer = self.offers.get(self.cleaned_data["cadence"])
        try:
            money = parse_money(self.cleaned_data["amount"], self.plan.gift.currency)
        except NotAnAmount as error:
            self.add_error("amount", ValidationError(AMOUNT_ERRORS[error.code], code=error.code))
            return self.cleaned_data
        try:
            if offer is not None and offer.currency == money.currency:
                check_bounds(money, offer)
            elif money.minor < 1:
                raise ValidationError(AMOUNT_ERRORS["empty"], code="empty")
        except ValidationError as error:
            self.add_error("amount", error)
        self.cleaned_data["money"] = money
        return self.cleaned_data


class AmountField(TidyCharField):
    """An amount as people write it; the form turns it into minor units when it knows the currency."""

    def __init__(self, **kwargs):
        super().__init__(max_length=30, **kwargs)


class OfferForm(forms.ModelForm):
    """Amounts as people write them: "5, 10, 25" and not 500, 1000, 2500."""

    presets = TidyCharField(
        label=_("Amounts"), max_length=200, help_text=_("With semicolons between them: 5; 12.50; 25")
    )
    default = AmountField(label=_("Chosen at first"))
    minimum = AmountField(label=_("Smallest"))
    maximum = AmountField(label=_("Largest"))
    fee_percent = forms.DecimalField(
        label=_("Fee in percent"), min_value=0, max_value=10, decimal_places=2, required=False,
        help_text=_("Donors may add what the provider takes of a gift. Without a fee they are not asked."),
    )  # fmt: skip
    fee_fixed = AmountField(label=_("Fee of each payment"), required=False)

    class Meta:
        model = Offer
        fields = ("edition", "currency", "cadence")

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        offer = self.instance
        if offer.pk:
            self.initial["presets"] = "; ".join(plain(money) for money in offer.presets)
            for name in ("default", "minimum", "maximum"):
                self.initial[name] = plain(Money(getattr(offer, f"{name}_minor"), offer.currency))
            self.initial["fee_fixed"] = plain(Money(offer.fee_fixed_minor, offer.currency))
            self.initial["fee_percent"] = Decimal(offer.fee_basis_points) / 100

    def clean(self):
        """Set the minor units of the offer, each refusal at its field."""
        cleaned = super().clean()
        if "currency" not in cleaned:
            return cleaned
        for name in ("default", "minimum", "maximum"):
            if name in cleaned:
                setattr(self.instance, f"{name}_minor", self._minor(name, cleaned[name]))
        if "presets" in cleaned:
            texts = [text for text in cleaned["presets"].split(";") if text.strip()]
            self.instance.presets_minor = [self._minor("presets", text) for text in texts]
        self.instance.fee_basis_points = int((cleaned.get("fee_percent") or 0) * 100)
        fixed = cleaned.get("fee_fixed")
        self.instance.fee_fixed_minor = self._minor("fee_fixed", fixed) if fixed and fixed != "0" else 0
        return cleaned

    def _post_clean(self):
        if not self.errors:
            super()._post_clean()

    def _minor(self, name, text):
        try:
            return parse_money(text, self.cleaned_data["currency"]).minor
        except NotAnAmount as error:
            self.add_error(name, ValidationError(AMOUNT_ERRORS[error.code], code=error.code))
            return None

    def _update_errors(self, errors):
        """Show what the model refuses at the field that people see."""
        shown = {
            "presets_minor": "presets",
            "default_minor": "default",
            "minimum_minor": "minimum",
            "maximum_minor": "maximum",
        }
        if hasattr(errors, "error_dict"):
            errors = ValidationError({shown.get(name, name): found for name, found in errors.error_dict.items()})
        super()._update_errors(errors)


def plain(money):
    """Return an amount as a person would type it: 5 or 12.50."""
    text = f"{money.decimal:f}"
    return text.removesuffix("." + "0" * exponent(money.currency))


def purpose_of(edition, cadence, money, cover_minor=0):
    """Return what the nonce of a confirmation page is good for: this promise and no other."""
    covered = f":{cover_minor}" if cover_minor else ""
    return f"give:{edition.code}:{cadence}:{money.minor}:{money.currency}{covered}"


def appeal_key_of(data):
    """Return what a form says of the appeal that asked: the shape of a key, or nothing."""
    key = data.get("appeal", "")
    return key if APPEAL_KEY.fullmatch(key) else ""


def asks_where(policy):
    """Tell whether the last look asks where the donor's bank and card are."""
    return bool(policy and policy.is_strict and policy.territory_names)


def check_bounds(money, offer):
    """Raise ValidationError unless the amount lies within the offer."""
    if money.minor < offer.minimum_minor:
        raise ValidationError(
            _("The smallest amount is %(amount)s."), params={"amount": offer.minimum.short}, code="small"
        )
    if money.minor > offer.maximum_minor:
        raise ValidationError(
            _("The largest amount is %(amount)s."), params={"amount": offer.maximum.short}, code="large"
        )

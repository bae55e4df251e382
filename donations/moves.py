"""The small forms below a gift, a charge or a receipt: each asks for a reason, and one form acts once."""

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from donations.forms import AMOUNT_ERRORS, plain
from donations.models import Gift, Guard, RefundOrder, refundable
from donations.money import Money, NotAnAmount, parse_money
from newsroom.forms import FormNonce, TidyCharField


class MoveForm(forms.Form):
    """A move with a thing: a reason, and a nonce that makes it happen once."""

    title, button = "", ""

    reason = TidyCharField(label=_("Reason"), max_length=300)
    nonce = TidyCharField(max_length=300, widget=forms.HiddenInput)

    def __init__(self, data=None, *, thing, at):
        self.thing, self.at = thing, at
        self.purpose = f"{type(self).__name__}:{thing._meta.model_name}:{thing.pk}"
        super().__init__(data, auto_id=f"{type(self).__name__.lower()}-%s")
        self.fields["nonce"].initial = FormNonce.issue(self.purpose, at=at)

    @classmethod
    def fits(cls, thing):
        """Tell whether the move makes sense for this thing now."""
        return True

    def clean_nonce(self):
        """Return the random part of the nonce."""
        token, _age = FormNonce.read(self.cleaned_data["nonce"], self.purpose, at=self.at)
        return token

    def _money(self, name, currency):
        try:
            return parse_money(self.cleaned_data[name], currency)
        except NotAnAmount as error:
            raise ValidationError(AMOUNT_ERRORS[error.code], code=error.code) from error


class RefundForm(MoveForm):
    """Give back a charge or a part of it."""

    title, button = _("Give money back"), _("Give back")
    field_order = ["amount", "reason"]

    amount = TidyCharField(label=_("Amount"), max_length=30)

    def __init__(self, data=None, *, thing, at):
        super().__init__(data, thing=thing, at=at)
        self.fields["amount"].initial = plain(refundable(thing))

    @classmethod
    def fits(cls, thing):
        return thing.kind == "charge" and thing.gift_id is not None and refundable(thing).minor > 0

    def clean_amount(self):
        """Return the Money to give back."""
        return self._money("amount", self.thing.received.currency)


class ApproveRefundForm(MoveForm):
    """Give back what somebody else ordered."""

    title, button = _("A refund waits for a second person"), _("Approve and give back")

    def __init__(self, data=None, *, thing, at):
        super().__init__(data, thing=thing, at=at)
        self.order = RefundOrder.open_for(thing)
        words = {"amount": self.order.money.short, "name": self.order.ordered_by or "–", "reason": self.order.reason}
        self.fields["reason"].help_text = _("%(amount)s, ordered by %(name)s: %(reason)s") % words

    @classmethod
    def fits(cls, thing):
        return thing.kind == "charge" and RefundOrder.open_for(thing) is not None


class DeclineRefundForm(ApproveRefundForm):
    """Turn it down."""

    title, button = _("Or turn it down"), _("Turn down")


class AssignForm(MoveForm):
    """Give money of unknown origin to a gift."""

    title, button = _("Assign to a gift"), _("Assign")
    field_order = ["gift", "reason"]

    gift = TidyCharField(label=_("Number of the gift"), max_length=20)

    @classmethod
    def fits(cls, thing):
        return thing.kind == "charge" and thing.unassigned is not None

    def clean_gift(self):
        """Return the Gift."""
        text = self.cleaned_data["gift"]
        gift = Gift.objects.filter(pk=text).first() if text.isascii() and text.isdigit() and len(text) < 18 else None
        if gift is None:
            raise ValidationError(_("There is no such gift."), code="unknown")
        return gift


class TransferForm(AssignForm):
    """Say whose transfer a line is."""

    @classmethod
    def fits(cls, thing):
        return thing.state == "waiting"


class NoGiftForm(MoveForm):
    """Say that a line of the bank is no gift."""

    title, button = _("This is no gift"), _("No gift")

    @classmethod
    def fits(cls, thing):
        return thing.state == "waiting"


class TakeInForm(MoveForm):
    """Take a list of the bank in."""

    title, button = _("Take this list in"), _("Take in")
    reason = None

    @classmethod
    def fits(cls, thing):
        return thing.taken_in_at is None


class CorrectForm(MoveForm):
    """Bring a journal to what the provider says, by one more journal."""

    title, button = _("Correct the books"), _("Book a correction")
    field_order = ["amount", "reason"]

    amount = TidyCharField(
        label=_("What the provider’s balance really did"), max_length=30, help_text=_("With a minus when it fell.")
    )

    @classmethod
    def fits(cls, thing):
        return thing.received is not None and thing.kind != "correction"

    def clean_amount(self):
        """Return the signed Money."""
        text = self.cleaned_data["amount"]
        is_less = text[:1] in {"-", "−"}
        self.cleaned_data["amount"] = text[1:].strip() if is_less else text
        money = self._money("amount", self.thing.received.currency)
        return Money(-money.minor, money.currency) if is_less else money


class ReissueForm(MoveForm):
    """Void a receipt and issue another."""

    title, button = _("Void and reissue"), _("Void and reissue")

    @classmethod
    def fits(cls, thing):
        return thing.voided_at is None


class StopForm(MoveForm):
    """Stop a plan for its donor."""

    title, button = _("Stop this gift"), _("Stop")

    @classmethod
    def fits(cls, thing):
        return thing.is_open


class ReviewedForm(MoveForm):
    """Take a gift off the list of those that wait for a look."""

    title, button = _("Looked at"), _("Take off the list")

    @classmethod
    def fits(cls, thing):
        return bool(thing.needs_review)


class RevealForm(MoveForm):
    """Show the address behind a gift."""

    title, button = _("Who gave this"), _("Show the address")

    @classmethod
    def fits(cls, thing):
        return thing.donor_id is not None


class ApproveForm(MoveForm):
    """Approve the collection stop of somebody else."""

    title, button = _("Approve this stop"), _("Approve and end the plans")

    @classmethod
    def fits(cls, thing):
        return thing.state == "ordered"


class GuardForm(MoveForm):
    """Set the guard by hand."""

    title, button = _("Set the guard"), _("Set")
    field_order = ["state", "reason"]

    state = forms.ChoiceField(label=_("State"), choices=Guard.State)

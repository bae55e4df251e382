"""The bank's list in the admin: brought, looked at, taken in; and the lines of which nobody knows whose they are."""

from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from donations.admin.looking import LookingAdmin, MovesAdmin
from donations.models import BankFile, BankLine, BankRefund
from donations.moves import NoGiftForm, TakeInForm, TransferForm
from donations.providers.bank.statements import MOST_BYTES, Unreadable, read_statement
from newsroom.admin import Tidy


class BringForm(forms.ModelForm):
    """A file of the bank; what cannot be read is refused here, with the reason."""

    file = forms.FileField(
        label=_("the bank’s list"), max_length=200,
        help_text=_("CAMT.053 (XML) or CSV of our account. Nothing is booked before you have looked at it."),
    )  # fmt: skip

    class Meta:
        model = BankFile
        fields = ()

    def clean_file(self):
        """Keep what was read in `statement`."""
        file = self.cleaned_data["file"]
        try:
            self.statement = read_statement(file.read(MOST_BYTES + 1))
        except Unreadable as error:
            raise ValidationError(str(error), code="unreadable") from error
        return file


def take_in(file, form, user, at):
    """Book what is new in a list and say how much that was."""
    file.take_in(by=user, at=at)
    return _t("Booked: %(matched)d. Wait for a look: %(waiting)d. Were here already: %(known)d.") % {
        "matched": file.matched, "waiting": file.waiting, "known": file.known,
    }  # fmt: skip


def assign(line, form, user, at):
    """Give a line to a gift and say so."""
    line.assign(form.cleaned_data["gift"], by=user, reason=form.cleaned_data["reason"], at=at)
    return _t("The money belongs to this gift now.")


def dismiss(line, form, user, at):
    """Say that a line is no gift."""
    line.dismiss(by=user, reason=form.cleaned_data["reason"], at=at)
    return _t("Noted: this is no gift.")


@admin.register(BankFile)
class BankFileAdmin(Tidy, MovesAdmin):
    """Lists of the bank; a new one is looked at before anything is booked."""

    form = BringForm
    change_form_template = "admin/donations/bank_list.html"
    list_display = ["brought_at", "kind", "taken_in_at", "matched", "waiting", "known", "passed_over"]
    fields = ["kind", "brought_at", "taken_in_at", "matched", "waiting", "known", "passed_over"]
    moves = {"take_in": ("donations.add_bankfile", TakeInForm, take_in)}

    def has_add_permission(self, request):
        return request.user.has_perm("donations.add_bankfile")

    def get_fields(self, request, obj=None):
        return self.fields if obj else ["file"]

    def get_readonly_fields(self, request, obj=None):
        return self.fields if obj else []

    def save_model(self, request, obj, form, change):
        brought = BankFile.bring(form.statement, by=request.user, at=timezone.now())
        obj.__dict__.update(brought.__dict__)

    def response_add(self, request, obj, post_url_continue=None):
        return redirect(self._address(obj))

    def change_view(self, request, object_id, form_url="", extra_context=None):
        file = self.get_object(request, object_id)
        looked = file.look() if file is not None and self.has_view_permission(request, file) else []
        shown = {"looked": looked[:500], "more": max(len(looked) - 500, 0), **(extra_context or {})}
        return super().change_view(request, object_id, form_url, shown)


@admin.register(BankLine)
class BankLineAdmin(MovesAdmin):
    """Lines of the bank. Whose money one is says its code, or a person with a reason."""

    list_display = ["booked_on", "money", "state", "text"]
    list_filter = ["state"]
    fields = ["booked_on", "money", "state", "text", "reason", "taken_in_at"]
    readonly_fields = ["money"]
    moves = {
        "assign": ("donations.assign_bankline", TransferForm, assign),
        "dismiss": ("donations.assign_bankline", NoGiftForm, dismiss),
    }

    @admin.display(description=_("amount"))
    def money(self, line):
        """The signed amount."""
        return line.money


@admin.register(BankRefund)
class BankRefundAdmin(LookingAdmin):
    """What is to be paid back by a transfer under its code, and whether the bank's list has shown it."""

    list_display = ["ref", "money", "line", "ordered_at", "done"]
    list_select_related = ["line"]
    fields = ["ref", "money", "line", "ordered_at", "done"]
    readonly_fields = ["ref", "money", "line", "ordered_at", "done"]

    def get_queryset(self, request):
        return super().get_queryset(request).prefetch_related("lines")

    @admin.display(description=_("amount"))
    def money(self, order):
        """How much is to be paid back."""
        return order.money

    @admin.display(description=_("paid back"), boolean=True)
    def done(self, order):
        """Whether the bank's list has shown it."""
        return bool(order.lines.all())

"""Rows that come from the provider: looked at, never written by hand; what moves is moved by buttons with a reason."""

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponseNotAllowed
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.utils import timezone
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from donations.models import JournalLine
from donations.providers.base import ProviderDown, ProviderError


class LookingAdmin(admin.ModelAdmin):
    """Nobody adds, changes or deletes here: rows come from the provider and the books are append-only."""

    actions = None
    list_per_page = 50
    show_full_result_count = False

    def has_add_permission(self, request, obj=None):
        return False

    def has_change_permission(self, request, obj=None):
        return False

    def has_delete_permission(self, request, obj=None):
        return False


class ShownOnce(str):
    """Words for the eyes of the person who asked, such as an address: in one answer and nowhere else."""

    __slots__ = ()


class MovesAdmin(LookingAdmin):
    """Rows with buttons below them: `moves` maps a name to (permission, form class, function(thing, form, user, at)).

    That function returns what to tell the person who pressed the button, or raises ValueError with the reason why not.
    What it returns as ShownOnce stands in the answer itself, which nothing stores, in no message and so in no cookie.
    """

    change_form_template = "admin/donations/moves.html"
    moves = {}

    def get_urls(self):
        opts = self.model._meta
        name = f"{opts.app_label}_{opts.model_name}_move"
        return [
            path("<int:pk>/move/<slug:move>/", self.admin_site.admin_view(self.move), name=name),
            *super().get_urls(),
        ]

    def offered(self, request, thing):
        """Return the moves that this person may make with this thing now, as (name, unbound form)."""
        now = timezone.now()
        return [
            (name, form(thing=thing, at=now))
            for name, (permission, form, _act) in self.moves.items()
            if request.user.has_perm(permission) and form.fits(thing)
        ]

    def change_view(self, request, object_id, form_url="", extra_context=None):
        thing = self.get_object(request, object_id)
        moves = self.offered(request, thing) if thing is not None and self.has_view_permission(request, thing) else []
        return super().change_view(request, object_id, form_url, {"moves": moves, **(extra_context or {})})

    def move(self, request, pk, move):
        """Make one move and go back to the thing, with what came of it."""
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        if move not in self.moves:
            raise Http404
        permission, form_class, act = self.moves[move]
        if not request.user.has_perm(permission):
            raise PermissionDenied
        thing, now = self.get_object(request, pk), timezone.now()
        if thing is None:
            raise Http404
        form = form_class(request.POST, thing=thing, at=now)
        if not form_class.fits(thing) or not form.is_valid():
            for error in [text for errors in form.errors.values() for text in errors] or [_t("This is not possible.")]:
                messages.error(request, error)
        elif shown := self._act(act, thing, form, request, now):
            return self._show_once(request, thing, shown)
        return redirect(self._address(thing))

    def _address(self, thing):
        opts = self.model._meta
        return reverse(f"admin:{opts.app_label}_{opts.model_name}_change", args=[thing.pk])

    def _show_once(self, request, thing, shown):
        context = {
            **self.admin_site.each_context(request), "title": _t("Shown once"), "opts": self.opts, "original": thing,
            "shown": shown, "back_url": self._address(thing),
        }  # fmt: skip
        response = render(request, "admin/donations/shown_once.html", context)
        response.headers["Cache-Control"] = "no-store"
        return response

    def _act(self, act, thing, form, request, now):
        """Do it and say what came of it; returns what must not be kept in a message, or None."""
        try:
            told = act(thing, form, request.user, now)
            if isinstance(told, ShownOnce):
                return told
            messages.success(request, told)
        except ValueError as error:
            messages.error(request, str(error))
        except ProviderDown:
            messages.warning(request, _t("The provider does not answer. It is asked again, once, until it does."))
        except ProviderError as error:
            messages.error(request, _t("The provider refused: %(why)s") % {"why": error})
        return None


class LinesInline(admin.TabularInline):
    """The lines of a journal."""

    model = JournalLine
    fields = ["account", "money"]
    readonly_fields = fields
    extra = 0
    can_delete = False

    def has_add_permission(self, request, obj=None):
        return False

    def has_change_permission(self, request, obj=None):
        return False

    @admin.display(description=_("amount"))
    def money(self, line):
        """The signed amount."""
        return line.money

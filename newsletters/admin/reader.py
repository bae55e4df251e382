"""Readers in the admin: somebody who writes to us can be found; nobody can be listed by address."""

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import Count, Q
from django.http import Http404
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.csrf import csrf_protect
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST

from newsletters.addresses import email_key
from newsletters.admin.forms import FindReaderForm
from newsletters.jobs import KEEP_DELIVERIES
from newsletters.models import (
    ConsentWording,
    Delivery,
    DeliveryEvent,
    Issue,
    StrayMail,
    Subscriber,
    Subscription,
    Suppression,
    erase_all_readers,
)
from newsroom import html


class ReadOnlyAdmin(admin.ModelAdmin):
    """A list to look at: its rows change through verbs alone."""

    actions = None
    show_full_result_count = False

    def has_add_permission(self, request):
        return False

    def has_change_permission(self, request, obj=None):
        return False

    def has_delete_permission(self, request, obj=None):
        return False


def last_letters(reader, *, at):
    """Return (issue, deliveries, words when there are none) of the last 20 letters of her newsletters."""
    mine = Issue.objects.filter(newsletter__subscriptions__subscriber=reader, started_at__isnull=False)
    issues = list(mine.select_related("newsletter").order_by("-started_at")[:20])
    got = {}
    for delivery in reader.deliveries.filter(issue__in=issues).order_by("part"):
        got.setdefault(delivery.issue_id, []).append(delivery)
    return [(issue, got.get(issue.pk, []), _why_nothing(issue, at)) for issue in issues]


def _why_nothing(issue, at):
    if issue.finished_at and at - issue.finished_at > KEEP_DELIVERIES:
        return _("Over 60 days ago: who got it is not kept")
    return _("Not a reader then, or pausing")


@admin.register(Subscriber)
class SubscriberAdmin(ReadOnlyAdmin):
    """Find one reader by an address typed in full, see what was sent, erase."""

    list_display = ("__str__", "language", "created_at", "letters")
    change_list_template = "admin/newsletters/reader_list.html"
    change_form_template = "admin/newsletters/reader.html"

    def get_queryset(self, request):
        """Return the readers with the number of letters they get."""
        confirmed = Count("subscriptions", filter=Q(subscriptions__state="confirmed"))
        return super().get_queryset(request).annotate(letter_count=confirmed)

    @admin.display(description=gettext_lazy("newsletters"))
    def letters(self, reader):
        """Return how many newsletters the reader gets."""
        return reader.letter_count

    def get_urls(self):
        wrap = self.admin_site.admin_view
        return [
            path("find/", wrap(self.find_view), name="newsletters_subscriber_find"),
            path("erase-all/", wrap(self.erase_all_view), name="newsletters_subscriber_erase_all"),
            path("<int:object_id>/erase/", wrap(self.erase_view), name="newsletters_subscriber_erase"),
            *super().get_urls(),
        ]

    def changelist_view(self, request, extra_context=None):
        """Show the list with the form to find somebody."""
        may_erase = request.user.has_perm("newsletters.erase_subscriber")
        context = {"find_form": FindReaderForm(), "may_erase": may_erase, **(extra_context or {})}
        return super().changelist_view(request, context)

    @method_decorator([csrf_protect, sensitive_post_parameters()])
    def find_view(self, request):
        """Lead from an address to its reader; the address stays in the body of the post."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        form = FindReaderForm(request.POST)
        if request.method != "POST":
            return redirect("admin:newsletters_subscriber_changelist")
        if not form.is_valid():
            response = self.changelist_view(request, {"find_form": form})
            response.status_code = 422
            return response
        try:
            key = email_key(form.cleaned_data["email"])
        except ValueError:
            key = ""
        reader = Subscriber.objects.filter(email_key=key).first()
        if reader is not None:
            return redirect("admin:newsletters_subscriber_change", reader.pk)
        suppressed = Suppression.objects.in_force().filter(email_key=key).first()
        said = (
            _("Not a reader, and not to be written to: %(why)s.") if suppressed else _("Nobody here has this address.")
        )
        messages.warning(request, said % {"why": suppressed.get_reason_display()} if suppressed else said)
        return redirect("admin:newsletters_subscriber_changelist")

    def change_view(self, request, object_id, form_url="", extra_context=None):
        """Show what a reader asked for and what was sent: did she get it?"""
        reader = self.get_object(request, object_id)
        if reader is None:
            raise Http404
        if not self.has_view_permission(request, reader):
            raise PermissionDenied
        context = {
            **self.admin_site.each_context(request), "opts": self.opts, "title": _("Reader %(id)s") % {"id": reader},
            "reader": reader, "original": reader,
            "subscriptions": reader.subscriptions.select_related("newsletter").prefetch_related("consent"),
            "letters": last_letters(reader, at=timezone.now()),
            "suppression": Suppression.objects.in_force().filter(email_key=reader.email_key).first(),
            "may_erase": request.user.has_perm("newsletters.erase_subscriber"),
        }  # fmt: skip
        return render(request, self.change_form_template, context)

    @method_decorator([csrf_protect, require_POST])
    def erase_view(self, request, object_id):
        """Erase a reader for good."""
        if not request.user.has_perm("newsletters.erase_subscriber"):
            raise PermissionDenied
        reader = self.get_object(request, str(object_id))
        if reader is None:
            raise Http404
        if "sure" not in request.POST:
            messages.error(request, _("Tick the box: what is erased cannot be brought back."))
            return redirect(reverse("admin:newsletters_subscriber_change", args=[reader.pk]))
        reader.erase(at=timezone.now(), by=request.user, never_again="never_again" in request.POST)
        messages.success(request, _("Erased, in old backups too."))
        return redirect("admin:newsletters_subscriber_changelist")

    @method_decorator([csrf_protect, require_POST])
    def erase_all_view(self, request):
        """Erase every reader, after a second page that wants their number typed."""
        if not request.user.has_perm("newsletters.erase_subscriber"):
            raise PermissionDenied
        count, is_answer = Subscriber.objects.count(), "count" in request.POST
        if request.POST.get("count", "").strip() == str(count):
            erased = erase_all_readers(by=request.user, at=timezone.now())
            messages.success(request, _("Every reader is erased, in old backups too: %(count)d.") % {"count": erased})
            return redirect("admin:newsletters_subscriber_changelist")
        context = {
            **self.admin_site.each_context(request), "opts": self.opts, "title": _("Erase every reader"),
            "count": count, "is_wrong": is_answer,
        }  # fmt: skip
        return render(request, "admin/newsletters/erase_all.html", context, status=422 if is_answer else 200)


@admin.register(Subscription)
class SubscriptionAdmin(ReadOnlyAdmin):
    """Who reads what, without addresses."""

    list_display = ("subscriber", "newsletter", "state", "confirmed_at", "left_at", "left_how", "source")
    list_filter = ("newsletter", "state", "left_how")
    list_select_related = ("subscriber", "newsletter")


@admin.register(Suppression)
class SuppressionAdmin(ReadOnlyAdmin):
    """Mailboxes that must not be written to; the reply of the server tells why."""

    list_display = ("__str__", "reason", "evidence", "created_at", "lifted_at", "lifted_by")
    list_filter = ("reason", ("lifted_at", admin.EmptyFieldListFilter))
    list_select_related = ("lifted_by",)
    change_form_template = "admin/newsletters/suppression.html"

    def get_urls(self):
        wrap = self.admin_site.admin_view
        return [
            path("<int:object_id>/lift/", wrap(self.lift_view), name="newsletters_suppression_lift"),
            *super().get_urls(),
        ]

    def change_view(self, request, object_id, form_url="", extra_context=None):
        """Show it with the form to lift it."""
        may_lift = request.user.has_perm("newsletters.change_suppression")
        return super().change_view(request, object_id, form_url, {"may_lift": may_lift, **(extra_context or {})})

    @method_decorator([csrf_protect, require_POST])
    def lift_view(self, request, object_id):
        """Let mail go there again, for a reason."""
        if not request.user.has_perm("newsletters.change_suppression"):
            raise PermissionDenied
        suppression = self.get_object(request, str(object_id))
        if suppression is None:
            raise Http404
        reason = " ".join(html.tidy_text(request.POST.get("reason", "")).split())[:200]
        if reason:
            suppression.lift(by=request.user, reason=reason, at=timezone.now())
            messages.success(request, _("Lifted."))
        else:
            messages.error(request, _("Write down why."))
        return redirect(reverse("admin:newsletters_suppression_change", args=[suppression.pk]))


@admin.register(Delivery)
class DeliveryAdmin(ReadOnlyAdmin):
    """Every letter to every reader, without addresses."""

    list_display = ("issue", "subscriber", "state", "attempts", "accepted_at", "reply")
    list_filter = ("state", "issue__newsletter")
    list_select_related = ("issue", "subscriber")
    raw_id_fields = ("issue", "subscriber", "subscription", "rendering")


@admin.register(ConsentWording)
class ConsentWordingAdmin(ReadOnlyAdmin):
    """What readers were promised when they asked, word for word."""

    list_display = ("version", "text", "created_at")


@admin.register(DeliveryEvent)
class DeliveryEventAdmin(ReadOnlyAdmin):
    """What mail servers and providers reported about letters."""

    list_display = ("at", "kind", "source", "reply", "delivery")
    list_filter = ("kind", "source")
    list_select_related = ("delivery",)
    raw_id_fields = ("delivery",)


@admin.register(StrayMail)
class StrayMailAdmin(ReadOnlyAdmin):
    """Mail in the site's mailbox that nobody understood."""

    list_display = ("received_at", "subject")

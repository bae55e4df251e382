"""The health of the sending: one page for the pace, the breaker, what DNS says, and how letters fared."""

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.shortcuts import redirect, render
from django.urls import path
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.csrf import csrf_protect
from django.views.decorators.http import require_POST

from newsletters import health
from newsletters.admin.reader import ReadOnlyAdmin
from newsletters.models import Channel
from newsroom.models import StaffAction


class PaceForm(forms.ModelForm):
    """How many letters may go in a minute, and in a day."""

    per_minute = forms.IntegerField(
        label=gettext_lazy("letters per minute"), required=False, min_value=1, max_value=1_000_000,
        help_text=gettext_lazy("All workers together; empty for no limit. Your mail provider says what it takes."),
    )  # fmt: skip

    per_day = forms.IntegerField(
        label=gettext_lazy("letters a day"), required=False, min_value=1, max_value=1_000_000_000,
        help_text=gettext_lazy(
            "All workers together, by days of UTC; empty for no limit. The rest goes out the next day."
        ),
    )  # fmt: skip

    class Meta:
        model = Channel
        fields = ("per_minute", "per_day")


@admin.register(Channel)
class ChannelAdmin(ReadOnlyAdmin):
    """The list is the page itself; there is one way out."""

    def get_urls(self):
        wrap = self.admin_site.admin_view
        return [
            path("pace/", wrap(self.pace_view), name="newsletters_channel_pace"),
            path("mend/", wrap(self.mend_view), name="newsletters_channel_mend"),
            *super().get_urls(),
        ]

    def changelist_view(self, request, extra_context=None):
        """Show the page; a post looks at DNS and the relay first."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        return self._show(request, checks=health.examine() if request.method == "POST" else None)

    def _show(self, request, *, checks=None, form=None, status=200):
        now, channel = timezone.now(), Channel.current()
        context = {
            **self.admin_site.each_context(request), "opts": self.opts, "title": _("Health of the sending"),
            "channel": channel, "checks": checks, "rates": health.rates(), "bulk": health.BULK,
            "today": health.sent_in_a_day(at=now), "may_change": self._may_change(request),
            "form": form or PaceForm(instance=channel), "domains": health.sender_domains(),
        }  # fmt: skip
        return render(request, "admin/newsletters/health.html", context, status=status)

    def _may_change(self, request):
        return request.user.has_perm("newsletters.change_channel")

    @method_decorator([csrf_protect, require_POST])
    def pace_view(self, request):
        """Set the pace."""
        if not self._may_change(request):
            raise PermissionDenied
        channel = Channel.objects.get_or_create(name="letters")[0]
        form = PaceForm(request.POST, instance=channel)
        if not form.is_valid():
            return self._show(request, form=form, status=422)
        form.save()
        StaffAction.record(user=request.user, action="set pace", thing=channel, at=timezone.now())
        messages.success(request, _("Saved."))
        return redirect("admin:newsletters_channel_changelist")

    @method_decorator([csrf_protect, require_POST])
    def mend_view(self, request):
        """Let letters go out again after a refusal."""
        if not self._may_change(request):
            raise PermissionDenied
        if Channel.mend():
            StaffAction.record(user=request.user, action="mend", thing=Channel.current(), at=timezone.now())
            messages.success(request, _("Letters may go out again. A paused letter goes on with its own button."))
        return redirect("admin:newsletters_channel_changelist")

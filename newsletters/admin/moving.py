"""Moving in and out: lists of other services are looked at, then taken in; all that is here goes out as one file."""

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.csrf import csrf_protect
from django.views.decorators.http import require_POST

from newsletters import takeout
from newsletters.admin.reader import ReadOnlyAdmin
from newsletters.models import Newsletter, ReaderImport
from newsletters.models.reader_import import check_size
from newsroom.models import StaffAction


class BringForm(forms.Form):
    """A list that somebody brings."""

    newsletter = forms.ModelChoiceField(
        label=gettext_lazy("Newsletter"), queryset=Newsletter.objects.select_related("edition")
    )
    file = forms.FileField(
        label=gettext_lazy("The export, as it came"), validators=[check_size], max_length=255,
        help_text=gettext_lazy("A zip or CSV file from Mailchimp, listmonk, Ghost or Substack, or of our own."),
    )  # fmt: skip
    ask_undated = forms.BooleanField(
        label=gettext_lazy("Ask first those whose consent has no date"), required=False,
        help_text=gettext_lazy("Each gets one mail with a button, and is a reader only after pressing it."),
    )  # fmt: skip


@admin.register(ReaderImport)
class ReaderImportAdmin(ReadOnlyAdmin):
    """Bring a list, read the report, take it in."""

    list_display = ("created_at", "kind", "newsletter", "state", "total", "started_by")
    list_select_related = ("newsletter", "started_by")
    change_list_template = "admin/newsletters/import_list.html"

    def may_bring(self, request):
        """Tell whether this person may bring readers."""
        return request.user.has_perm("newsletters.add_readerimport")

    def get_urls(self):
        wrap = self.admin_site.admin_view
        return [
            path("bring/", wrap(self.bring_view), name="newsletters_readerimport_bring"),
            path("takeout/", wrap(self.takeout_view), name="newsletters_readerimport_takeout"),
            path("<int:object_id>/act/", wrap(self.act_view), name="newsletters_readerimport_act"),
            *super().get_urls(),
        ]

    def changelist_view(self, request, extra_context=None):
        """Show the imports with the form for another one."""
        context = {
            "title": _("Imports of readers"),
            "form": BringForm(), "may_bring": self.may_bring(request),
            "may_take_out": request.user.has_perm("newsletters.take_out_readers"), **(extra_context or {}),
        }  # fmt: skip
        return super().changelist_view(request, context)

    @method_decorator(csrf_protect)
    def bring_view(self, request):
        """Take down a list; the worker looks at it."""
        if not self.may_bring(request):
            raise PermissionDenied
        if request.method != "POST":
            return redirect("admin:newsletters_readerimport_changelist")
        form = BringForm(request.POST, request.FILES)
        if form.is_valid():
            given = form.cleaned_data
            try:
                bringing = ReaderImport.bring(
                    given["newsletter"], given["file"].read(), given["file"].name, by=request.user,
                    at=timezone.now(), ask_undated=given["ask_undated"],
                )  # fmt: skip
                return redirect("admin:newsletters_readerimport_change", bringing.pk)
            except ValidationError as error:
                form.add_error("file", error)
        response = self.changelist_view(request, {"form": form})
        response.status_code = 422
        return response

    def change_view(self, request, object_id, form_url="", extra_context=None):
        """Show how far it is, and what was found."""
        bringing = self.get_object(request, object_id)
        if bringing is None:
            raise Http404
        if not self.has_view_permission(request, bringing):
            raise PermissionDenied
        context = {
            **self.admin_site.each_context(request), "opts": self.opts, "title": str(bringing), "bringing": bringing,
            "report": bringing.report(), "may_bring": self.may_bring(request),
            "is_over": bringing.state in {bringing.State.DONE, bringing.State.DISCARDED},
        }  # fmt: skip
        return render(request, "admin/newsletters/import.html", context)

    @method_decorator([csrf_protect, require_POST])
    def act_view(self, request, object_id):
        """Take the list in, throw it away, or have the worker go on."""
        if not self.may_bring(request):
            raise PermissionDenied
        bringing = self.get_object(request, str(object_id))
        if bringing is None:
            raise Http404
        now, wish = timezone.now(), request.POST.get("wish")
        if wish == "take_in" and bringing.take_in(by=request.user, at=now):
            messages.success(request, _("The worker takes them in. Nobody gets a letter because of it."))
        elif wish == "discard" and bringing.discard(by=request.user, at=now):
            messages.success(request, _("Thrown away, with its addresses."))
        elif wish == "go_on" and bringing.is_open():
            bringing.go_on(at=now)
        else:
            messages.error(request, _("That cannot be done with it now."))
        return redirect("admin:newsletters_readerimport_change", bringing.pk)

    @method_decorator([csrf_protect, require_POST])
    def takeout_view(self, request):
        """Answer with everything, as one file; it is on record who took it."""
        if not request.user.has_perm("newsletters.take_out_readers"):
            raise PermissionDenied
        if "sure" not in request.POST:
            messages.error(request, _("Tick the box: the file holds every address in the clear."))
            return redirect(reverse("admin:newsletters_readerimport_changelist"))
        StaffAction.record(user=request.user, action="take out readers", thing=request.user, at=timezone.now())
        response = StreamingHttpResponse(takeout.stream(), content_type="application/zip")
        response["Content-Disposition"] = 'attachment; filename="letters.zip"'
        response["Cache-Control"] = "no-store"
        return response

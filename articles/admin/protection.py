"""Names taken back, requests for removal, and withdrawing many stories with two pairs of eyes, in the admin."""

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_protect
from django.views.decorators.debug import sensitive_post_parameters

from articles.admin.forms import pointer
from articles.models import Article, MassWithdrawal, NameWithdrawal, Person, RemovalRequest
from articles.models.removal import PRIVATE
from articles.models.withdrawal import Undone
from newsroom.admin import NamedChoosers
from newsroom.forms import TidyCharField
from newsroom.sealing import Erased


class WithdrawNameForm(forms.Form):
    """What readers see in place of the name, and why."""

    how = forms.ChoiceField(
        label=gettext_lazy("Readers see"), choices=NameWithdrawal.How, widget=forms.RadioSelect, initial="desk"
    )
    pseudonym = TidyCharField(label=gettext_lazy("Pseudonym"), max_length=120, required=False)
    reason = TidyCharField(
        label=gettext_lazy("Reason"), max_length=300, required=False,
        help_text=gettext_lazy("For the records of the staff. Do not write the name here."),
    )  # fmt: skip


def add_errors(form, error):
    """Put the errors of a verb at the fields of the form, the others above it."""
    if not hasattr(error, "error_dict"):
        form.add_error(None, error)
        return
    for name, errors in error.error_dict.items():
        form.add_error(name if name in form.fields else None, errors)


class ReadOnly:
    """An admin class whose rows nobody adds, changes or deletes by hand: verbs alone write them."""

    def has_add_permission(self, request):
        return False

    def has_change_permission(self, request, obj=None):
        return False

    def has_delete_permission(self, request, obj=None):
        return False


class WithdrawingViews:
    """The page on which a name is taken back; a part of PersonAdmin."""

    def get_urls(self):
        """Return the addresses of the admin class and that of this page."""
        view = self.admin_site.admin_view(self.withdraw_name_view)
        return [path("<int:pk>/withdraw-name/", view, name="articles_person_withdraw_name"), *super().get_urls()]

    def may_withdraw_names(self, request):
        """Tell whether this person may take names back."""
        return request.user.has_perm("articles.withdraw_name_person")

    @method_decorator([never_cache, csrf_protect, sensitive_post_parameters()])
    def withdraw_name_view(self, request, pk):
        """Say what will change, take the name back by POST, and lead to the report."""
        person = Person.objects.filter(pk=pk).first()
        if person is None:
            raise Http404
        if not self.may_withdraw_names(request):
            raise PermissionDenied
        form = WithdrawNameForm(request.POST if request.method == "POST" else None)
        if request.method == "POST" and form.is_valid():
            try:
                done = person.withdraw_name(**form.cleaned_data, by=request.user, at=timezone.now())
            except ValidationError as error:
                add_errors(form, error)
            else:
                messages.success(request, _("The name is withdrawn everywhere. This is what a human has to look at."))
                return redirect("admin:articles_namewithdrawal_change", done.pk)
        context = {
            **self.admin_site.each_context(request),
            "title": _("Withdraw a name"), "opts": self.opts, "original": person, "person": person, "form": form,
            "stories": person.bylines.values("article").distinct().count(),
        }  # fmt: skip
        status = 422 if form.errors else 200
        return render(request, "admin/articles/withdraw_name.html", context, status=status)

    def change_view(self, request, object_id, form_url="", extra_context=None):
        """Offer to withdraw the name to those who may."""
        context = {"may_withdraw_names": self.may_withdraw_names(request), **(extra_context or {})}
        return super().change_view(request, object_id, form_url, context)


@admin.register(NameWithdrawal)
class NameWithdrawalAdmin(ReadOnly, admin.ModelAdmin):
    """What each withdrawal changed, where texts still name the person, and the way back."""

    list_display = ("__str__", "person", "how", "stories", "photos", "withdrawn_by", "withdrawn_at", "undone_at")
    list_select_related = ("person", "withdrawn_by")
    list_filter = ("how",)

    def get_urls(self):
        view = self.admin_site.admin_view(self.undo_view)
        return [path("<int:pk>/undo/", view, name="articles_namewithdrawal_undo"), *super().get_urls()]

    def may_undo(self, request):
        """Tell whether this person may read what was sealed, and bring it back."""
        return request.user.has_perm("articles.withdraw_name_person")

    @method_decorator(never_cache)
    def change_view(self, request, object_id, form_url="", extra_context=None):
        """Show the report: counts to everybody with the right to look, mentions to those who may withdraw."""
        done = self.get_object(request, object_id)
        if done is None:
            raise Http404
        if not self.has_view_permission(request, done):
            raise PermissionDenied
        mentions = None
        if self.may_undo(request):
            try:
                mentions = done.mentions()
            except Erased:
                mentions = None
        context = {
            **self.admin_site.each_context(request),
            "title": str(done), "opts": self.opts, "original": done, "withdrawal": done, "mentions": mentions,
            "may_undo": self.may_undo(request) and done.undone_at is None and mentions is not None,
        }  # fmt: skip
        return render(request, "admin/articles/name_withdrawal.html", context)

    @method_decorator(csrf_protect)
    def undo_view(self, request, pk):
        """Bring the name back (POST only)."""
        done = NameWithdrawal.objects.filter(pk=pk).first()
        if done is None:
            raise Http404
        if request.method != "POST" or not self.may_undo(request):
            raise PermissionDenied
        try:
            done.undo(by=request.user, at=timezone.now())
        except Undone:
            messages.error(request, _("This was undone already."))
        except Erased:
            messages.error(request, _("This withdrawal is final: what stood before cannot be read any more."))
        else:
            messages.success(request, _("The name is back as it was."))
        return redirect("admin:articles_namewithdrawal_change", done.pk)


class RemovalForm(forms.ModelForm):
    """What was asked (sealed) and of what; later the decision."""

    story = pointer(
        "story", Article, gettext_lazy("There is no such story."), label=gettext_lazy("Story"),
        help_text=gettext_lazy("Its address or id."),
    )  # fmt: skip
    words = TidyCharField(
        label=gettext_lazy("What was asked, and by whom"), max_length=PRIVATE, required=False,
        widget=forms.Textarea(attrs={"rows": 6}),
        help_text=gettext_lazy("Kept sealed; only those with the right to this page can read it."),
    )  # fmt: skip

    class Meta:
        model = RemovalRequest
        fields = ("story", "person", "decision")

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        story = self.instance.story if self.instance.pk and self.instance.story_id else None
        known = {story.pk: story} if story else {}
        if "story" in self.fields:
            self.fields["story"].known = self.fields["story"].widget.rows = known
        if "decision" in self.fields:
            self.fields["decision"].required = False

    def clean_story(self):
        """Return the story itself."""
        pk = self.cleaned_data["story"]
        return Article.objects.get(pk=pk) if pk else None

    def clean(self):
        """Refuse a request about nothing, and a decision whose work is not done."""
        data = super().clean()
        if self.instance.pk is None and not self.errors and not (data.get("story") or data.get("person")):
            raise ValidationError(_("Name the story or the person that this is about."))
        if self.instance.pk and data.get("decision") and (missing := self.instance._not_done(data["decision"])):
            self.add_error("decision", missing)
        return data


@admin.register(RemovalRequest)
class RemovalRequestAdmin(NamedChoosers, admin.ModelAdmin):
    """The private log of requests and how each was decided."""

    form = RemovalForm
    list_display = ("__str__", "story", "person", "decision", "received_at", "decided_at", "decided_by")
    list_filter = ("decision",)
    list_select_related = ("story", "person", "decided_by")
    autocomplete_fields = ("person",)

    def has_delete_permission(self, request, obj=None):
        """Tell that nobody deletes from the log."""
        return False

    def get_fields(self, request, obj=None):
        return ("story", "person", "words") if obj is None else ("story", "person", "asked", "decision")

    def get_readonly_fields(self, request, obj=None):
        if obj is None:
            return ()
        decided = ("decision",) if obj.decision != RemovalRequest.Decision.PENDING else ()
        return ("story", "person", "asked", *decided)

    @admin.display(description=gettext_lazy("what was asked"))
    def asked(self, removal):
        """Return the sealed words."""
        try:
            return removal.words()
        except Erased:
            return _("erased")

    def save_model(self, request, obj, form, change):
        """Log what is new; decide what is pending."""
        at = timezone.now()
        if not change:
            made = RemovalRequest.log(
                words=form.cleaned_data["words"], story=obj.story, person=obj.person, by=request.user, at=at
            )
            obj.pk, obj._state.adding = made.pk, False
        elif form.cleaned_data.get("decision", "pending") != RemovalRequest.Decision.PENDING:
            fresh = RemovalRequest.objects.get(pk=obj.pk)
            try:
                fresh.decide(form.cleaned_data["decision"], by=request.user, at=at)
            except ValidationError as error:
                messages.error(request, " ".join(error.messages))


@admin.register(MassWithdrawal)
class MassWithdrawalAdmin(ReadOnly, admin.ModelAdmin):
    """Withdrawals of many stories that wait for a second editor, and those that were decided."""

    list_display = ("__str__", "asked_by", "asked_at", "confirmed_by", "confirmed_at", "refused_at")
    list_select_related = ("asked_by", "confirmed_by")

    def get_urls(self):
        view = self.admin_site.admin_view(self.decide_view)
        return [path("<int:pk>/decide/", view, name="articles_masswithdrawal_decide"), *super().get_urls()]

    def may_decide(self, request):
        """Tell whether this person may withdraw stories."""
        return request.user.has_perm("articles.publish_article")

    @method_decorator(never_cache)
    def change_view(self, request, object_id, form_url="", extra_context=None):
        """Name the stories and offer the two buttons to a second editor."""
        asked = self.get_object(request, object_id)
        if asked is None:
            raise Http404
        if not self.has_view_permission(request, asked):
            raise PermissionDenied
        context = {
            **self.admin_site.each_context(request),
            "title": str(asked), "opts": self.opts, "original": asked, "asked": asked,
            "stories": asked.stories.select_related("edition").defer("body_html"),
            "may_decide": asked.is_pending and self.may_decide(request),
            "is_own": asked.asked_by == request.user,
        }  # fmt: skip
        return render(request, "admin/articles/mass_withdrawal.html", context)

    @method_decorator(csrf_protect)
    def decide_view(self, request, pk):
        """Withdraw the stories or leave them (POST only)."""
        asked = MassWithdrawal.objects.filter(pk=pk).first()
        if asked is None:
            raise Http404
        if request.method != "POST" or not self.may_decide(request):
            raise PermissionDenied
        try:
            if request.POST.get("_decision") == "confirm":
                count = asked.confirm(by=request.user, at=timezone.now())
                messages.success(request, _("%(count)d stories are withdrawn.") % {"count": count})
            else:
                asked.refuse(by=request.user, at=timezone.now())
                messages.success(request, _("The stories stay where they are."))
        except ValidationError as error:
            messages.error(request, " ".join(error.messages))
        return redirect("admin:articles_masswithdrawal_change", asked.pk)


class MassWithdrawalForm(forms.Form):
    """The explanation that will stand at every address."""

    explanation = TidyCharField(
        label=gettext_lazy("Explanation for readers"), max_length=500, widget=forms.Textarea(attrs={"rows": 3})
    )


@admin.action(description=gettext_lazy("Ask to withdraw these stories…"), permissions=["publish"])
def ask_to_withdraw(model_admin, request, queryset):
    """Ask for the explanation, then for a second editor."""
    form = MassWithdrawalForm(request.POST if "explanation" in request.POST else None)
    stories = list(queryset.filter(state=Article.State.PUBLISHED))
    if form.is_bound and form.is_valid():
        try:
            asked = MassWithdrawal.ask(
                stories, explanation=form.cleaned_data["explanation"], by=request.user, at=timezone.now()
            )
        except ValidationError as error:
            messages.error(request, " ".join(error.messages))
            return None
        messages.success(request, _("Another editor has to confirm this now."))
        return redirect(reverse("admin:articles_masswithdrawal_change", args=[asked.pk]))
    context = {
        **model_admin.admin_site.each_context(request),
        "title": _("Withdraw many stories"), "opts": model_admin.opts, "form": form, "stories": stories,
        "chosen": request.POST.getlist("_selected_action"),
    }  # fmt: skip
    return render(request, "admin/articles/ask_to_withdraw.html", context)

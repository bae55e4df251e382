"""The site's own tables in the admin: editions, accounts, and the record of what the staff did."""

from functools import partial
from smtplib import SMTPException

from django import forms
from django.contrib import admin, messages
from django.contrib.auth.admin import GroupAdmin as DjangoGroupAdmin
from django.contrib.auth.admin import UserAdmin as DjangoUserAdmin
from django.contrib.auth.forms import UsernameField
from django.contrib.auth.models import Group
from django.core.exceptions import PermissionDenied
from django.db import models, transaction
from django.shortcuts import redirect, render
from django.urls import path
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext, pgettext_lazy
from django.views.decorators.csrf import csrf_protect

from newsroom import invitations
from newsroom.forms import check_characters
from newsroom.models import Edition, Mirror, StaffAction, StaffSession, User
from newsroom.prose import MessageField
from newsroom.tasks import check_mirror


class Tidy:
    """For admin classes and inlines: text that cannot be shown is refused at its field, and long texts get room."""

    def get_formset(self, request, obj=None, **kwargs):
        """Return the formset of an inline; a forged count cannot make thousands of forms."""
        return super().get_formset(request, obj, **{"max_num": 50, "absolute_max": 60, **kwargs})

    def formfield_for_dbfield(self, db_field, request, **kwargs):
        field = super().formfield_for_dbfield(db_field, request, **kwargs)
        if isinstance(field, forms.CharField) and isinstance(db_field, models.CharField | models.TextField):
            field.validators = [check_characters, *field.validators]
            if (getattr(db_field, "max_length", None) or 0) > 200 and isinstance(field.widget, forms.TextInput):
                field.widget = forms.Textarea(attrs={"rows": 3, "cols": 60, "maxlength": db_field.max_length})
        return field


class NamedChoosers:
    """For admin classes with `autocomplete_fields`: the choosers of Django have the name of their field."""

    class Media:
        js = (forms.Script("js/desk/choosers.js", type="module"),)


@admin.register(Edition)
class EditionAdmin(Tidy, admin.ModelAdmin):
    """Name, identity and every word of the boxes of an edition."""

    list_display = ("title", "code", "language", "is_default", "time_zone", "currency")
    fieldsets = (
        (
            pgettext_lazy("edition", "Title"),
            {"fields": ("title", "tagline", "logo", "code", "language", "is_default", "position")},
        ),
        (_("Time and money"), {"fields": ("time_zone", "time_zone_label", "readers_time_zone", "currency")}),
        (_("Newsletter box"), {"fields": ("newsletter_box_title", "newsletter_box_text", "privacy_sentence")}),
        (_("Message to readers"), {"fields": ("support_title", "support_text", "support_short")}),
        (_("Contact and policies"), {"fields": (
            "contact_email", "postal_address", "about_url", "privacy_url", "corrections_url", "footer_text",
        )}),
    )  # fmt: skip

    def formfield_for_dbfield(self, db_field, request, **kwargs):
        if db_field.name == "support_text":
            return MessageField(label=db_field.verbose_name, required=False, max_length=6000)
        return super().formfield_for_dbfield(db_field, request, **kwargs)

    def get_readonly_fields(self, request, obj=None):
        """Keep the code of an edition: it is part of every address."""
        return ("code",) if obj else ()


@admin.register(Mirror)
class MirrorAdmin(Tidy, admin.ModelAdmin):
    """Where else the title can be read; each is looked at every quarter of an hour, or now by a button."""

    list_display = ("address", "label", "languages", "active", "seen", "checked_at", "note")
    list_filter = ("active", "state")
    fields = ("address", "label", "languages", "active", "position", "note", "seen", "checked_at")
    readonly_fields = ("seen", "checked_at")
    actions = ("look",)

    @admin.display(description=_("last seen"), ordering="state")
    def seen(self, mirror):
        """What the last look saw."""
        return f"{mirror.get_state_display()}. {mirror.state_note}".strip() if mirror.pk else ""

    def has_check_permission(self, request):
        """Tell whether this person may have mirrors looked at."""
        return request.user.has_perm("newsroom.check_mirror")

    @admin.action(description=_("Look whether they answer"), permissions=["check"])
    def look(self, request, mirrors):
        """Have the chosen mirrors looked at by the worker."""
        chosen = [mirror.pk for mirror in mirrors if mirror.active]
        for mirror_id in chosen:
            check_mirror.enqueue(mirror_id=mirror_id)
        said = ngettext("%(count)d mirror is being looked at.", "%(count)d mirrors are being looked at.", len(chosen))
        messages.info(request, said % {"count": len(chosen)})

    def get_actions(self, request):
        """Keep the deletion in bulk away: a listed host must not go by a slip."""
        return {name: action for name, action in super().get_actions(request).items() if name != "delete_selected"}

    def save_model(self, request, obj, form, change):
        """Store the mirror, and have it looked at when its address is new; who did what is on record."""
        if "address" in form.changed_data:
            obj.state, obj.state_note, obj.checked_at = Mirror.State.UNKNOWN, "", None
        super().save_model(request, obj, form, change)
        verb = "change mirror" if change else "add mirror"
        StaffAction.record(user=request.user, action=verb, thing=obj, reason=obj.address, at=timezone.now())
        if obj.active:
            check_mirror.enqueue(mirror_id=obj.pk)

    def delete_model(self, request, obj):
        """Delete the mirror; who did it is on record."""
        StaffAction.record(user=request.user, action="delete mirror", thing=obj, reason=obj.address, at=timezone.now())
        super().delete_model(request, obj)


class InvitationForm(forms.ModelForm):
    """A new account: it has no password until its owner chooses one."""

    class Meta:
        model = User
        fields = ("username", "email", "first_name", "last_name", "is_staff", "groups")
        field_classes = {"username": UsernameField}

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["email"].required = True
        self.fields["is_staff"].initial = True

    def clean_email(self):
        """Refuse an address that another account has: a login by address must be one person's."""
        email = self.cleaned_data["email"]
        if User.objects.filter(email__iexact=email).exists():
            raise forms.ValidationError(_("Another account has this address."))
        return email

    def save(self, commit=True):  # noqa: FBT002 - Django's own signature
        user = super().save(commit=False)
        user.set_unusable_password()
        if commit:
            user.save()
            self.save_m2m()
        return user


@admin.register(User)
class UserAdmin(Tidy, DjangoUserAdmin):
    """Accounts of the staff; only a superuser makes another one."""

    list_display = ("username", "get_full_name", "email", "is_active", "roles", "last_login")
    list_filter = ("is_active", "groups")
    fieldsets = (
        (None, {"fields": ("username", "password")}),
        (_("Person"), {"fields": ("first_name", "last_name", "email")}),
        (_("Rights"), {"fields": ("is_active", "is_staff", "groups", "is_superuser")}),
        (_("Dates"), {"fields": ("last_login", "date_joined")}),
    )
    add_fieldsets = (
        (None, {
            "classes": ("wide",), "fields": ("username", "email", "first_name", "last_name"),
            "description": _("A mail goes to the address, with a link behind which your colleague chooses a password."),
        }),
        (_("Rights"), {"fields": ("is_staff", "groups")}),
    )  # fmt: skip
    add_form = InvitationForm
    change_list_template = "admin/newsroom/user_list.html"
    actions = ["invite_again", "end_sessions_of"]
    readonly_fields = ("last_login", "date_joined")
    filter_horizontal = ("groups",)

    def get_queryset(self, request):
        return super().get_queryset(request).prefetch_related("groups")

    def get_urls(self):
        ending = self.admin_site.admin_view(self.end_sessions_view)
        return [path("end-sessions/", ending, name="newsroom_user_end_sessions"), *super().get_urls()]

    def save_related(self, request, form, formsets, change):
        """Invite a new colleague once the groups are there."""
        super().save_related(request, form, formsets, change)
        if not change:
            transaction.on_commit(partial(self._invite, request, form.instance))

    def _invite(self, request, user):
        try:
            invitations.invite(user, by=request.user, at=timezone.now())
        except (OSError, SMTPException):
            self.message_user(request, _("The mail to %s could not leave. Invite again later.") % user, messages.ERROR)
        else:
            self.message_user(request, _("%s is invited.") % user, messages.SUCCESS)

    @admin.action(description=_("Invite again"), permissions=["change"])
    def invite_again(self, request, users):
        """Mail a new link to those who never logged in; the others have a password of their own."""
        for user in users:
            if user.last_login is None and user.is_active and user.email:
                self._invite(request, user)
            else:
                words = _("%s has logged in before, is not active, or has no address.") % user
                self.message_user(request, words, messages.WARNING)

    @admin.action(description=_("End all sessions of these accounts"), permissions=["change"])
    def end_sessions_of(self, request, users):
        """Log the chosen accounts out everywhere."""
        at = timezone.now()
        for user in users:
            ended = StaffSession.objects.filter(user=user).end(user, by=request.user, at=at, action="end sessions")
            words = ngettext("%(user)s: %(count)d session ended.", "%(user)s: %(count)d sessions ended.", ended)
            self.message_user(request, words % {"user": user, "count": ended})

    @method_decorator(csrf_protect)
    def end_sessions_view(self, request):
        """End every session of everybody, after a page that asks."""
        if not self.has_change_permission(request):
            raise PermissionDenied
        if request.method != "POST":
            return redirect("admin:newsroom_user_changelist")
        at, everybody = timezone.now(), StaffSession.objects.all()
        if request.POST.get("sure") == "yes":
            everybody.end(request.user, by=request.user, at=at, action="end every session")
            return redirect("account_login")
        context = {
            **self.admin_site.each_context(request), "opts": self.opts, "title": _("End every session"),
            "count": everybody.alive(at).count(),
        }  # fmt: skip
        return render(request, "admin/newsroom/end_sessions.html", context)

    def get_readonly_fields(self, request, obj=None):
        """Keep the superuser's flag from everybody who is none."""
        return (*self.readonly_fields, *(() if request.user.is_superuser else ("is_superuser",)))

    def has_change_permission(self, request, obj=None):
        """Keep the account of a superuser from everybody who is none."""
        allowed = super().has_change_permission(request, obj)
        return allowed and (obj is None or request.user.is_superuser or not obj.is_superuser)

    def has_delete_permission(self, request, obj=None):
        """Keep the account of a superuser from everybody who is none, and one's own from oneself."""
        allowed = super().has_delete_permission(request, obj)
        return allowed and (
            obj is None or (obj != request.user and (request.user.is_superuser or not obj.is_superuser))
        )

    @admin.display(description=_("roles"))
    def roles(self, user):
        """Return the names of the groups."""
        return ", ".join(group.name for group in user.groups.all())


admin.site.unregister(Group)


@admin.register(Group)
class GroupAdmin(Tidy, DjangoGroupAdmin):
    """What each group of the staff may do."""


@admin.register(StaffAction)
class StaffActionAdmin(admin.ModelAdmin):
    """The record; nobody writes in it by hand."""

    list_display = ("at", "user", "action", "kind", "object_id", "reason")
    list_filter = ("action", "kind")
    list_select_related = ("user",)
    search_fields = ("user__username", "object_id")
    date_hierarchy = "at"
    actions = None

    def has_add_permission(self, request):
        return False

    def has_change_permission(self, request, obj=None):
        return False

    def has_delete_permission(self, request, obj=None):
        return False

"""Staff accounts: nobody signs up, and in production everybody needs a second factor or a passkey."""

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.auth_backends import AuthenticationBackend
from allauth.account.forms import LoginForm
from allauth.account.views import LogoutView
from allauth.mfa.utils import is_mfa_enabled
from django.conf import settings
from django.contrib.auth import get_user_model
from django.contrib.auth.decorators import login_required
from django.core.validators import MaxLengthValidator
from django.db.models import Exists, OuterRef, Q
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache

from newsroom import sessions
from newsroom.forms import check_characters


class ClosedAccountAdapter(DefaultAccountAdapter):
    """Accounts are made by an administrator; the public cannot."""

    def is_open_for_signup(self, request):
        return False

    def is_safe_url(self, url):
        """Tell whether `url` stays on this site; what cannot be read as an address does not."""
        try:
            return super().is_safe_url(url)
        except ValueError:
            return False


class StaffLoginForm(LoginForm):
    """Name and password, the name no longer than an account's can be: databases refuse to compare the endless."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["login"].validators += [MaxLengthValidator(254), check_characters]


class StaffBackend(AuthenticationBackend):
    """Name and password as before; who somebody is and all that he may do take one question each."""

    def get_user(self, user_id):
        """Return the active user with `has_second_factor`, or None."""
        from allauth.mfa.models import Authenticator

        factors = Authenticator.objects.filter(user=OuterRef("pk"))
        user = get_user_model()._default_manager.annotate(has_second_factor=Exists(factors)).filter(pk=user_id).first()
        return user if user is not None and self.user_can_authenticate(user) else None

    def get_all_permissions(self, user_obj, obj=None):
        """Return the permissions of the user and of his groups, asked for once."""
        if not user_obj.is_active or user_obj.is_anonymous or obj is not None:
            return set()
        if not hasattr(user_obj, "_perm_cache"):
            from django.contrib.auth.models import Permission

            known = Permission.objects.order_by()
            if not user_obj.is_superuser:
                known = known.filter(Q(user=user_obj) | Q(group__user=user_obj)).distinct()
            names = known.values_list("content_type__app_label", "codename")
            user_obj._perm_cache = {f"{label}.{codename}" for label, codename in names}
        return user_obj._perm_cache


def has_second_factor(user):
    """Tell whether the account has one; StaffBackend has asked already when it loaded the account."""
    known = getattr(user, "has_second_factor", None)
    return is_mfa_enabled(user) if known is None else known


class StaffLogoutView(LogoutView):
    """Log out; the browser forgets what it kept of unsaved texts."""

    def post(self, *args, **kwargs):
        return forgetting(super().post(*args, **kwargs))


def forgetting(response):
    """Tell the browser to empty this site's storage with the answer (Clear-Site-Data, W3C working draft)."""
    response["Clear-Site-Data"] = '"storage"'
    return response


class SecondFactorMiddleware:
    """Let staff without a second factor reach only the pages where they set one up; note the day of the visit."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        if request.path.startswith("/admin/") and request.user.is_authenticated:
            if settings.SECOND_FACTOR_REQUIRED and not has_second_factor(request.user):
                return redirect("mfa_index")
            sessions.touch(request, at=timezone.now())
        return self.get_response(request)


@never_cache
@login_required
def own_sessions(request):
    """Show where the account is logged in; end one session, or all but this one."""
    from newsroom.models import StaffSession

    at, current = timezone.now(), request.session.session_key
    mine = StaffSession.objects.alive(at).filter(user=request.user)
    if request.method == "POST":
        chosen = request.POST.get("end", "")
        keys = [row.session_key for row in mine if chosen == row.mark or (chosen == "others")]
        keys = [key for key in keys if key != current]
        StaffSession.objects.filter(pk__in=keys).end(request.user, by=request.user, at=at, action="end sessions")
        return redirect("account_sessions")
    return render(request, "account/sessions.html", {"sessions": mine, "current": current})

"""Staff accounts: nobody signs up, and in production everybody needs a second factor or a passkey."""

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.forms import LoginForm
from allauth.mfa.utils import is_mfa_enabled
from django.conf import settings
from django.core.validators import MaxLengthValidator
from django.shortcuts import redirect

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


class SecondFactorMiddleware:
    """Let staff without a second factor reach only the pages where they set one up."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        if settings.SECOND_FACTOR_REQUIRED and request.path.startswith("/admin/"):
            user = request.user
            if user.is_authenticated and not is_mfa_enabled(user):
                return redirect("mfa_index")
        return self.get_response(request)

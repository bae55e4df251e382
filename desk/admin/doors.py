"""Doors for scripts: they answer in JSON, and never with a page to log in on."""

import functools

from django.core.exceptions import PermissionDenied
from django.http import Http404, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_protect
from django.views.decorators.debug import sensitive_post_parameters


def refusal(reason, *, status, **more):
    """Return the answer that names why something was refused."""
    return JsonResponse({"reason": reason, **more}, status=status)


def door(admin_site, view):
    """Wrap `view` for scripts of an open page: POST only, with a token, and for the person who opened that page.

    A page outlives its session. When nobody is logged in the answer is 401, when somebody else is it is 403: what one
    person typed is never kept under the name of another.
    """

    @never_cache
    @csrf_protect
    @sensitive_post_parameters()
    @functools.wraps(view)
    def answer(request, *args, **kwargs):
        if request.method != "POST":
            return refusal("method", status=405)
        if not admin_site.has_permission(request):
            return refusal("login", status=401)
        if request.POST.get("_user") != str(request.user.pk):
            return refusal("user", status=403)
        try:
            return view(request, *args, **kwargs)
        except PermissionDenied:
            return refusal("permission", status=403)
        except Http404:
            return refusal("gone", status=404)

    return answer

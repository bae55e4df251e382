"""The cockpit in the admin: one page, drawn on the server."""

from django.core.exceptions import PermissionDenied
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _t

from donations import answers, cockpit
from donations.models import Journal
from donations.models.gift import Mode


def show(admin_site, request):
    """Show how giving stands, for one mode at a time."""
    if not request.user.has_perm("donations.view_gift"):
        raise PermissionDenied
    now = timezone.now()
    modes = [mode for mode in reversed(Mode.values) if Journal.objects.filter(mode=mode).exists()]
    mode = request.GET.get("mode", "")
    mode = mode if mode in Mode.values else next(iter(modes), Mode.LIVE)
    context = {
        **admin_site.each_context(request), "title": _t("How giving stands"), "mode": mode, "modes": modes,
        "periods": cockpit.periods(mode, now), "recurring": cockpit.recurring(mode),
        "movement": cockpit.movement(mode, now), "answers": answers.of_days(mode, at=now),
        "plots": cockpit.plots(mode), "health": cockpit.health(now),
        "width": cockpit.WIDTH, "height": cockpit.HEIGHT, "base": cockpit.BASE,
    }  # fmt: skip
    return render(request, "admin/donations/cockpit.html", context)

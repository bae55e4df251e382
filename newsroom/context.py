"""What every template may use."""

from django.conf import settings
from django.utils.functional import SimpleLazyObject

from newsroom import beacon, editions, emergency, hosts, mirrors, registry


def navigation_of(edition):
    """Return the sections that the apps name, in their order."""
    return [item for entries in registry.navigation.values() for item in entries(edition)]


def site(request):
    """Return the edition, the navigation and the home origin; nothing here depends on who is asking."""
    edition = getattr(request, "edition", None) or editions.default_edition()
    return {
        "edition": edition,
        "editions": editions.all_editions(),
        "navigation": SimpleLazyObject(lambda: navigation_of(edition)),
        "home_origin": settings.HOME_ORIGIN,
        # Before what gives or signs up: nothing at home, the home origin on mirrors and in copies.
        "mirrors_named": SimpleLazyObject(lambda: mirrors.working(edition)[:3]),
        "is_copy": hosts.is_copy(request),
        "emergency": SimpleLazyObject(emergency.present),
        "away": hosts.home_of(request),
        "canonical_url": settings.HOME_ORIGIN + request.path,
        "counts": getattr(request, "is_reader_page", False) and beacon.is_on(request),
        "mode": settings.MODE,
    }

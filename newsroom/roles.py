"""The groups of the staff and what each may do; every app adds its own permissions in `ready()`."""

from collections import defaultdict

REPORTER = "Reporter"
EDITOR = "Editor"
PHOTO_EDITOR = "Photo editor"
NEWSLETTER_EDITOR = "Newsletter editor"
FUNDRAISER = "Fundraiser"
ADMINISTRATOR = "Administrator"
ALL = (REPORTER, EDITOR, PHOTO_EDITOR, NEWSLETTER_EDITOR, FUNDRAISER, ADMINISTRATOR)

_granted = defaultdict(set)


def grant(roles, *permissions):
    """Give the groups `roles` the permissions, each written as "app.codename"; the administrators get them too."""
    for permission in permissions:
        for role in {*roles, ADMINISTRATOR}:
            _granted[role].add(permission)


def permissions_of(role):
    """Return the permissions of a role as a set of "app.codename"."""
    return set(_granted[role])


def update_groups(using="default"):
    """Make the groups and give them what they lack; what an administrator added by hand stays. Safe to run again."""
    from django.contrib.auth.models import Group, Permission

    existing = {
        f"{app}.{codename}": pk
        for pk, app, codename in Permission.objects.using(using).values_list(
            "pk", "content_type__app_label", "codename"
        )
    }
    for role in ALL:
        group, _made = Group.objects.using(using).get_or_create(name=role)
        group.permissions.add(*(existing[name] for name in _granted[role] if name in existing))

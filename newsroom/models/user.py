"""Accounts of the staff. Readers have none."""

from django.contrib.auth.models import AbstractUser


class User(AbstractUser):
    """A member of the staff who may open the admin site."""

    class Meta(AbstractUser.Meta):
        swappable = "AUTH_USER_MODEL"

    def __str__(self):
        return self.get_full_name() or self.username

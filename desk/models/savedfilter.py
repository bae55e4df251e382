"""Saved filters: what a person looks for again and again in a list, under a name."""

from urllib.parse import urlencode

from django.conf import settings
from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class SavedFilterQuerySet(models.QuerySet):
    """Saved filters of a list."""

    def of(self, model):
        """Keep those of the list of `model`."""
        return self.filter(content_type=ContentType.objects.get_for_model(model))

    def seen_by(self, user):
        """Keep one's own, and what others share with the desk."""
        return self.filter(Q(owner=user) | Q(is_shared=True))


class SavedFilter(models.Model):
    """The parameters of a list under a name; one's own, or shared with everybody who may open the list."""

    MOST = 20
    LONGEST = 1000

    content_type = models.ForeignKey(ContentType, models.CASCADE, related_name="+")
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    name = models.CharField(_("name"), max_length=60)
    parameters = models.JSONField(default=dict)
    is_shared = models.BooleanField(_("shared with the desk"), default=False)
    created_at = models.DateTimeField()

    objects = SavedFilterQuerySet.as_manager()

    class Meta:
        ordering = ["name", "pk"]
        verbose_name = _("saved filter")
        verbose_name_plural = _("saved filters")
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(fields=["content_type", "owner", "name"], name="savedfilter_name_once"),
            models.CheckConstraint(condition=~Q(name=""), name="savedfilter_has_name"),
        ]

    def __str__(self):
        return self.name

    @classmethod
    def keep(cls, model, *, name, parameters, is_shared, by, at):
        """Keep the parameters under `name` for this person, in place of what had that name.

        Raises ValidationError when there is nothing to keep, or too much.
        """
        if not parameters:
            raise ValidationError(_("Choose a filter or search for something first, then save it."))
        if len(urlencode(parameters)) > cls.LONGEST:
            raise ValidationError(_("This filter is too long to be kept."))
        with transaction.atomic():
            ours = cls.objects.of(model).filter(owner=by)
            if ours.exclude(name=name).count() >= cls.MOST:
                raise ValidationError(_("You have %(limit)d filters here: delete one first.") % {"limit": cls.MOST})
            return cls.objects.update_or_create(
                content_type=ContentType.objects.get_for_model(model), owner=by, name=name,
                defaults={"parameters": parameters, "is_shared": is_shared, "created_at": at},
            )[0]  # fmt: skip

    @property
    def query(self):
        """The parameters as they stand in an address."""
        return urlencode(self.parameters)

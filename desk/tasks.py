"""What follows when something appeared, changed or went, run by the worker."""

from django.apps import apps
from django.db import transaction
from django.utils import timezone
from django_tasks import task


@task()
def follow_up(*, kind, object_id):
    """Let what follows happen to the thing of the model `kind`; nothing when it is gone."""
    thing = apps.get_model(kind)._default_manager.filter(pk=object_id).first()
    if thing is not None:
        with transaction.atomic():
            thing.follow(at=timezone.now())

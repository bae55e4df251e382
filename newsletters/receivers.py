"""What letters do when something happens elsewhere."""

from django.utils.translation import gettext as _

from newsletters.models import Issue, WrongState


def story_withdrawn(sender, thing, at, **kwargs):
    """Pause the letters that carry a withdrawn story while they go out; those that are due are held by their start."""
    if thing._meta.label_lower != "articles.article":
        return
    for issue in Issue.objects.filter(state=Issue.State.SENDING, blocks__article_id=thing.pk).distinct():
        try:
            issue.pause(by=None, at=at, note=_("A story in this letter was withdrawn while it was being sent."))
        except WrongState:
            continue

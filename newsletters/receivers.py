"""What letters do when something happens elsewhere."""

from django.db.models import Q
from django.utils.translation import gettext as _

from newsletters import named
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


def name_withdrawn(sender, person, stories, photos, by, at, **kwargs):
    """Forget the frozen mails that may hold a name which was taken back, or the credit of a photo.

    A letter that names her in words of its own is frozen with them again only when somebody says so.
    """
    mine = Q(blocks__article_id__in=stories) | Q(blocks__photo_id__in=photos)
    shows = mine | Q(blocks__article__lead_photo_id__in=photos) | Q(blocks__article__photo_uses__photo_id__in=photos)
    withdrawal = person.withdrawals.filter(undone_at__isnull=True).first()
    says = named.frozen_with(withdrawal.names()) if withdrawal else ()
    for issue in Issue.objects.filter(shows | Q(pk__in=says), renderings__message__isnull=False).distinct():
        issue.forget_bytes(_("A name in this letter was taken back or changed."), by=by, at=at)


def restored(*, at):
    """Stop every letter in a site that was put back from a backup: what went out since then is not known here."""
    note = _("The site was put back from a backup. See who has got this letter before it goes on.")
    for issue in Issue.objects.filter(state=Issue.State.SENDING):
        issue.pause(by=None, at=at, note=note)
    for issue in Issue.objects.filter(state=Issue.State.SCHEDULED):
        issue.hold(note, at=max(at, issue.due_at or at))

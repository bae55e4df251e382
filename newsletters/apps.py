"""Start-up of letters."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

from newsroom import registry, roles


class NewslettersConfig(AppConfig):
    """Newsletters, their readers and their issues."""

    name = "newsletters"
    verbose_name = _("Newsletters")

    def ready(self):
        from articles.models.signals import name_withdrawn
        from desk import signals
        from newsletters import boxes, demo, health, jobs, named, receivers, sending  # noqa: F401 - importing registers the jobs
        from newsroom.openform.kinds import Kind

        registry.boxes.add("newsletter", boxes.newsletter_box)
        registry.pumps.add("newsletters", sending.pump)
        registry.public_urls.add("newsletters", public_urls)
        registry.dashboard.add("newsletters", dashboard)
        registry.status.add("newsletters", status)
        registry.restored.add("newsletters", receivers.restored)
        registry.readings.add("letters", health.readings)
        registry.demo.add("newsletters", demo.load)
        registry.open_kinds.add("newsletters", Kind("newsletters", "newsletters.newsletter"))
        registry.open_kinds.add(
            "issues", Kind("issues", "newsletters.issue", is_public=lambda issue: issue.state == "sent")
        )
        registry.open_kinds.add("issues_blocks", Kind("issues_blocks", "newsletters.issueblock"))
        registry.open_kinds.add("issues_told", Kind("issues_told", "newsletters.toldcorrection"))
        signals.withdrawn.connect(receivers.story_withdrawn, dispatch_uid="newsletters.story_withdrawn")
        registry.name_mentions.add("newsletters", named.mentions)
        name_withdrawn.connect(receivers.name_withdrawn, dispatch_uid="newsletters.name_withdrawn")
        grant_permissions()


def grant_permissions():
    """Say what each group may do with letters and readers."""
    roles.grant(
        [roles.NEWSLETTER_EDITOR],
        "newsletters.view_newsletter", "newsletters.add_newsletter", "newsletters.change_newsletter",
        "newsletters.view_issue", "newsletters.add_issue", "newsletters.change_issue", "newsletters.delete_issue",
        "newsletters.publish_issue", "newsletters.send_issue", "newsletters.view_subscriber",
        "newsletters.view_subscription", "newsletters.view_suppression", "newsletters.view_deliveryevent",
        "newsletters.view_straymail", "newsletters.view_channel", "newsletters.view_delivery",
        "newsletters.view_readerimport", "newsletters.add_readerimport",
    )  # fmt: skip
    roles.grant([roles.EDITOR], "newsletters.view_newsletter", "newsletters.view_issue")
    roles.grant(
        [roles.ADMINISTRATOR],
        "newsletters.erase_subscriber", "newsletters.add_suppression", "newsletters.change_suppression",
        "newsletters.delete_newsletter", "newsletters.view_consentevent", "newsletters.view_consentwording",
        "newsletters.change_channel", "newsletters.take_out_readers",
    )  # fmt: skip


def public_urls(edition):
    """Return every public address of the letters in an edition."""
    from newsletters.models import Issue, Newsletter
    from newsroom.editions import edition_url

    yield edition_url(edition, "newsletters:index")
    for newsletter in Newsletter.objects.filter(edition=edition, has_archive=True):
        yield newsletter.get_absolute_url()
    for newsletter in Newsletter.objects.filter(edition=edition, has_archive=True):
        yield edition_url(edition, "newsletters:feed", newsletter.slug)
    for issue in Issue.objects.published().filter(newsletter__edition=edition).select_related("newsletter__edition"):
        yield issue.get_absolute_url()


def dashboard(request):
    """Return the letters that wait, are under way, or need somebody; None for those who have no business with them."""
    from django.urls import reverse

    from newsletters.models import Issue

    if not request.user.has_perm("newsletters.view_issue"):
        return None
    issues = (
        Issue.objects.exclude(state__in=["sent", "cancelled"]).select_related("newsletter").prefetch_related("drafts")
    )
    return {
        "title": _("Letters"),
        "template": "admin/desk/panel.html",
        "empty": _("No letter is being written."),
        "more_url": reverse("admin:newsletters_issue_changelist"),
        "rows": [
            {
                "url": reverse("admin:newsletters_issue_change", args=[issue.pk]),
                "title": next((draft.title for draft in issue.drafts.all()), "") or _("Untitled"),
                "state": {"name": issue.state, "label": issue.get_state_display()},
                "note": issue.state_note or issue.newsletter.name,
            }
            for issue in issues[:8]
        ],
    }


def status(at):
    """Return (level, sentence) for each letter that waits for somebody."""
    from newsletters import limits
    from newsletters.models import Channel, Issue

    channel = Channel.current()
    refused = _("The mail server refuses our letters: %(reply)s") % {"reply": channel.broken_reply}
    stuck = Issue.objects.filter(state__in=["held", "paused"]).select_related("newsletter")
    burst = _("So many sign up for letters in this hour that each must prove some work.")
    found = [("error", refused)] * bool(channel.broken_at) + [("warning", burst)] * limits.is_burst(at=at)
    return found + [
        ("warning", f"{issue.newsletter} “{issue.subject}”: {issue.get_state_display()}. {issue.state_note}".strip())
        for issue in stuck
    ]

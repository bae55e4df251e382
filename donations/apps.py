"""Start-up of donations."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

from newsroom import registry, roles


class DonationsConfig(AppConfig):
    """Appeals, gifts, plans, the books and the providers."""

    name = "donations"
    verbose_name = _("Donations")

    def ready(self):
        from donations import answers, asking, checks, demo, health, jobs, signals  # noqa: F401 - importing registers checks and jobs
        from donations.models import Appeal, settlement
        from newsroom.openform.kinds import Kind

        registry.boxes.add("support", asking.box)
        registry.counted.add("ask", answers.countable)
        registry.due_moments.add("donations.appeal", Appeal.objects.next_due)
        registry.due_moments.add("donations.appeal turns", Appeal.objects.next_turn)
        registry.public_urls.add("support", public_urls)
        registry.dashboard.add("support", health.panel)
        registry.status.add("support", health.status)
        registry.readings.add("money", health.readings)
        registry.pumps.add("donations", jobs.apply_due_events)
        registry.demo.add("donations", demo.load)
        registry.open_kinds.add("appeals", Kind("appeals", "donations.appeal"))
        registry.open_kinds.add("appeals_offers", Kind("appeals_offers", "donations.offer"))
        registry.open_kinds.add("appeals_exclusions", Kind("appeals_exclusions", "donations.askexclusion"))
        registry.open_kinds.add("safety_policies", Kind("safety_policies", "donations.safetypolicy"))
        registry.open_kinds.add("transparency", Kind("transparency", "donations.transparency"))
        registry.open_kinds.add("donors_letters", Kind("donors_letters", "donations.lettertext"))
        signals.known.connect(settlement.settle_known, dispatch_uid="donations.known")
        grant_permissions()


def public_urls(edition):
    """Return the pages about giving that everybody may see."""
    from donations.asking import currencies_of

    others = [currency.lower() for currency in currencies_of(edition) if currency != edition.currency]
    paths = ["/support/", "/support/later/", *(f"/support/in/{currency}/" for currency in others)]
    return [edition.prefix + path for path in paths]


def grant_permissions():
    """Let fundraisers write and ask, and look at the money without touching it."""
    looking = (
        "gift",
        "plan",
        "journal",
        "journalline",
        "receipt",
        "providerevent",
        "safetypolicy",
        "reconrun",
        "guard",
    )
    roles.grant(
        [roles.FUNDRAISER],
        *(f"donations.{verb}_appeal" for verb in ("add", "change", "publish", "view")),
        *(f"donations.{verb}_offer" for verb in ("add", "change", "delete", "view")),
        *(f"donations.{verb}_lettertext" for verb in ("add", "change", "delete", "view")),
        *(f"donations.{verb}_transparency" for verb in ("add", "change", "delete", "view")),
        *(f"donations.{verb}_askexclusion" for verb in ("add", "change", "delete", "view")),
        *(f"donations.view_{name}" for name in looking),
        "donations.compare_books",
        *(f"donations.{verb}_sandboxfault" for verb in ("add", "change", "delete", "view")),
        "donations.view_sandboxclock", "donations.change_sandboxclock",
    )  # fmt: skip
    roles.grant([roles.EDITOR], "donations.view_appeal")
    roles.grant(
        [roles.ADMINISTRATOR], "donations.delete_appeal", "donations.add_safetypolicy", "donations.change_safetypolicy",
        "donations.view_collectionstop", "donations.add_collectionstop", "donations.approve_collectionstop",
        "donations.reveal_identity", "donations.change_guard", "donations.view_guard",
        "donations.refund_gift", "donations.assign_journal", "donations.void_receipt", "donations.stop_plan",
        "donations.view_bankfile", "donations.add_bankfile", "donations.view_bankline", "donations.assign_bankline",
        "donations.view_bankrefund",
    )  # fmt: skip

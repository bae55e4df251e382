"""Start-up of the writing room."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

from newsroom import registry, roles


class DeskConfig(AppConfig):
    """Drafts, revisions and the admin classes that editorial things share."""

    name = "desk"
    verbose_name = _("Desk")

    def ready(self):
        from desk import dashboard, jobs, search  # noqa: F401 - importing jobs registers them
        from newsroom.openform.kinds import Kind

        registry.open_kinds.add("drafts", Kind("drafts", "desk.draft", leaves=("nonce", "indexed_version")))
        registry.open_kinds.add("revisions", Kind("revisions", "desk.revision"))
        roles.grant([roles.ADMINISTRATOR], "desk.scrub_revision")
        registry.stuck.add("follow-ups", dashboard.follow_ups)
        registry.dashboard.add("desk.stuck", dashboard.panel)
        registry.pumps.add("desk.search", search.catch_up)
        search.connect()

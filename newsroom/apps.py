"""Start-up of the site."""

from django.apps import AppConfig
from django.contrib.admin import apps as admin_apps
from django.contrib.auth.signals import user_logged_in
from django.db.models.signals import post_migrate


class NewsroomConfig(AppConfig):
    """The site that carries the other apps."""

    name = "newsroom"
    verbose_name = "Newsroom"
    default = True
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self):
        from newsroom import (
            checks,  # noqa: F401 - importing registers
            demo,
            jobs,  # noqa: F401 - importing registers
            mirror_list,
            mirrors,
            readings,
            registry,
            roles,
            sessions,
            stuck,
        )
        from newsroom.openform.kinds import Kind

        registry.demo.add("editions", demo.load)
        registry.open_kinds.add("editions", Kind("editions", "newsroom.edition", is_public=lambda edition: True))
        registry.stuck.add("tasks", stuck.tasks)
        registry.stuck.add("jobs", stuck.jobs)
        registry.readings.add("work", readings.work)
        registry.readings.add("machine", readings.machine)
        registry.mirrors.add("newsroom", mirrors.addresses)
        registry.public_urls.add("mirrors", mirror_list.public_urls)
        registry.status.add("mirrors", mirror_list.status)
        roles.grant(
            [roles.ADMINISTRATOR],
            "newsroom.add_mirror", "newsroom.change_mirror", "newsroom.delete_mirror",
            "newsroom.add_user", "newsroom.change_user", "newsroom.view_user", "newsroom.delete_user",
            "newsroom.add_edition", "newsroom.change_edition", "newsroom.view_edition", "newsroom.view_staffaction",
            "newsroom.view_status",
            "auth.view_group", "auth.add_group", "auth.change_group",
        )  # fmt: skip
        roles.grant([roles.EDITOR], "newsroom.switch_emergency")
        roles.grant([roles.EDITOR], "newsroom.view_edition", "newsroom.view_mirror", "newsroom.check_mirror")
        user_logged_in.connect(sessions.begin, dispatch_uid="newsroom.session")
        post_migrate.connect(_update_groups, dispatch_uid="newsroom.groups")


def _update_groups(sender, using, **kwargs):
    if using == "default" and sender.label in {"newsroom", "desk", "articles", "newsletters", "donations", "auth"}:
        from newsroom import roles

        roles.update_groups(using)


class AdminConfig(admin_apps.AdminConfig):
    """Django's admin with our site as the default one."""

    default = False
    default_site = "newsroom.admin_site.NewsroomAdminSite"

    def ready(self):
        super().ready()
        from newsroom import admin_site

        admin_site.settle_foreign_tables()

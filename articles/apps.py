"""Start-up of what the newsroom publishes."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

from newsroom import registry, roles


class ArticlesConfig(AppConfig):
    """Articles, people, photos, sections, topics and pages."""

    name = "articles"
    verbose_name = _("Stories")

    def ready(self):
        from articles import (
            addresses,
            copied,
            demo,
            jobs,  # noqa: F401 - importing registers
            names,
            openform,
            previews,
            references,
            subjects,
        )
        from articles.models import Article, Notice, Page, Place

        registry.demo.add("stories", demo.load)
        registry.demo_refusals.add("stories", demo.refusal)
        registry.references.add("photo", references.photos)
        registry.references.add("article", references.stories)
        registry.subjects.add("articles", subjects)
        registry.navigation.add("sections", sections_of)
        registry.copied_search.add("articles", copied.search_rows)
        registry.public_urls.add("articles", addresses.public)
        registry.draft_pages.add("articles.article", previews.article_page)
        registry.draft_pages.add("articles.page", previews.static_page)
        registry.draft_pages.add("articles.front", previews.front_page)
        registry.due_moments.add("articles.article", Article.objects.next_due)
        registry.due_moments.add("articles.page", Page.objects.next_due)
        registry.due_moments.add("articles.front places", Place.objects.next_due)
        registry.due_moments.add("articles.notice", Notice.objects.next_due)
        registry.name_mentions.add("articles", names.in_articles)
        registry.counted.add("story", references.counted_stories)
        for kind in openform.KINDS:
            registry.open_kinds.add(kind.name, kind)
        registry.open_guards.add("names", openform.Guard)
        grant_permissions()
        fill_dashboard()


def fill_dashboard():
    """Put the panels of stories on the editors' first page, in their order."""
    from articles import dashboard

    for name in ("sent_back", "handed_in", "ready", "writing", "scheduled", "live_today"):
        registry.dashboard.add(f"articles.{name}", getattr(dashboard, name))
    registry.stuck.add("photos", dashboard.without_sizes)
    registry.stuck.add("translations", dashboard.behind_their_source)
    registry.stuck.add("embargoes", dashboard.unseen_by_readers)


def sections_of(edition):
    """Return the edition's sections for the header."""
    from articles.models import Section

    if edition.pk is None:
        return []
    return [
        {"title": section.name, "url": f"{edition.prefix}/sections/{section.slug}/", "slug": section.slug}
        for section in Section.of(edition)
    ]


def grant_permissions():
    """Say what each group may do with stories, photos and people."""
    writing = ["articles.view_article", "articles.add_article", "articles.change_article"]
    looking = [
        "articles.view_photo",
        "articles.view_person",
        "articles.view_section",
        "articles.view_topic",
        "articles.view_page",
    ]
    roles.grant([roles.REPORTER, roles.EDITOR], *writing, "articles.add_photo", "articles.add_topic", *looking)
    roles.grant(
        [roles.EDITOR],
        "articles.publish_article",
        "articles.delete_article",
        "articles.edit_others_article",
        "articles.lift_embargo_article",
        "articles.change_photo",
        "articles.add_person",
        "articles.change_person",
        "articles.approve_name_person",
        "articles.change_topic",
        "articles.add_page",
        "articles.change_page",
        "articles.publish_page",
        "articles.add_front",
        "articles.change_front",
        "articles.publish_front",
        "articles.withdraw_name_person",
        "articles.view_namewithdrawal",
        "articles.view_masswithdrawal",
        "articles.view_removalrequest",
        "articles.add_removalrequest",
        "articles.change_removalrequest",
        "articles.view_notice",
        "articles.add_notice",
        "articles.change_notice",
        "articles.delete_notice",
        "articles.add_section",
        "articles.change_section",
        "articles.view_redirect",
        "articles.add_redirect",
        "articles.delete_redirect",
    )
    roles.grant(
        [roles.PHOTO_EDITOR],
        "articles.view_article",
        "articles.add_photo",
        "articles.change_photo",
        "articles.delete_photo",
        *looking,
    )
    roles.grant([roles.NEWSLETTER_EDITOR, roles.FUNDRAISER], "articles.view_article", *looking)
    roles.grant(
        [roles.ADMINISTRATOR],
        "articles.view_personidentity",
        "articles.change_personidentity",
        "articles.add_personidentity",
        "articles.delete_person",
        "articles.delete_topic",
        "articles.delete_section",
        "articles.delete_page",
    )

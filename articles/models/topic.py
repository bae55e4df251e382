"""Topics: what stories are about, as tags that readers can follow."""

from django.db import IntegrityError, models, transaction
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from taggit.models import ItemBase, TagBase

from articles.models.redirect import Redirect
from articles.places import paths_before
from articles.slugs import make_slug, public_id
from newsroom import pagecache


class Topic(TagBase):
    """A subject that stories share."""

    class Order(models.TextChoices):
        NEWEST = "newest", _("newest first")
        OLDEST = "oldest", _("oldest first: a story told in order")

    intro = models.CharField(_("introduction"), max_length=500, blank=True)
    order = models.CharField(_("reading order"), max_length=8, choices=Order, default=Order.NEWEST)
    explainer = models.ForeignKey(
        "articles.Article", models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("explainer"),
        help_text=_("Stands on top of the topic's page in its edition, whatever the order."),
    )  # fmt: skip

    class Meta:
        ordering = ["name"]
        verbose_name = _("topic")
        verbose_name_plural = _("topics")
        constraints = [models.CheckConstraint(condition=models.Q(order__in=["newest", "oldest"]), name="topic_order")]

    def save(self, *args, **kwargs):
        """Store the topic; when it changed, forget every page: each of its stories names it.

        Its old addresses lead to the new ones.
        """
        is_new = self._state.adding
        with transaction.atomic():
            before = paths_before(self)
            super().save(*args, **kwargs)
            Redirect.follow(self, before)
            if not is_new:
                pagecache.bump("site")

    @classmethod
    def named(cls, names):
        """Return the topics of these names in their order, each once in any case of letters.

        New ones are unsaved and have the slug that is free now. One query.
        """
        if not names:
            return []
        fresh = {name: cls(name=name) for name in names}
        slugs = {name: topic.slugify(name) for name, topic in fresh.items()}
        known = list(cls.objects.filter(cls._called(names) | cls._addressed(slugs.values())).order_by("-pk"))
        taken = {topic.slug for topic in known}
        by_name = {topic.name.casefold(): topic for topic in known} | {topic.name: topic for topic in known}
        found = {}
        for name in names:
            topic = by_name.get(name) or by_name.get(name.casefold()) or found.get(name.casefold())
            if topic is None:
                topic = fresh[name]
                topic.slug = _beside(slugs[name], taken)
                taken.add(topic.slug)
            found.setdefault(topic.name.casefold(), topic)
        return list(found.values())

    @staticmethod
    def _called(names):
        # SQLite's LIKE knows only Latin letters.
        spellings = {spelling for name in names for spelling in (name, name.lower(), name.capitalize(), name.upper())}
        wanted = models.Q(name__in=spellings)
        for name in names:
            wanted |= models.Q(name__iexact=name)
        return wanted

    @staticmethod
    def _addressed(slugs):
        wanted = models.Q(slug__in=set(slugs))
        for slug in set(slugs):
            wanted |= models.Q(slug__startswith=f"{slug}-")
        return wanted

    @classmethod
    def made(cls, topics):
        """Return the same topics in their order, the new ones stored: in one query, however many are new."""
        new = [topic for topic in topics if not topic.pk]
        if not new:
            return list(topics)
        try:
            with transaction.atomic():
                # Whose name somebody else stores at this moment becomes that one.
                cls.objects.bulk_create(new, update_conflicts=True, unique_fields=["name"], update_fields=["name"])
        except IntegrityError:  # somebody else took a slug at this moment
            made = {topic.name: cls.objects.get_or_create(name=topic.name)[0] for topic in new}
            return [made.get(topic.name, topic) for topic in topics]
        return list(topics)

    def slugify(self, tag, i=None):
        """Return a Latin slug for the topic's page; taggit numbers the ones that meet."""
        slug = make_slug(tag) or public_id()
        return slug if i is None else f"{slug}-{i}"

    def get_absolute_url(self):
        return reverse("articles:topic", args=[self.slug])


def _beside(slug, taken):
    """Return the slug, numbered when it is taken."""
    free, number = slug, 0
    while free in taken:
        number += 1
        free = f"{slug}-{number}"
    return free


class TopicOnArticle(ItemBase):
    """That an article, as readers see it, is about a topic."""

    tag = models.ForeignKey(Topic, models.CASCADE, related_name="items")
    content_object = models.ForeignKey("articles.Article", models.CASCADE, related_name="topic_items")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["tag", "content_object"], name="topic_once_per_article")]

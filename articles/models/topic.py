"""Topics: what stories are about, as tags that readers can follow."""

from django.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from taggit.models import ItemBase, TagBase

from articles.slugs import make_slug, public_id


class Topic(TagBase):
    """A subject that stories share."""

    intro = models.CharField(_("introduction"), max_length=500, blank=True)

    class Meta:
        ordering = ["name"]
        verbose_name = _("topic")
        verbose_name_plural = _("topics")

    def slugify(self, tag, i=None):
        """Return a Latin slug for the topic's page; taggit numbers the ones that meet."""
        slug = make_slug(tag) or public_id()
        return slug if i is None else f"{slug}-{i}"

    def get_absolute_url(self):
        return reverse("articles:topic", args=[self.slug])


class TopicOnArticle(ItemBase):
    """That an article, as readers see it, is about a topic."""

    tag = models.ForeignKey(Topic, models.CASCADE, related_name="items")
    content_object = models.ForeignKey("articles.Article", models.CASCADE, related_name="topic_items")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["tag", "content_object"], name="topic_once_per_article")]

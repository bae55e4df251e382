"""Topics: what stories are about, as tags that readers can follow."""

from django.db import models, transaction
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from taggit.models import ItemBase, TagBase

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
        """Store the topic; when it changed, forget every page: each of its stories names it."""
        is_new = self._state.adding
        with transaction.atomic():
            super().save(*args, **kwargs)
            if not is_new:
                pagecache.bump("site")

    @classmethod
    def named(cls, names):
        """Return the topics of these names in their order, each once in any case of letters; new ones are unsaved."""
        spellings = {spelling for name in names for spelling in (name, name.lower(), name.capitalize(), name.upper())}
        wanted = models.Q(name__in=spellings, _connector=models.Q.OR)
        for name in names:
            wanted |= models.Q(name__iexact=name)
        known = list(cls.objects.filter(wanted).order_by("-pk")) if names else []
        by_name = {topic.name.casefold(): topic for topic in known} | {topic.name: topic for topic in known}
        found = {}
        for name in names:
            topic = by_name.get(name) or by_name.get(name.casefold()) or cls(name=name)
            found.setdefault(topic.name.casefold(), topic)
        return list(found.values())

    def free_slug(self):
        """Return the slug that this topic gets when it is saved now."""
        slug, number = self.slugify(self.name), 0
        taken = set(type(self).objects.filter(slug__startswith=slug).values_list("slug", flat=True))
        while slug in taken:
            number += 1
            slug = self.slugify(self.name, number)
        return slug

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

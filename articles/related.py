"""“Read more”: stories picked by hand in their order, then the main topic's, then shared topics, then the section."""

from django.db.models import Case, Count, When

from articles.models import Article

READ_MORE = 3


def fillers(article, *, topics, at, count=READ_MORE):
    """Return the keys of up to `count` public stories that may follow `article`, the best first; never its own.

    One query, or two where too few stories share a topic. Keys alone: what is grouped and sorted stays small.
    """
    public = Article.objects.published(at).in_edition(article.edition).exclude(pk=article.pk)
    public = public.filter(is_recommended=True).values_list("pk", flat=True)
    main = Case(When(main_topic=article.main_topic_id or 0, then=1), default=0)
    related = public.filter(topic_items__tag__in=topics).values("pk").annotate(
        is_main=main, shared=Count("topic_items")
    ).order_by("-is_main", "-shared", "-published_at", "-pk").values_list("pk", flat=True)  # fmt: skip
    found = list(related[:count]) if topics else []
    if len(found) < count:
        # Those of its topics may be among the newest of the section, and so is one more for each.
        newest = public.filter(section=article.section_id).newest_first()[: count + len(found)]
        found += [pk for pk in newest if pk not in found]
    return found[:count]


def read_more(picked, others, keys, *, count=READ_MORE):
    """Return up to `count` stories: those `picked` by hand in their order, then `others` in the order of their keys."""
    by_key = {story.pk: story for story in others}
    following = [by_key[pk] for pk in keys if pk in by_key and by_key[pk] not in picked]
    return [*picked, *following][:count]

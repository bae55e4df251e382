"""“Read more”: stories picked by hand in their order, then the main topic's, then shared topics, then the section."""

from django.db.models import Case, Count, When

from articles.models import Article

READ_MORE = 3


def read_more(article, *, topics, at, picked=(), count=READ_MORE):
    """Return up to `count` public stories for the foot of `article`: those `picked` by hand first; never itself.

    Their bylines and the wordings of their photos are not loaded yet.
    """
    public = Article.objects.published(at).in_edition(article.edition).exclude(pk=article.pk).with_card_rows()
    found = list(picked)[:count]
    main = Case(When(main_topic=article.main_topic_id or 0, then=1), default=0)
    fillers = (
        public.filter(is_recommended=True, topic_items__tag__in=topics)
        .annotate(is_main=main, shared=Count("topic_items"))
        .order_by("-is_main", "-shared", "-published_at", "-pk"),
        public.filter(is_recommended=True, section=article.section_id).newest_first(),
    )
    for filler in fillers:
        if len(found) < count:
            known = {story.pk for story in found}
            found += [story for story in filler[: count + len(known)] if story.pk not in known][: count - len(found)]
    return found

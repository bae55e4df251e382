"""The saved draft of a story as readers would see it: for the staff only, never stored."""

from django.contrib.admin.views.decorators import staff_member_required
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.shortcuts import get_object_or_404, render
from django.utils import timezone, translation
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from articles.models import Article
from articles.views import article_context


@require_safe
@never_cache
@staff_member_required
def preview(request, public_id):
    """Show the draft in the public template."""
    if not request.user.has_perm("articles.view_article"):
        raise PermissionDenied
    article = get_object_or_404(Article.objects.select_related("edition"), public_id=public_id)
    request.edition = article.edition
    with translation.override(article.edition.language):
        response = _render_draft(request, article, at=timezone.now())
    response["X-Robots-Tag"] = "noindex, nofollow"
    response["Referrer-Policy"] = "no-referrer"
    return response


def _render_draft(request, article, *, at):
    """Write the draft into the rows, render them as the public page does, and take it all back.

    So the preview cannot differ from what publishing would show; nothing outside this transaction ever sees it.
    """
    with transaction.atomic():
        state = (article.published_at or at, article.first_published_at or at)
        article.document.write(article, article.read_draft().content)
        article.state, article.published_at, article.first_published_at = Article.State.DRAFT, None, None
        article.save()
        shown = Article.objects.for_reading().get(pk=article.pk)
        shown.state, (shown.published_at, shown.first_published_at) = Article.State.PUBLISHED, state
        context = {**article_context(request, shown, at=at), "is_preview": True}
        response = render(request, "articles/article.html", context)
        transaction.set_rollback(True)
    return response

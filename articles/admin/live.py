"""The page on which a story is told live: one short form, and what stands already. Part of ArticleAdmin."""

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404
from django.shortcuts import redirect, render
from django.urls import path
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_protect

from articles.models import Article, LiveEntry
from newsroom.forms import TidyCharField

SHOWN = 100


class LiveEntryForm(forms.Form):
    """An entry as it is typed in a hurry."""

    title = TidyCharField(label=gettext_lazy("Title"), max_length=160, required=False)
    text = TidyCharField(
        label=gettext_lazy("Text"), max_length=4000, required=False, widget=forms.Textarea(attrs={"rows": 5})
    )
    is_key = forms.BooleanField(label=gettext_lazy("Key point: pinned on top"), required=False)


class LiveViews:
    """The live page of a story and its buttons."""

    def get_urls(self):
        """Return the addresses of the admin class and those of the live page."""
        wrap = self.admin_site.admin_view
        return [
            path("<int:pk>/live/", wrap(self.live_view), name="articles_article_live"),
            path("<int:pk>/live/<slug:move>/", wrap(self.live_end), name="articles_article_live_end"),
            path("<int:pk>/live/<int:entry>/<slug:move>/", wrap(self.live_move), name="articles_article_live_move"),
            *super().get_urls(),
        ]

    def _story(self, request, pk):
        """Return the story; what is written here is public at once, so it takes the right to publish."""
        if not request.user.has_perm("articles.publish_article"):
            raise PermissionDenied
        story = Article.objects.select_related("edition").filter(pk=pk).first()
        if story is None:
            raise Http404
        return story

    @method_decorator([never_cache, csrf_protect])
    def live_view(self, request, pk):
        """Show the entries and take a new one."""
        story, now = self._story(request, pk), timezone.now()
        form = LiveEntryForm(request.POST if request.method == "POST" else None)
        if request.method == "POST" and form.is_valid():
            try:
                LiveEntry.write(story, **form.cleaned_data, by=request.user, at=now)
            except ValidationError as error:
                form.add_error(None, error)
            else:
                messages.success(request, _("Readers see it now."))
                return redirect("admin:articles_article_live", pk)
        context = {
            **self.admin_site.each_context(request), "title": _("Live: %(title)s") % {"title": story},
            "opts": self.opts, "story": story, "form": form, "is_public": story.is_live(now),
            "entries": story.live_entries.standing().newest_first()[:SHOWN],
        }  # fmt: skip
        return render(request, "admin/articles/live.html", context, status=422 if form.errors else 200)

    @method_decorator([never_cache, csrf_protect])
    def live_end(self, request, pk, move):
        """Say that nothing more will come, or that it goes on."""
        story, now = self._story(request, pk), timezone.now()
        if move not in {"end", "reopen"} or request.method != "POST":
            raise Http404
        verb = story.end_live if move == "end" else story.reopen_live
        verb(by=request.user, at=now)
        return redirect("admin:articles_article_live", pk)

    @method_decorator([never_cache, csrf_protect])
    def live_move(self, request, pk, entry, move):
        """Take an entry back, pin it or unpin it."""
        story, now = self._story(request, pk), timezone.now()
        found = story.live_entries.standing().filter(pk=entry).first()
        if found is None or move not in {"take-back", "pin", "unpin"} or request.method != "POST":
            raise Http404
        try:
            if move == "take-back":
                found.take_back(by=request.user, at=now)
            else:
                found.mark(is_key=move == "pin", by=request.user, at=now)
        except ValidationError as error:
            messages.error(request, " ".join(error.messages))
        return redirect("admin:articles_article_live", pk)

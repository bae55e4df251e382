"""Stories in the admin: the form looks like the story."""

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.helpers import ActionForm
from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import F, Q
from django.urls import path, reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from articles import search
from articles.admin import pickers
from articles.admin.filters import LanguageFilter, PersonFilter, SectionFilter, number_in
from articles.admin.forms import ArticleForm, ArticleMoveForm
from articles.admin.live import LiveViews
from articles.admin.protection import ask_to_withdraw
from articles.models import Article, Byline, Person, Photo, Section, Topic
from articles.translations import source_that_changed
from desk.admin import EditorialAdmin, Move
from desk.admin.bulk import LeftAlone
from desk.admin.editorial import StateFilter
from desk.admin.presence import DraftedList
from desk.models import Draft
from newsroom import html
from newsroom.editions import all_editions, default_edition
from newsroom.models import Edition


class StoryList(DraftedList):
    """The list with what the drafts say: section, lead photo and bylines, each loaded once for the page."""

    def get_results(self, request):
        super().get_results(request)
        kind = ContentType.objects.get_for_model(Article)
        drafts = Draft.objects.filter(content_type=kind, object_id__in=[story.pk for story in self.result_list])
        columns = ("content__section", "content__lead_photo", "content__bylines")
        found = {pk: columns for pk, *columns in drafts.values_list("object_id", *columns)}
        sections = Section.objects.in_bulk([row[0] for row in found.values() if row[0]])
        photos = Photo.objects.in_bulk([row[1] for row in found.values() if row[1]])
        people = Person.objects.in_bulk({byline["person"] for row in found.values() for byline in row[2] or []})
        for story in self.result_list:
            section, photo, bylines = found.get(story.pk, (None, None, None))
            story.draft_section, story.draft_photo = sections.get(section), photos.get(photo)
            story.draft_people = [people[row["person"]] for row in bylines or [] if row["person"] in people]


RETRACT = Move("retract", gettext_lazy("Retract"), style="danger", asks=("retraction", "keep_text"))


class BulkForm(ActionForm):
    """The action, and the section to which stories are moved."""

    section = forms.ModelChoiceField(
        Section.objects.select_related("edition"), required=False, label=gettext_lazy("Section"), empty_label="—"
    )


LINK = Move("link_translation", gettext_lazy("Link a translation"), asks=("translation",))


@admin.register(Article)
class ArticleAdmin(LiveViews, EditorialAdmin):
    """Write, edit, publish."""

    form_class = ArticleForm
    move_form_class = ArticleMoveForm
    creation_fields = ("edition",)
    change_asks = ("change", "correction_kind", "correction_text", "correction_place")
    change_form_template = "admin/articles/article_form.html"
    list_display = ("thumb", "story", "state_pill", "moment", "signed")
    list_display_links = ("story",)
    list_filter = (StateFilter, SectionFilter, PersonFilter, LanguageFilter)
    action_form = BulkForm
    actions = (*EditorialAdmin.actions, "move_to_section", ask_to_withdraw)
    search_fields = ("drafts__title", "bylines__person__name")

    def get_urls(self):
        wrap = self.admin_site.admin_view
        return [path("picker/", wrap(self.picker_view), name="articles_article_picker"), *super().get_urls()]

    def picker_view(self, request):
        """Return stories for the pickers as JSON, the latest first."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        found = self.get_queryset(request).select_related(None).select_related("edition").order_by("-pk")
        edition = request.GET.get("edition", "")
        if edition.isascii() and edition.isdigit() and len(edition) < 10:
            found = found.filter(edition=int(edition))
        if request.GET.get("order") == "newest":
            found = found.order_by(F("published_at").desc(nulls_first=True), "-pk")
        if words := pickers.words_of(request):
            found, _distinct = self.get_search_results(request, found, words)
            found = found.filter(pk__in=found.values("pk")).distinct()
        return pickers.answer(request, found, pickers.story_as_json)

    def mine(self, request):
        """Return the condition for stories that one began or signs."""
        signed = Byline.objects.filter(person__user=request.user).values("article_id")
        return Q(created_by=request.user) | Q(pk__in=signed)

    def preview_url(self, thing):
        """Return the page that shows the saved draft as readers would see it."""
        return reverse("articles:preview", args=[thing.public_id])

    def form_context(self, visit):
        """Add the topics that are known and the other editions of the story."""
        return {**super().form_context(visit), **self.begin_context(), "translations": self._translations(visit.thing)}

    def begin_context(self):
        """Return the topics that are known."""
        return {"known_topics": Topic.objects.values_list("name", flat=True)[:300]}

    def _translations(self, thing):
        group = {
            other.edition_id: other
            for other in Article.objects.filter(translation_group=thing.translation_group).exclude(pk=thing.pk)
        }
        others = [edition for edition in all_editions() if edition.pk != thing.edition_id]
        add = reverse("admin:articles_article_add")
        return [
            {
                "edition": edition,
                "story": group.get(edition.pk),
                "is_ahead": source_that_changed(thing, [group[edition.pk]] if edition.pk in group else []) is not None,
                "add_url": f"{add}?translation_of={thing.public_id}&edition={edition.pk}",
            }
            for edition in others
        ]

    # A new story

    def creation_initial(self, request):
        return {"edition": default_edition().pk}

    def edition_of(self, creation):
        """Return the edition that was chosen, or the one that is offered."""
        if creation.is_bound:
            return creation.cleaned_data.get("edition") if creation.is_valid() else None
        if Edition.objects.count() > 1 and "edition" not in (creation.data or {}) and not self._fixed_edition(creation):
            return None
        return Edition.objects.filter(pk=self._fixed_edition(creation) or default_edition().pk).first()

    @staticmethod
    def _fixed_edition(creation):
        chosen = str(creation.initial.get("edition", ""))
        return int(chosen) if chosen.isascii() and chosen.isdigit() and len(chosen) < 10 else None

    def blank_content(self, request):
        """Begin a translation with the content of the original, so that nobody copies by hand."""
        original = self._original(request)
        if original is None:
            return super().blank_content(request)
        kept = (
            "kicker",
            "headline",
            "standfirst",
            "body_html",
            "lead_photo",
            "bylines",
            "no_byline",
            "lead_decorative",
        )
        content = original.read_draft().content
        return {**super().blank_content(request), **{name: content[name] for name in kept if name in content}}

    def begin(self, request, content, *, at, **fields):
        """Create the story; a translation joins the group of its original."""
        original = self._original(request)
        if original is not None:
            if Article.objects.filter(translation_group=original.translation_group, edition=fields["edition"]).exists():
                raise ValidationError(_("This story has a translation in that edition already."))
            fields["translation_group"] = original.translation_group
        return super().begin(request, content, at=at, **fields)

    def _original(self, request):
        wanted = html.tidy_text(request.GET.get("translation_of", ""))[:12]
        return Article.objects.filter(public_id=wanted).first() if wanted else None

    # Corrections

    def publish_change(self, visit, version, answers):
        """Publish the change; a correction is written into the story together with it."""
        if answers["change"] != Article.Change.CORRECTION:
            super().publish_change(visit, version, answers)
            return
        visit.thing.correct(
            version=version, by=visit.user, at=visit.at, text=answers["correction_text"],
            kind=answers["correction_kind"] or "correction", place=answers["correction_place"] or "end",
        )  # fmt: skip

    # Translations

    def moves(self, visit):
        """Yield the buttons; a translation can be linked by whoever may edit."""
        yield from super().moves(visit)
        if visit.thing.is_live(visit.at) and self.has_publish_permission(visit.request):
            yield RETRACT
        if len(all_editions()) > 1:
            yield LINK

    def move_retract(self, visit, version, answers):
        """Withdraw the story as wrong: the reason is a numbered correction."""
        visit.thing.retract(
            text=answers["retraction"], keep_text=bool(answers["keep_text"]), version=version, by=visit.user,
            at=visit.at,
        )  # fmt: skip
        return _("Retracted. Readers no longer find “%(title)s” in any list.") % self._named(visit)

    def move_link_translation(self, visit, version, answers):
        """Tie this story to one of another edition."""
        other = Article.objects.filter(pk=answers["translation"] or 0).select_related("edition").first()
        if other is None:
            raise ValidationError({"translation": _("Name the story in the other edition.")})
        try:
            visit.thing.join_translations(other, by=visit.user, at=visit.at)
        except ValidationError as error:
            raise ValidationError({"translation": error.messages}) from error
        return _("Linked with “%(title)s”.") % {"title": other}

    # The list

    def get_queryset(self, request):
        """Return the stories with what the list shows; the body stays behind."""
        return super().get_queryset(request).select_related("edition").defer("body_html")

    def found_by_words(self, request, term):
        """Return the condition for stories that hold every word in the draft or in the text that readers see."""
        live = search.find(term, Article.objects.all())
        return super().found_by_words(request, term) | Q(pk__in=live)

    @admin.action(description=gettext_lazy("Move to the section"), permissions=["change"])
    def move_to_section(self, request, queryset):
        """Move the chosen drafts to a section of their edition; what is live moves when the change is published."""
        section = Section.objects.filter(pk=number_in(request.POST.get("section")) or 0).first()
        if section is None:
            self.message_user(request, _("Choose the section beside the action."), messages.ERROR)
            return

        def move(story, version, at):
            if story.edition_id != section.edition_id:
                raise LeftAlone(_("the section belongs to another edition"))
            content = {**story.read_draft().content, "section": section.pk}
            note = _("moved to the section “%(name)s”") % {"name": section.name}
            story.save_draft(content, version=version, by=request.user, at=at, revision=True, note=note)

        self.move_together(request, queryset, move, _("Moved: %(titles)s."))

    def get_changelist(self, request, **kwargs):
        """Return the list that knows the drafts."""
        return StoryList

    @admin.display(description=gettext_lazy("photo"))
    def thumb(self, article):
        """Return the lead photo of the draft, small."""
        if article.draft_photo is None:
            return format_html('<span class="{}"></span>', "thumb thumb--none")
        url = article.draft_photo.url(400, crop="3:2")
        return format_html('<img src="{}" alt="" class="thumb" width="72" height="48" loading="lazy">', url)

    @admin.display(description=gettext_lazy("story"), ordering="drafts__title")
    def story(self, article):
        """Return the title of the draft."""
        return article.draft_title or _("Untitled")

    @admin.display(description=gettext_lazy("section and bylines"))
    def signed(self, article):
        """Return where the story stands and who signs it, as the draft says."""
        people = ", ".join(person.name for person in article.draft_people)
        place = " · ".join(str(part) for part in (article.draft_section, article.edition.language) if part)
        return format_html("{}<small>{}</small>", people or "—", place)

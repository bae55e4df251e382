"""Fronts in the admin: zones to fill by hand, and the page as it will be at a chosen time beside them."""

import datetime

from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from articles.admin.forms import pointer
from articles.front_content import CAPACITY, LABELS, MOST_ROWS, moment_of
from articles.models import Article, Front, Notice, Photo, Section
from desk.admin import EditorialAdmin
from desk.forms import DocumentForm, MomentField, RowsField, RowsWidget
from newsroom.admin import Tidy
from newsroom.editions import default_edition
from newsroom.forms import TidyCharField


class ZoneWidget(RowsWidget):
    """The places of a zone in order; a place shows its story, and what it has of its own in a fold."""

    template_name = "admin/articles/zone.html"
    spare = 1

    def __init__(self, columns, *, zone="", attrs=None):
        super().__init__(columns, add_label=gettext_lazy("Add a story"), attrs=attrs)
        self.zone = zone

    def get_context(self, name, value, attrs):
        context = super().get_context(name, value, attrs)
        context["widget"]["capacity"] = CAPACITY[self.zone]
        for row in [*context["widget"]["rows"], context["widget"]["template"]]:
            row["story"], row["own"] = row["cells"][0], row["cells"][1:]
        return context


def zone_field(zone):
    """Return the form field of a zone."""
    columns = {
        "story": pointer("story", Article, gettext_lazy("There is no such story."), label=_("Story"), required=True),
        "pinned_until": MomentField(label=gettext_lazy("Until")),
        "kicker": TidyCharField(label=gettext_lazy("Kicker here"), max_length=60, required=False),
        "headline": TidyCharField(label=gettext_lazy("Headline here"), max_length=200, required=False),
        "photo": pointer("photo", Photo, gettext_lazy("There is no such photo."), label=gettext_lazy("Picture here")),
    }
    return RowsField(columns, label=LABELS[zone], max_items=MOST_ROWS, widget=ZoneWidget(columns, zone=zone))


class FrontForm(DocumentForm):
    """Every zone as a list; times in the newsroom's zone."""

    document = Front.document
    main = ("lead", "latest", "second", "focus_title", "focus", "focus_repeats")

    lead = zone_field("lead")
    latest = zone_field("latest")
    second = zone_field("second")
    focus = zone_field("focus")
    focus_title = TidyCharField(
        label=gettext_lazy("Title of “In focus”"), max_length=60, help_text=gettext_lazy("“The strike”, for example.")
    )
    focus_repeats = forms.BooleanField(label=gettext_lazy("“In focus” may repeat stories of the other zones"))

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        rows = [row for zone in CAPACITY for row in self.base.get(zone, [])]
        stories = Article.objects.defer("body_html").in_bulk({row["story"] for row in rows if row["story"]})
        photos = Photo.objects.in_bulk({row["photo"] for row in rows if row["photo"]})
        for zone in CAPACITY:
            columns = self.fields[zone].columns
            columns["story"].known = columns["story"].widget.rows = dict(stories)
            columns["photo"].known = columns["photo"].widget.rows = dict(photos)
        if self.thing is not None and self.thing.section_id:
            del self.fields["latest"]

    def initial_of(self, content):
        """Return the zones with their moments as moments."""
        zones = {zone: [{**row, "pinned_until": moment_of(row)} for row in content[zone]] for zone in CAPACITY}
        return {**content, **zones}

    def content(self):
        """Return the zones as a document: moments are text there."""
        content = super().content()
        return {**content, **{zone: [self._row(row) for row in content[zone]] for zone in CAPACITY}}

    @staticmethod
    def _row(row):
        until = row["pinned_until"]
        return {**row, "pinned_until": until.isoformat() if isinstance(until, datetime.datetime) else until}

    @property
    def main_fields(self):
        """The zones in order, without the one that a section does not have."""
        return [self[name] for name in self.main if name in self.fields]

    def describe(self, name, value):
        """Return a zone in words, a line for each place."""
        if name not in CAPACITY:
            return super().describe(name, value)
        stories = Article.objects.defer("body_html").in_bulk({row["story"] for row in value or [] if row["story"]})
        return "\n".join(self._line(row, stories) for row in value or [])

    @staticmethod
    def _line(row, stories):
        until = moment_of(row)
        parts = [
            str(stories.get(row["story"], "?")),
            row["kicker"],
            row["headline"],
            _("until %(moment)s") % {"moment": timezone.localtime(until).strftime("%d.%m. %H:%M")} if until else "",
            _("another picture") if row["photo"] else "",
        ]
        return " · ".join(part for part in parts if part)


@admin.register(Front)
class FrontAdmin(EditorialAdmin):
    """Arrange the front page of an edition or the top of a section, and put it live in one go."""

    form_class = FrontForm
    creation_fields = ("edition", "section")
    change_form_template = "admin/articles/front_form.html"
    list_display = ("place", "state_pill", "moment", "saved_at")
    list_display_links = ("place",)
    list_filter = ("edition",)
    search_fields = ("edition__title", "section__name")
    change_asks = ()

    def get_queryset(self, request):
        """Return the fronts with where they stand."""
        return super().get_queryset(request).select_related("edition", "section")

    def creation_initial(self, request):
        """Offer the default edition."""
        return {"edition": default_edition().pk}

    def creation_form(self, request, data):
        """Return the form of where the front stands; sections are named with their edition."""
        form = super().creation_form(request, data)
        form.fields["section"].queryset = Section.objects.select_related("edition")
        form.fields["section"].label_from_instance = lambda section: f"{section.edition}: {section.name}"
        return form

    def form_context(self, visit):
        """Name the front, and offer the time at which the preview stands."""
        return {**super().form_context(visit), "title": str(visit.thing), **self.begin_context()}

    def begin_context(self):
        """Return what the palette of stories needs."""
        return {"preview_at": forms.DateTimeInput(format="%Y-%m-%dT%H:%M")}

    def draft_page(self, request, thing, content, *, at):
        """Return the front as it will be at the time that was chosen beside the preview."""
        try:
            chosen = MomentField().clean(request.POST.get("preview_at", ""))
        except ValidationError:
            chosen = None
        return super().draft_page(request, thing, content, at=chosen or at)

    def _stage_moves(self, draft, *, editor):
        """Yield nothing: who may arrange a front may put it live."""
        return ()

    def publish_change(self, visit, version, answers):
        """Put the new arrangement live; readers are told nothing of it."""
        self._publish(visit, version, answers)

    def _named(self, visit):
        return {"title": str(visit.thing)}

    @admin.display(description=gettext_lazy("front"), ordering="edition")
    def place(self, front):
        """Return which front this is."""
        return str(front)


class NoticeForm(forms.ModelForm):
    """One line and its times, in the newsroom's zone."""

    starts_at = MomentField(label=pgettext_lazy("time", "From"), required=True)
    ends_at = MomentField(
        label=gettext_lazy("Until"), required=True,
        help_text=gettext_lazy("It goes by itself: nobody has to remember to take it down."),
    )  # fmt: skip
    story = pointer(
        "story", Article, gettext_lazy("There is no such story."), label=gettext_lazy("Story"),
        help_text=gettext_lazy("Where the line leads, once the story is public. Its address or id."),
    )  # fmt: skip

    class Meta:
        model = Notice
        fields = ("edition", "kind", "text", "story", "starts_at", "ends_at")

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        known = {}
        if self.instance.story_id:
            known = {self.instance.story_id: self.instance.story}
        self.fields["story"].known = self.fields["story"].widget.rows = known

    def clean_story(self):
        """Return the story itself."""
        pk = self.cleaned_data["story"]
        return Article.objects.get(pk=pk) if pk else None


@admin.register(Notice)
class NoticeAdmin(Tidy, admin.ModelAdmin):
    """Breaking strips and notices, each with the time at which it goes."""

    form = NoticeForm
    list_display = ("text", "kind", "edition", "starts_at", "ends_at")
    list_filter = ("edition", "kind")
    list_select_related = ("edition",)
    search_fields = ("text",)

    def get_changeform_initial_data(self, request):
        """Offer a strip that stands for two hours from now on."""
        now = timezone.now()
        times = {"starts_at": now, "ends_at": now + datetime.timedelta(hours=2)}
        return {"edition": default_edition().pk, **times, **super().get_changeform_initial_data(request)}

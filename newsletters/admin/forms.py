"""The form of a letter, and what its buttons ask."""

from django import forms
from django.db.models import Q
from django.utils.formats import date_format
from django.utils.functional import cached_property
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from articles.models import Article, Photo
from desk.blocks import Block
from desk.forms import DocumentForm, MomentField, MoveForm, RowsField
from newsletters.models import Issue, IssueBlock
from newsroom import html
from newsroom.forms import TidyCharField, TidyEmailField
from newsroom.models import User
from newsroom.prose import MESSAGE, MessageField, ProseWidget

STORIES = 300
PHOTOS = 120


class IssueForm(DocumentForm):
    """A letter: subject, preheader, and its parts in order."""

    document = Issue.document
    main = ("subject", "preheader", "blocks")

    subject = TidyCharField(
        label=_("Subject"), max_length=160, widget=forms.Textarea(attrs={"rows": 1, "data-one-line": ""})
    )
    preheader = TidyCharField(
        label=_("Preheader"), max_length=200, help_text=_("Mail programs show it beside the subject."),
        widget=forms.Textarea(attrs={"rows": 1, "data-one-line": ""}),
    )  # fmt: skip
    blocks = RowsField(
        {
            "kind": forms.ChoiceField(label=_("Part"), choices=IssueBlock.Kind.choices, initial="article"),
            "article": forms.TypedChoiceField(
                label=_("Story"), coerce=int, empty_value=None, required=False,
                widget=forms.Select(attrs={"data-choose": "", "data-placeholder": _("Type a headline")}),
            ),
            "photo": forms.TypedChoiceField(
                label=_("Picture"), coerce=int, empty_value=None, required=False,
                widget=forms.Select(attrs={"data-choose": "", "data-placeholder": _("Type a caption")}),
            ),
            "show": forms.ChoiceField(
                label=_("Where"), choices=IssueBlock.Show.choices, initial="both", required=False
            ),
            "headline": TidyCharField(
                label=_("Headline here"), max_length=200, required=False,
                widget=forms.TextInput(attrs={"placeholder": _("Headline here (the story's own when empty)")}),
            ),
            "text_html": MessageField(
                label=_("Text"), max_length=60_000, required=False,
                widget=ProseWidget(extensions=MESSAGE, attrs={"rows": 3}),
            ),
        },
        label=_("Parts"), max_items=60, add_label=_("Add a part"),
    )  # fmt: skip

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["blocks"].columns["article"].choices = lambda: self._choices
        self.fields["blocks"].columns["photo"].choices = lambda: self._photos

    @cached_property
    def _photos(self):
        chosen = [row.get("photo") for row in self.base["blocks"] if row.get("photo")]
        newest = list(Photo.objects.order_by("-pk").values_list("pk", "caption")[:PHOTOS])
        known = {pk for pk, _caption in newest}
        newest += Photo.objects.filter(pk__in=set(chosen) - known).values_list("pk", "caption")
        return [("", "—"), *((pk, caption[:90] or f"#{pk}") for pk, caption in newest)]

    @cached_property
    def _choices(self):
        return [("", "—"), *((story.pk, self._label(story)) for story in self.stories)]

    @cached_property
    def stories(self):
        """Return the newest stories of the edition and those that stand in the letter."""
        chosen = [row["article"] for row in self.base["blocks"] if row["article"]]
        stories = Article.objects.published().newest_first().select_related("edition").defer("body_html")
        if self.edition is not None:
            stories = stories.in_edition(self.edition)
        newest = list(stories[:STORIES])
        known = {story.pk for story in newest}
        others = Article.objects.filter(Q(pk__in=chosen) & ~Q(pk__in=known)) if set(chosen) - known else []
        return [*newest, *others]

    def _label(self, story):
        day = date_format(story.published_at, "j M") if story.published_at else _now("not published")
        edition = "" if self.edition is not None else f" · {story.edition}"
        return f"{story.headline} · {day}{edition}"

    def describe(self, name, value):
        """Return a value of the content in words."""
        if name != "blocks":
            return super().describe(name, value)
        titles = {story.pk: story.headline for story in self.stories}
        lines = []
        for row in value or []:
            words = [titles.get(row["article"], ""), row["headline"], html.plain_text(row["text_html"])]
            label = dict(IssueBlock.Kind.choices).get(row["kind"], row["kind"])
            lines.append(f"{label}: " + " · ".join(word for word in words if word))
        return "\n".join(lines)

    def as_blocks(self, name, value):
        """Return a value as blocks: each part of the letter with its kind, its story and its words."""
        if name != "blocks":
            return super().as_blocks(name, value)
        labels = dict(IssueBlock.Kind.choices)
        return [
            Block(
                label=str(labels.get(row["kind"], row["kind"])), markup=row["text_html"],
                text="\n".join(part for part in (row["headline"], html.plain_text(row["text_html"])) if part),
                ref=("article", row["article"]) if row["kind"] == "article" and row["article"] else (),
            )
            for row in value or []
        ]  # fmt: skip


class IssueMoveForm(MoveForm):
    """What sending asks besides the content."""

    when = MomentField(label=_("Send at"))
    colleagues = forms.ModelMultipleChoiceField(
        label=_("Send a test to"), required=False, widget=forms.CheckboxSelectMultiple,
        queryset=User.objects.filter(is_active=True, is_staff=True).exclude(email="").order_by("username"),
    )  # fmt: skip
    sure = forms.BooleanField(label=_("Yes, send it to every reader now"), required=False)


class FindReaderForm(forms.Form):
    """An address that somebody asks about. It travels in the body of a post, never in an address of ours."""

    email = TidyEmailField(label=_("E-mail address"), widget=forms.EmailInput(attrs={"autocomplete": "off"}))

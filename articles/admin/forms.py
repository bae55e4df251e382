"""The form of a story, and the small fields that point to photos and to other stories."""

import re

from django import forms
from django.core.exceptions import ValidationError
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from articles import photo_checks, photos
from articles.models import Article, Byline, Correction, Person, Photo, Section
from articles.named import Named
from articles.slugs import make_slug, public_id
from desk.blocks import Block
from desk.forms import DocumentForm, MoveForm, RowsField, TopicsField
from newsroom import html
from newsroom.forms import TidyCharField
from newsroom.prose import PICKER, ProseField

PUBLIC_ID = re.compile(r"(?:^|[-/])([0-9a-hjkmnp-tv-z]{8})/?(?:[?#].*)?\Z")


def id_in(text):
    """Return the public id that stands in an address or alone, or ""."""
    found = PUBLIC_ID.search(text.strip())
    return found.group(1) if found else ""


class KeptChoiceField(forms.TypedChoiceField):
    """A choice among rows; one of the `kept` is valid without a look at the others."""

    kept = frozenset()

    def valid_value(self, value):
        return value in map(str, self.kept) or super().valid_value(value)


class PointerField(TidyCharField):
    """A row of `model`, typed as its public id or pasted as its address; the value is the primary key."""

    def __init__(self, *, model, missing, **kwargs):
        self.model, self.missing = model, missing
        self.known = {}
        super().__init__(**{"max_length": 300, "required": False, **kwargs})

    def prepare_value(self, value):
        """Return the public id of a primary key; `known` holds the rows that the form loaded."""
        if isinstance(value, int):
            row = self.known.get(value)
            return row.public_id if row else ""
        return value

    def clean(self, value):
        """Return the primary key or None; raise ValidationError when there is no such row."""
        text = super().clean(value)
        if not text:
            return None
        wanted = id_in(text)
        row = next((row for row in self.known.values() if row.public_id == wanted), None)
        row = row or self.model.objects.filter(public_id=wanted).first()
        if row is None:
            raise ValidationError(self.missing, code="missing")
        self.known[row.pk] = row
        return row.pk


class PointerWidget(forms.TextInput):
    """A text input that the script dresses with a picker; what it points to stands beside it."""

    template_name = "admin/desk/pointer.html"

    def __init__(self, kind, attrs=None):
        super().__init__({"data-pick": kind, "placeholder": _("address or id"), **(attrs or {})})
        self.kind = kind
        self.rows = {}

    @property
    def media(self):
        return PICKER

    def get_context(self, name, value, attrs):
        context = super().get_context(name, value, attrs)
        row = next((row for row in self.rows.values() if row.public_id == value), None)
        context["widget"] |= {"kind": self.kind, "row": row, "label": label_of(row) if row else ""}
        if self.kind == "photo" and row:
            context["widget"]["thumb"] = row.url(400)
        return context


def label_of(row):
    """Return what a story or a photo is called."""
    if isinstance(row, Photo):
        return " · ".join(part for part in (row.caption[:80], row.credit) if part) or row.public_id
    return row.headline or getattr(row, "draft_title", "") or row.public_id


def pointer(kind, model, missing, **kwargs):
    """Return a PointerField whose widget shows the rows that the field knows."""
    field = PointerField(model=model, missing=missing, widget=PointerWidget(kind), **kwargs)
    field.widget.rows = field.known
    return field


class ArticleForm(DocumentForm):
    """A story as it will look, with its filing beside it."""

    document = Article.document
    main = ("kicker", "headline", "standfirst", "body_html")
    photo_fields = ("lead_photo", "lead_caption", "lead_alt", "lead_decorative", "lead_crop")
    upload_fields = ("lead_upload", "upload_creator", "upload_agency")
    byline_fields = ("bylines", "no_byline", "byline_text")
    person_fields = ("new_person", "new_person_state", "new_person_role")
    filing_fields = ("section", "is_opinion", "topics", "main_topic", "slug")
    reader_fields = ("related", "asks_off", "is_recommended")

    kicker = TidyCharField(label=_("Kicker"), max_length=60)
    headline = TidyCharField(
        label=_("Headline"), max_length=200, widget=forms.Textarea(attrs={"rows": 1, "data-one-line": ""})
    )
    standfirst = TidyCharField(label=_("Standfirst"), max_length=500, widget=forms.Textarea(attrs={"rows": 2}))
    body_html = ProseField(label=_("Text"))
    bylines = RowsField(
        {
            "person": KeptChoiceField(
                label=_("Person"), coerce=int,
                widget=forms.Select(attrs={"data-choose": "", "data-placeholder": _("Type a name")}),
                error_messages={"required": _("Choose a person.")},
            ),
            "role": forms.ChoiceField(label=_("Role"), choices=Byline.Role.choices, initial="reporting"),
        },
        label=_("Bylines"), max_items=12, add_label=_("Add a byline"),
    )  # fmt: skip
    new_person = TidyCharField(
        label=_("Name, as it is signed"), max_length=120, help_text=_("A person who is not in the list yet.")
    )
    new_person_state = forms.ChoiceField(
        label=_("Readers see"), initial="named",
        choices=[
            ("named", _("the name")), ("pseudonym", _("it, as a pseudonym")), ("withheld", _("nothing: name withheld")),
        ],
    )  # fmt: skip
    new_person_role = forms.ChoiceField(label=_("Role"), choices=Byline.Role.choices, initial="reporting")
    no_byline = forms.BooleanField(label=_("No byline, deliberately"))
    byline_text = TidyCharField(
        label=_("In words of its own"), max_length=300,
        help_text=_("“Reported with Ada Bren in Riga”: stands instead of the line made of the roles."),
    )  # fmt: skip
    section = KeptChoiceField(label=_("Section"), coerce=int, empty_value=None)
    is_opinion = forms.BooleanField(label=_("Opinion: marked as somebody's view"))
    topics = TopicsField(
        label=_("Topics"), max_items=12, each=100, help_text=_("With commas between them."),
        widget=forms.TextInput(attrs={"data-chips": "", "list": "known-topics", "autocomplete": "off"}),
    )  # fmt: skip
    main_topic = TidyCharField(
        label=_("Main topic"), max_length=100, widget=forms.Select(attrs={"data-main-topic": ""}),
        help_text=_("Leads to “Read more”. Not chosen: the first topic."),
    )  # fmt: skip
    slug = TidyCharField(
        label=_("Words in the address"), max_length=80, help_text=_("Made of the headline when this is empty.")
    )
    lead_photo = pointer("photo", Photo, _("There is no such photo in the library."), label=_("Lead photo"))
    lead_caption = TidyCharField(
        label=_("Caption here"),
        max_length=500,
        help_text=_("Empty: the photo's own caption."),
        widget=forms.Textarea(attrs={"rows": 2}),
    )
    lead_alt = TidyCharField(
        label=_("Alternative text here"), max_length=300, help_text=_("What one sees. Empty: the photo's own."),
        widget=forms.Textarea(attrs={"rows": 2}),
    )  # fmt: skip
    lead_decorative = forms.BooleanField(label=_("Decorative: says nothing that the text does not say"))
    lead_crop = TidyCharField(
        label=_("Crop here"), max_length=31,
        help_text=_("Left, top, width and height in shares of the photo, such as 0.1,0,0.8,1. Empty: all of it."),
        widget=forms.TextInput(attrs={"data-crop": "lead_photo", "autocomplete": "off"}),
    )  # fmt: skip
    lead_upload = forms.FileField(
        label=_("New photo"), help_text=_("JPEG, PNG, WebP, AVIF or HEIC."),
        widget=forms.FileInput(attrs={"accept": photos.ACCEPT}),
    )  # fmt: skip
    upload_creator = TidyCharField(label=_("Photographer"), max_length=120)
    upload_agency = TidyCharField(label=_("Agency"), max_length=120)
    related = RowsField(
        {"story": pointer("story", Article, _("There is no such story."), label=_("Story"), required=True)},
        label=_("Read more"), max_items=6, add_label=_("Add a story"),
    )  # fmt: skip
    asks_off = forms.BooleanField(label=_("Do not ask for support here"))
    is_recommended = forms.BooleanField(label=_("May be recommended"))

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["bylines"].columns["person"].choices = lambda: self._people
        self.fields["section"].choices = lambda: self._sections
        self.named = Named.of(self.thing, self.base)
        self.named.loads_all = self.named.loads_all or not (self.is_bound or self.is_typing)
        self.named.edition = self.edition
        self._keep_choices()
        if not self.is_typing:
            self._load_pointers()
        topics = dict.fromkeys([*self.base.get("topics", []), *filter(None, [self["main_topic"].value()])])
        self.fields["main_topic"].widget.choices = [("", "—"), *((name, name) for name in topics)]
        self.may_add_person = bool(self.user and self.user.has_perm("articles.add_person"))
        self.may_add_photo = bool(self.user and self.user.has_perm("articles.add_photo"))

    def _keep_choices(self):
        """Let what the draft holds be chosen again without asking the database."""
        self.fields["bylines"].columns["person"].kept = {row["person"] for row in self.base["bylines"]}
        if "_placing" not in self.data:
            self.fields["section"].kept = {self.base["section"]}

    @cached_property
    def _people(self):
        people = self.named.people.values() if self.named.loads_all else Person.objects.defer("bio_html")
        withheld = _("%(name)s (name withheld)")
        choices = [
            (person.pk, person.name if person.is_shown else withheld % {"name": person.name}) for person in people
        ]
        return [("", "—"), *choices]

    @cached_property
    def _sections(self):
        offered = self.named if self.named.loads_all else self._everything()
        groups = {}
        for section in offered.sections.values():
            groups.setdefault(str(section.edition), []).append((section.pk, section.name))
        grouped = list(groups.items()) if len(groups) > 1 else [row for rows in groups.values() for row in rows]
        return [("", "—"), *grouped]

    def _everything(self):
        offered = Named(self.base)
        offered.loads_all, offered.edition = True, self.edition
        return offered

    def _load_pointers(self):
        photo, stories = self.fields["lead_photo"], self.fields["related"].columns["story"]
        lead = self.named.lead if self.base.get("lead_photo") else None
        photo.known = photo.widget.rows = {lead.pk: lead} if lead else {}
        stories.known = stories.widget.rows = dict(self.named.stories) if self.base.get("related") else {}

    def narrow(self, names):
        """Leave only these fields; the stories that are pointed at are found together."""
        super().narrow(names)
        if "related" in self.fields:
            field = self.fields["related"]
            typed = field.widget.value_from_datadict(self.data, self.files, "related") or []
            ids = {id_in(str(row["story"])[:300]) for row in typed if row["story"]} - {""}
            field.columns["story"].known = {
                story.pk: story for story in Article.objects.only("public_id").filter(public_id__in=ids)
            }

    def initial_of(self, content):
        """Return the content with the related stories as rows."""
        return {**content, "related": [{"story": pk} for pk in content["related"]]}

    def value_of(self, name):
        """Return a value as the document keeps it: related stories as a list of ids."""
        value = super().value_of(name)
        return [row["story"] for row in value if row["story"]] if name == "related" else value

    def clean_slug(self):
        """Return the slug; raise ValidationError unless it is one."""
        return self.document.fields["slug"].clean(self.cleaned_data["slug"])

    def clean_lead_crop(self):
        """Return the crop; raise ValidationError unless it is a part of a picture."""
        return self.document.fields["lead_crop"].clean(self.cleaned_data["lead_crop"])

    def clean_lead_upload(self):
        """Return the uploaded file; raise ValidationError when it is no picture that can be used."""
        upload = self.cleaned_data.get("lead_upload")
        if upload:
            if not self.may_add_photo:
                raise ValidationError(_("You may not add photos."))
            photos.examine(upload)
        return upload

    def clean_new_person(self):
        """Return the name; raise ValidationError when this person may not add people."""
        name = self.cleaned_data.get("new_person")
        if name and not self.may_add_person:
            raise ValidationError(_("You may not add people: ask an editor."))
        return name

    def gather(self, *, by, at):
        """Take in the uploaded photo, and cut what was cut by hand."""
        data = self.cleaned_data
        if data.get("lead_upload"):
            photo = Photo.take_in(
                data["lead_upload"], by=by, at=at, anyway=True, caption=data["lead_caption"], alt=data["lead_alt"],
                creator=data["upload_creator"], agency=data["upload_agency"],
            )  # fmt: skip
            data["lead_photo"] = photo.pk
            self.fields["lead_photo"].known[photo.pk] = photo
        photo_checks.want_crops(data)

    def prepare(self, *, by, at):
        """Make the new person."""
        data = self.cleaned_data
        if data.get("new_person"):
            person = Person.objects.create(
                name=data["new_person"],
                slug=free_slug(data["new_person"]),
                name_state=data["new_person_state"] or "withheld",
            )
            if self.user.has_perm("articles.approve_name_person") and not person.is_name_approved:
                person.approve_name(by=by, at=at)
            data["bylines"] = [*data["bylines"], {"person": person.pk, "role": data["new_person_role"] or "reporting"}]

    def describe(self, name, value):
        """Return a value of the content in words."""
        if name == "body_html":
            return html.plain_text(value or "")
        if name == "section":
            return str(Section.objects.filter(pk=value).first() or "") if value else ""
        if name == "bylines":
            names = dict(Person.objects.filter(pk__in=[row["person"] for row in value or []]).values_list("pk", "name"))
            roles = dict(Byline.Role.choices)
            return ", ".join(f"{names.get(row['person'], '?')} ({roles.get(row['role'], '')})" for row in value or [])
        if name == "lead_photo":
            photo = Photo.objects.filter(pk=value).first() if value else None
            return label_of(photo) if photo else ""
        if name == "related":
            return "\n".join(label_of(story) for story in Article.objects.filter(pk__in=value or []))
        return super().describe(name, value)

    def as_blocks(self, name, value):
        """Return a value as blocks: photo and stories by what they show, bylines by name and role."""
        if name == "lead_photo":
            return [Block(ref=("photo", value))] if value else []
        if name == "related":
            return [Block(ref=("article", pk)) for pk in value or []]
        if name == "bylines":
            names = Person.objects.in_bulk([row["person"] for row in value or [] if row["person"]])
            roles = dict(Byline.Role.choices)
            return [
                Block(text=f"{names.get(row['person'], '?')} ({roles.get(row['role'], row['role'])})")
                for row in value or []
            ]
        return super().as_blocks(name, value)


def free_slug(name):
    """Return a slug for a person that nobody else has."""
    slug = make_slug(name, max_length=60) or public_id()
    return f"{slug}-{public_id()}" if Person.objects.filter(slug=slug).exists() else slug


class ArticleMoveForm(MoveForm):
    """What the buttons of a story ask."""

    change = forms.ChoiceField(
        label=_("What changed?"), required=False, widget=forms.RadioSelect, choices=Article.Change.choices
    )
    correction_kind = forms.ChoiceField(
        label=_("Readers see it as"),
        required=False,
        initial="correction",
        choices=[choice for choice in Correction.Kind.choices if choice[0] != Correction.Kind.RETRACTION],
    )
    correction_text = TidyCharField(
        label=_("What was wrong, and what is right"), max_length=1000, required=False,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("Stands in the story with the date and a number of its own, for good."),
    )  # fmt: skip
    retraction = TidyCharField(
        label=_("Why it was wrong"), max_length=500, required=False, widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("Stands at the address from now on, and in the list of corrections."),
    )  # fmt: skip
    keep_text = forms.BooleanField(
        label=_("The text can still be read below the reason"), required=False,
        help_text=_("Otherwise the address shows the reason alone."),
    )  # fmt: skip
    correction_place = forms.ChoiceField(
        label=_("Place"), required=False, initial="end", choices=Correction.Place.choices
    )

    translation = pointer(
        "story",
        Article,
        _("There is no such story."),
        label=_("Story in another edition"),
        help_text=_("Its address or id."),
    )


class SlugFromName(forms.ModelForm):
    """A form whose empty slug is made of the name."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        if "slug" in self.fields:
            self.fields["slug"].required = False

    def clean(self):
        """Fill the slug."""
        data = super().clean()
        if "slug" in self.fields and not data.get("slug") and "slug" not in self.errors:
            data["slug"] = self.slug_for(data.get("name") or "")
        return data

    def slug_for(self, name):
        """Return the slug that stands for the name."""
        return make_slug(name, max_length=60) or public_id()

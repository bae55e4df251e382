"""People, sections and topics in the admin."""

from django.contrib import admin
from django.core.validators import validate_slug
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from articles.admin.forms import SlugFromName, free_slug, pointer
from articles.admin.protection import WithdrawingViews
from articles.models import Article, Person, PersonIdentity, PersonText, Section, Topic
from newsroom.admin import NamedChoosers, Tidy
from newsroom.prose import MessageField


class PersonForm(SlugFromName):
    """A person; the slug is made of the public name, never of another one."""

    bio_html = MessageField(label=_("Biography"), required=False, max_length=6000)

    def slug_for(self, name):
        return free_slug(name)


class PersonTextInline(Tidy, admin.StackedInline):
    """Name, title and biography in other languages."""

    model = PersonText
    extra = 0

    def formfield_for_dbfield(self, db_field, request, **kwargs):
        if db_field.name == "bio_html":
            return MessageField(label=db_field.verbose_name, required=False, max_length=6000)
        return super().formfield_for_dbfield(db_field, request, **kwargs)


class IdentityInline(Tidy, admin.StackedInline):
    """Who somebody really is; only those with the right to know see that there is such a field."""

    model = PersonIdentity
    can_delete = True


@admin.register(Person)
class PersonAdmin(WithdrawingViews, NamedChoosers, Tidy, admin.ModelAdmin):
    """Contributors and agencies as readers may know them."""

    form = PersonForm
    change_form_template = "admin/articles/person_change.html"
    list_display = ("name", "kind", "name_state", "approved", "title", "user")
    list_filter = ("kind", "name_state")
    list_select_related = ("user",)
    search_fields = ("name", "texts__name")
    raw_id_fields = ("portrait",)
    autocomplete_fields = ("user",)
    inlines = (PersonTextInline, IdentityInline)
    fieldsets = (
        (None, {"fields": ("name", "name_state", "kind", "title", "bio_html")}),
        (_("Behind the scenes"), {"fields": ("slug", "user", "portrait")}),
    )
    actions = ("approve_names",)

    def save_model(self, request, obj, form, change):
        """Save; an editor who sets a pseudonym or withholds a name agrees to it."""
        super().save_model(request, obj, form, change)
        decided = not change or {"name", "name_state"} & set(form.changed_data)
        if decided and not obj.is_name_approved and self.has_approve_permission(request):
            obj.approve_name(by=request.user, at=timezone.now())

    def has_approve_permission(self, request):
        """Tell whether this person may approve pseudonyms and withheld names."""
        return request.user.has_perm("articles.approve_name_person")

    @admin.action(description=_("Approve pseudonym or withheld name"), permissions=["approve"])
    def approve_names(self, request, queryset):
        """Agree to how the chosen people sign."""
        for person in queryset:
            if not person.is_name_approved:
                person.approve_name(by=request.user, at=timezone.now())

    @admin.display(description=_("approved"), boolean=True)
    def approved(self, person):
        """Tell whether stories signed like this may be published."""
        return person.is_name_approved


@admin.register(Section)
class SectionAdmin(Tidy, admin.ModelAdmin):
    """The parts of an edition."""

    form = SlugFromName
    list_display = ("name", "edition", "slug", "position", "is_opinion")
    list_filter = ("edition",)
    list_select_related = ("edition",)
    search_fields = ("name",)
    fields = ("edition", "name", "slug", "description", "position", "is_opinion")


class TopicForm(SlugFromName):
    """A topic, its page and the story that explains it."""

    explainer = pointer(
        "story", Article, _("There is no such story."), label=_("Explainer"),
        help_text=_("Stands on top of the topic's page in its edition, whatever the order."),
    )  # fmt: skip

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        field, story = self.fields["explainer"], self.instance.explainer if self.instance.explainer_id else None
        field.known = field.widget.rows = {story.pk: story} if story else {}

    def clean_slug(self):
        """Return the slug; refuse letters that the address of a topic cannot have."""
        slug = self.cleaned_data["slug"]
        if slug:
            validate_slug(slug)
        return slug

    def clean_explainer(self):
        """Return the story itself."""
        pk = self.cleaned_data["explainer"]
        return Article.objects.get(pk=pk) if pk else None


@admin.register(Topic)
class TopicAdmin(Tidy, admin.ModelAdmin):
    """What stories are about."""

    form = TopicForm
    list_display = ("name", "slug", "order")
    search_fields = ("name",)
    fields = ("name", "slug", "intro", "order", "explainer")

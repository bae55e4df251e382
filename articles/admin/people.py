"""People, sections and topics in the admin."""

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from articles.admin.forms import SlugFromName, free_slug
from articles.models import Person, PersonIdentity, PersonText, Section, Topic
from newsroom.admin import Tidy
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
class PersonAdmin(Tidy, admin.ModelAdmin):
    """Contributors and agencies as readers may know them."""

    form = PersonForm
    list_display = ("name", "kind", "name_state", "title", "user")
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


@admin.register(Section)
class SectionAdmin(Tidy, admin.ModelAdmin):
    """The parts of an edition."""

    form = SlugFromName
    list_display = ("name", "edition", "slug", "position", "is_opinion")
    list_filter = ("edition",)
    list_select_related = ("edition",)
    search_fields = ("name",)
    fields = ("edition", "name", "slug", "description", "position", "is_opinion")


@admin.register(Topic)
class TopicAdmin(Tidy, admin.ModelAdmin):
    """What stories are about."""

    form = SlugFromName
    list_display = ("name", "slug")
    search_fields = ("name",)
    fields = ("name", "slug", "intro")

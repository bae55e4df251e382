"""Static pages in the admin."""

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from articles.models import Page
from desk.admin import EditorialAdmin
from desk.forms import DocumentForm
from newsroom.editions import default_edition


class PageForm(DocumentForm):
    """Title and text of a page."""

    document = Page.document
    main = ("title", "body_html")


@admin.register(Page)
class PageAdmin(EditorialAdmin):
    """About, privacy, corrections, contact."""

    form_class = PageForm
    creation_fields = ("edition", "slug", "position")
    list_display = ("title", "address", "edition", "state_pill", "moment")
    list_select_related = ("edition",)

    def creation_initial(self, request):
        return {"edition": default_edition().pk}

    @admin.display(description=_("address"), ordering="slug")
    def address(self, page):
        """Return the path of the page."""
        return page.get_absolute_url()

"""The library of photos in the admin."""

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import JsonResponse
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from articles.admin import pickers
from articles.admin.forms import PhotoForm, UploadForm
from articles.models import Photo, PhotoText
from newsroom.admin import Tidy

UPLOADS = ("caption", "creator", "agency", "alt")


class PhotoTextInline(Tidy, admin.TabularInline):
    """Captions in other languages."""

    model = PhotoText
    extra = 1


@admin.register(Photo)
class PhotoAdmin(Tidy, admin.ModelAdmin):
    """A grid of pictures; several come in at once, each keeps its words and its focal point."""

    form = PhotoForm
    inlines = (PhotoTextInline,)
    list_display = ("thumb", "words", "credit_line")
    list_display_links = ("thumb", "words")
    search_fields = ("caption",)
    list_per_page = 60
    actions = None
    show_full_result_count = False
    change_form_template = "admin/articles/photo_change.html"
    fieldsets = (
        (None, {"fields": ("caption", "creator", "agency", "credit_url", "alt")}),
        (gettext_lazy("Focal point"), {"fields": (("focal_x", "focal_y"),), "description": gettext_lazy(
            "What crops keep: click on the picture, or type the share from the left and from the top."
        )}),
        (gettext_lazy("Filing"), {"fields": ("taken_on", "place", "keywords")}),
    )  # fmt: skip

    def get_urls(self):
        wrap = self.admin_site.admin_view
        return [
            path("picker/", wrap(self.picker_view), name="articles_photo_picker"),
            path("upload/", wrap(self.upload_view), name="articles_photo_upload"),
            *super().get_urls(),
        ]

    def picker_view(self, request):
        """Return photos for the picker as JSON."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        return pickers.answer(request, Photo.objects.search(pickers.words_of(request)), pickers.photo_as_json)

    def upload_view(self, request):
        """Take in one photo from the picker; answer with it, or with the sentence that refuses it."""
        if not self.has_add_permission(request) or request.method != "POST":
            raise PermissionDenied
        form = UploadForm(request.POST, request.FILES)
        if not form.is_valid():
            return JsonResponse(
                {"errors": {name: [str(e) for e in errors] for name, errors in form.errors.items()}}, status=422
            )
        words = {name: form.cleaned_data[name] for name in UPLOADS}
        try:
            photo = Photo.take_in(form.cleaned_data["files"][0], by=request.user, at=timezone.now(), **words)
        except ValidationError as error:
            return JsonResponse({"errors": {"files": error.messages}}, status=422)
        return JsonResponse(pickers.photo_as_json(photo))

    def add_view(self, request, form_url="", extra_context=None):
        """Take in several photos; the ones that are refused are named, the others stay."""
        if not self.has_add_permission(request):
            raise PermissionDenied
        form = UploadForm(request.POST, request.FILES) if request.method == "POST" else UploadForm()
        if form.is_bound and form.is_valid():
            taken = self._take_in(request, form)
            if taken and not form.errors:
                only = taken[0] if len(taken) == 1 and self.has_change_permission(request) else None
                return redirect(self._address("change", only.pk) if only else self._address("changelist"))
        context = {
            **self.admin_site.each_context(request), "title": _("Add photos"), "opts": self.opts, "form": form,
            "media": self.media + form.media,
        }  # fmt: skip
        return render(request, "admin/articles/photo_add.html", context, status=422 if form.errors else 200)

    def _take_in(self, request, form):
        words = {name: form.cleaned_data[name] for name in UPLOADS}
        taken = []
        for file in form.cleaned_data["files"]:
            try:
                photo = Photo.take_in(file, by=request.user, at=timezone.now(), **words)
            except ValidationError as error:
                form.add_error("files", f"{file.name}: {' '.join(error.messages)}")
                continue
            if photo.was_known:
                messages.warning(request, _("%(file)s is in the library already.") % {"file": file.name})
            taken.append(photo)
        if taken:
            messages.success(request, _("Taken in: %(count)d.") % {"count": len(taken)})
        return taken

    def _address(self, name, *args):
        return reverse(f"admin:articles_photo_{name}", args=args)

    def save_model(self, request, obj, form, change):
        """Store the words; a moved focal point goes through its verb."""
        super().save_model(request, obj, form, change)
        if {"focal_x", "focal_y"} & set(form.changed_data):
            obj.move_focal_point(obj.focal_x, obj.focal_y)

    def get_search_results(self, request, queryset, search_term):
        """Search as the picker does."""
        return queryset.search(search_term), True

    def has_delete_permission(self, request, obj=None):
        """Tell whether this person may delete: never a photo that stands in a story."""
        allowed = super().has_delete_permission(request, obj)
        return allowed and (obj is None or not (obj.uses.exists() or obj.led_articles.exists()))

    @admin.display(description="")
    def thumb(self, photo):
        """Return the picture, small."""
        return format_html(
            '<img src="{}" alt="{}" class="thumb" width="180" height="120" loading="lazy">',
            photo.url(400, crop="3:2"),
            photo.alt or photo,
        )

    @admin.display(description=gettext_lazy("caption"), ordering="caption")
    def words(self, photo):
        """Return the caption."""
        return photo.caption or _("Without caption")

    @admin.display(description=gettext_lazy("credit"))
    def credit_line(self, photo):
        """Return the credit, or that there is none."""
        return photo.credit or format_html('<span class="pill pill--withdrawn">{}</span>', _("no credit"))

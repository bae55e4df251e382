"""The library of photos in the admin."""

import datetime

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.forms import modelformset_factory
from django.http import JsonResponse
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from articles import renditions
from articles.admin import pickers
from articles.admin.photo_forms import MOST_FILES, ConfirmForm, PhotoForm, SearchForm, UploadForm
from articles.models import Article, Photo, PhotoText
from newsroom import html
from newsroom.admin import Tidy

UPLOADS = ("caption", "creator", "agency", "alt")
OWN_WORDS = datetime.timedelta(days=1)
ConfirmFormSet = modelformset_factory(
    Photo, form=ConfirmForm, extra=0, max_num=MOST_FILES, absolute_max=MOST_FILES, edit_only=True
)


class PhotoTextInline(Tidy, admin.TabularInline):
    """Captions in other languages."""

    model = PhotoText
    extra = 1


class TypedFilter(admin.SimpleListFilter):
    """A parameter of the list that the search form above it reads; it has no panel of its own."""

    template = "admin/desk/no_filter.html"
    title = ""

    def lookups(self, request, model_admin):
        return [("", "")]

    def queryset(self, request, queryset):
        return queryset


def typed(name):
    """Return the filter class of a parameter."""
    return type(f"Typed{name.title()}", (TypedFilter,), {"parameter_name": name})


@admin.register(Photo)
class PhotoAdmin(Tidy, admin.ModelAdmin):
    """A grid of pictures; several come in at once, each keeps its words, its rights and its focal point."""

    form = PhotoForm
    inlines = (PhotoTextInline,)
    list_display = ("thumb", "words", "credit_line", "trouble")
    list_display_links = ("thumb", "words")
    search_fields = ("caption",)
    list_filter = tuple(typed(name) for name in SearchForm.base_fields if name != "q")
    list_per_page = 60
    actions = None
    show_full_result_count = False
    change_form_template = "admin/articles/photo_change.html"
    change_list_template = "admin/articles/photo_list.html"
    fieldsets = (
        (None, {"fields": ("caption", "alt", "creator", "agency", "credit_url", "copyright", "without_credit")}),
        (gettext_lazy("Focal point"), {"fields": (("focal_x", "focal_y"),), "description": gettext_lazy(
            "What crops keep: click on the picture, move the point with the arrow keys, or type the shares."
        )}),
        (gettext_lazy("Rights"), {"fields": (
            "rights", "licence", "licence_url", "for_site", "for_letters", "for_others", "expires_on", "rights_note",
        )}),
        (gettext_lazy("Filing"), {"fields": ("taken_on", "place", "keywords")}),
    )  # fmt: skip

    def get_urls(self):
        wrap = self.admin_site.admin_view
        return [
            path("picker/", wrap(self.picker_view), name="articles_photo_picker"),
            path("upload/", wrap(self.upload_view), name="articles_photo_upload"),
            path("confirm/", wrap(self.confirm_view), name="articles_photo_confirm"),
            path("rights/", wrap(self.rights_view), name="articles_photo_rights"),
            *super().get_urls(),
        ]

    # Views

    def picker_view(self, request):
        """Return photos for the picker as JSON."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        found = SearchForm(request.GET).search(Photo.objects.all(), on=timezone.localdate())
        return pickers.answer(request, found, pickers.photo_as_json)

    def upload_view(self, request):
        """Take in one photo; answer with it, or with the sentence that refuses it, or with the one it looks like."""
        if not self.has_add_permission(request) or request.method != "POST":
            raise PermissionDenied
        form = UploadForm(request.POST, request.FILES)
        if not form.is_valid():
            return JsonResponse(
                {"errors": {name: [str(e) for e in errors] for name, errors in form.errors.items()}}, status=422
            )
        try:
            photo = self._take(request, form, form.cleaned_data["files"][0])
        except ValidationError as error:
            return JsonResponse({"errors": {"files": error.messages}}, status=422)
        answer = {**pickers.photo_as_json(photo), "known": photo.was_known}
        if photo.was_alike:
            return JsonResponse({"errors": {"files": [_alike(photo)]}, "alike": answer}, status=409)
        return JsonResponse(answer)

    def _take(self, request, form, file):
        words = {name: form.cleaned_data[name] for name in UPLOADS}
        return Photo.take_in(file, by=request.user, at=timezone.now(), anyway=form.cleaned_data["anyway"], **words)

    def add_view(self, request, form_url="", extra_context=None):
        """Take in several photos; the ones that are refused are named, the others stay."""
        if not self.has_add_permission(request):
            raise PermissionDenied
        form = UploadForm(request.POST, request.FILES) if request.method == "POST" else UploadForm()
        taken = self._take_all(request, form) if form.is_bound and form.is_valid() else []
        if taken and not form.errors:
            return redirect(self._after(request, taken))
        context = {
            **self.admin_site.each_context(request), "title": _("Add photos"), "opts": self.opts, "form": form,
            "media": self.media + form.media, "taken": taken, "confirm_url": self._confirm_url(taken),
        }  # fmt: skip
        return render(request, "admin/articles/photo_add.html", context, status=422 if form.errors else 200)

    def _take_all(self, request, form):
        taken = []
        for file in form.cleaned_data["files"]:
            try:
                photo = self._take(request, form, file)
            except ValidationError as error:
                form.add_error("files", f"{file.name}: {' '.join(error.messages)}")
                continue
            if photo.was_alike:
                form.add_error("files", f"{file.name}: {_alike(photo)}")
                continue
            if photo.was_known:
                messages.warning(request, _("%(file)s is in the library already.") % {"file": file.name})
            taken.append(photo)
        if taken:
            messages.success(request, _("Taken in: %(count)d.") % {"count": len(taken)})
        return taken

    def _after(self, request, taken):
        if len(taken) == 1 and self.has_change_permission(request):
            return self._address("change", taken[0].pk)
        mine = self.may_word(request).filter(pk__in=[photo.pk for photo in taken])
        return self._confirm_url(taken) if mine.exists() else self._address("changelist")

    def _confirm_url(self, taken):
        ids = ",".join(photo.public_id for photo in taken)
        return f"{reverse('admin:articles_photo_confirm')}?ids={ids}"

    def may_word(self, request):
        """Return the photos whose words this person may set: all, or for a day the ones that he brought in."""
        if self.has_change_permission(request):
            return Photo.objects.all()
        since = timezone.now() - OWN_WORDS
        return Photo.objects.filter(uploaded_by=request.user, created_at__gt=since)

    def confirm_view(self, request):
        """Show the words that came with several new photos, on one page, and store what a person made of them."""
        if not self.has_add_permission(request):
            raise PermissionDenied
        ids = [word for word in request.GET.get("ids", "").split(",")[:MOST_FILES] if html.PUBLIC_ID.match(word)]
        photos = self.may_word(request).filter(public_id__in=ids).order_by("pk")
        forms = ConfirmFormSet(request.POST or None, queryset=photos)
        if request.method == "POST" and forms.is_valid():
            at = timezone.now()
            with transaction.atomic():
                forms.save()
                for photo in (form.instance for form in forms.forms if form.instance.pk):
                    photo.confirm(at=at)
            messages.success(request, _("The words of the photos are stored."))
            return redirect(self._address("changelist"))
        context = {
            **self.admin_site.each_context(request), "title": _("Check the words"), "opts": self.opts, "formset": forms,
            "media": self.media,
        }  # fmt: skip
        status = 422 if request.method == "POST" else 200
        return render(request, "admin/articles/photo_confirm.html", context, status=status)

    def rights_view(self, request):
        """List the stories that readers see with a photo whose rights have ended, end soon, or never covered it."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        today = timezone.localdate()
        rows = [
            {"photo": photo, "stories": stories, "trouble": photo.rights_problem(today)}
            for photo, stories in Photo.troubled_in(Article.objects.published(timezone.now()), on=today)
        ]
        context = {
            **self.admin_site.each_context(request), "title": _("Rights"), "opts": self.opts, "rows": rows,
            "media": self.media,
        }  # fmt: skip
        return render(request, "admin/articles/photo_rights.html", context)

    def changelist_view(self, request, extra_context=None):
        """Show the grid under its search form."""
        return super().changelist_view(request, {**(extra_context or {}), "search_form": SearchForm(request.GET)})

    def render_change_form(self, request, context, **kwargs):
        """Add where the photo is used and how it is cut."""
        photo = kwargs.get("obj")
        if photo:
            context |= {"standing": photo.standing(), "places": photo.other_places(), "shapes": _shapes(photo)}
        return super().render_change_form(request, context, **kwargs)

    def _address(self, name, *args):
        return reverse(f"admin:articles_photo_{name}", args=args)

    def save_model(self, request, obj, form, change):
        """Store the words; what follows from them goes through its verb."""
        super().save_model(request, obj, form, change)
        at, reason = timezone.now(), form.cleaned_data["without_credit"]
        obj.confirm(at=at)
        if reason != obj.no_credit_reason:
            obj.do_without_credit(reason, by=request.user, at=at)
        if {"focal_x", "focal_y"} & set(form.changed_data):
            obj.move_focal_point(obj.focal_x, obj.focal_y)
        elif obj.kept_in_files and {"creator", "copyright"} & set(form.changed_data):
            obj.ask_for_renditions()

    def get_search_results(self, request, queryset, search_term):
        """Search as the picker does."""
        return SearchForm(request.GET).search(queryset, on=timezone.localdate()), True

    def has_delete_permission(self, request, obj=None):
        """Tell whether this person may delete: never a photo that stands in a story."""
        allowed = super().has_delete_permission(request, obj)
        return allowed and (obj is None or not (obj.uses.exists() or obj.led_articles.exists()))

    # Columns

    @admin.display(description=gettext_lazy("photo"))
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
        pill = format_html('<span class="pill pill--withdrawn">{}</span>', _("no credit"))
        return photo.credit or (photo.no_credit_reason and _("deliberately without credit")) or pill

    @admin.display(description=gettext_lazy("rights"))
    def trouble(self, photo):
        """Return what somebody should look at."""
        found = [photo.rights_problem(timezone.localdate()), "" if photo.confirmed_at else _("Words not confirmed.")]
        found = [each for each in found if each]
        return format_html('<span class="pill pill--in_review">{}</span>', " ".join(map(str, found))) if found else ""


def _alike(photo):
    return _("It looks like a photo in the library: “%(photo)s”.") % {"photo": str(photo)[:80]}


def _shapes(photo):
    """Return the crops that the site shows, for the previews."""
    return [
        {"name": name, "use": shape.use, "ratio": f"{shape.ratio:.4f}", "url": photo.url(400, crop=name)}
        for name, shape in renditions.SHAPES.items()
    ]

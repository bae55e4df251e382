"""The admin class of drafted things: the form edits the draft, the version decides who may write."""

from django.contrib import admin, messages
from django.contrib.admin.utils import quote, unquote
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.db.models import F, Q
from django.http import Http404
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_protect
from django.views.decorators.debug import sensitive_post_parameters

from desk.admin import moves
from desk.admin.beginning import BeginningViews, confirmed
from desk.admin.checking import CheckingViews
from desk.admin.conflict import ConflictViews
from desk.admin.history import HistoryViews
from desk.admin.lists import ListViews
from desk.admin.modules import MODULES
from desk.admin.pages import KeyPaginator
from desk.admin.presence import DraftedList, PresenceViews
from desk.admin.preview import PreviewViews
from desk.admin.typing import TypingViews
from desk.admin.visit import Visit
from desk.content import Problem
from desk.forms import DocumentForm, MoveForm
from desk.models import NotReady, Revision, Stale


class NoMoreViews:
    """Where the chain of `desk_urls` ends: each part of DraftedAdmin adds its addresses to those of the next one."""

    def desk_urls(self, name, wrap):
        """Return the addresses of pages about one thing."""
        return []


class DraftedAdmin(
    BeginningViews, ConflictViews, TypingViews, PresenceViews, CheckingViews, HistoryViews, ListViews, PreviewViews,
    NoMoreViews, admin.ModelAdmin,
):  # fmt: skip
    """Edit the draft of a desk.models.Drafted model: one form, one version, buttons that call the model's verbs.

    To use it for a model of your own:

        class IssueForm(DocumentForm):
            document = Issue.document
            main = ("subject", "body_html")                     # the column of the text
            panels = ((_("Sending"), ("reply_to", "asks_off")),)  # the side column

        @admin.register(Issue)
        class IssueAdmin(DraftedAdmin):
            form_class = IssueForm            # or leave it out: made from the document's kinds
            creation_fields = ("newsletter",)  # columns outside the document, asked once, when it is made

            def moves(self, visit):           # the buttons this person may press now
                yield from super().moves(visit)
                if visit.user.has_perm("newsletters.publish_issue"):
                    yield Move("approve", _("Approve"), style="primary", asks=("when",))

            def move_approve(self, visit, version, answers):   # one call of one verb; returns the sentence to show
                visit.thing.approve(version=version, by=visit.user, at=visit.at, when=answers["when"])
                return _("The issue goes out in time.")

    What you get: what is typed reaches the draft within seconds; Save adds a revision; a stale tab gets the page of
    both texts and loses nothing; errors stand at their fields and keep what was typed; NotReady becomes a checklist
    with links to the fields; an error raised by a move stands above the form (with a dict: at the fields); history with
    restore; the list searches titles of drafts. `EditorialAdmin` adds publishing. Templates: `change_form_template`,
    blocks `main`, `side`, `state_line`.
    """

    form_class = None
    move_form_class = MoveForm
    creation_fields = ()
    change_form_template = "admin/desk/change_form.html"
    change_list_template = "admin/desk/change_list.html"
    search_fields = ("drafts__title",)
    list_per_page = 40
    show_full_result_count = False
    paginator = KeyPaginator
    actions = None

    # What a subclass may say

    def get_form_class(self):
        """Return the DocumentForm of this model."""
        return self.form_class or DocumentForm.of(self.model.document)

    def moves(self, visit):
        """Yield the moves that this person may make on this thing now; Save is always the first."""
        yield moves.SAVE

    def settings_form(self, visit):
        """Return a form for columns outside the document that may change later, or None; see `apply_settings`."""
        return

    def apply_settings(self, visit, form):
        """Write what the settings form changed."""

    def zone(self, thing):
        """Return the time zone in which times are typed and shown."""
        edition = getattr(thing, "edition", None)
        return edition.zone if edition else timezone.get_default_timezone()

    def preview_url(self, thing):
        """Return where the saved draft can be seen as readers would, or ""."""
        return ""

    def mine(self, request):
        """Return the condition under which a thing is this person's own."""
        return Q(created_by=request.user)

    def is_own(self, request, thing):
        """Tell whether this thing is this person's own."""
        known = getattr(thing, "is_mine", None)
        if known is not None:
            return known
        return type(thing)._default_manager.filter(self.mine(request), pk=thing.pk).exists()

    # Permissions

    def has_publish_permission(self, request):
        """Tell whether this person may publish things of this kind."""
        return request.user.has_perm(f"{self.opts.app_label}.publish_{self.opts.model_name}")

    # The form

    def get_urls(self):
        name = f"{self.opts.app_label}_{self.opts.model_name}"
        return [*self.desk_urls(name, self.admin_site.admin_view), *super().get_urls()]

    @method_decorator([never_cache, csrf_protect, sensitive_post_parameters()])
    def changeform_view(self, request, object_id=None, form_url="", extra_context=None):
        """Show and take the form of a new or an existing thing."""
        if object_id is None:
            return self._begin_view(request)
        visit = self._visit(request, object_id)
        if not self.has_view_or_change_permission(request, visit.thing):
            raise PermissionDenied
        with timezone.override(self.zone(visit.thing)):
            if request.method == "POST":
                if not self.has_change_permission(request, visit.thing):
                    raise PermissionDenied
                return confirmed(request, self._take(visit))
            self._bind(visit)
            return self._show(visit)

    def _visit(self, request, object_id):
        thing = self.get_object(request, unquote(str(object_id)))
        if thing is None:
            raise Http404
        return Visit(request=request, thing=thing, draft=thing.read_draft(), at=timezone.now())

    def _bind(self, visit, data=None, files=None):
        thing = visit.thing
        visit.form = self.get_form_class()(
            data, files, content=visit.draft.content, version=visit.draft.version, thing=thing, user=visit.user,
            edition=getattr(thing, "edition", None),
        )  # fmt: skip
        visit.move_form = self.move_form_class(data, prefix="move", initial=self.move_initial(visit))
        visit.settings = self.settings_form(visit)

    def move_initial(self, visit):
        """Return the initial values of what the buttons ask."""
        return {}

    def _take(self, visit):
        """Save what was typed and make the move whose button was pressed."""
        request = visit.request
        self._bind(visit, request.POST, request.FILES)
        allowed = {move.name: move for move in self.moves(visit)}
        move = allowed.get(request.POST.get("_move", "save"))
        if move is None:
            raise PermissionDenied
        forms_valid = [form.is_valid() for form in (visit.form, visit.move_form, visit.settings) if form is not None]
        if not all(forms_valid):
            return self._show(visit, status=422)
        try:
            return self._save_and_move(visit, move)
        except Stale:
            return self._show_conflict(visit)
        except ValidationError as error:
            self._add_errors(visit.form, error)
            return self._show(visit, status=422)

    def _save_and_move(self, visit, move):
        version = visit.form.cleaned_data["version"]
        version = self._save(visit, version, is_last=move.name == "save")
        answers = visit.move_form.cleaned_data
        if move.name == "save":
            self._note(visit, answers)
            messages.success(visit.request, _("Saved."))
            return self._back_to_form(visit)
        try:
            sentence = getattr(self, f"move_{move.name}")(visit, version, answers)
        except NotReady as error:
            return self._show_saved(visit, problems=error.problems)
        except ValidationError as error:
            return self._show_saved(visit, error=error)
        self._note(visit, answers)
        messages.success(visit.request, sentence)
        return self.after_move(visit, move)

    @staticmethod
    def _note(visit, answers):
        """Keep the note for the history with what this request has put there."""
        if answers.get("history_note"):
            visit.thing.note_moment(answers["history_note"], by=visit.user, at=visit.at)

    def after_move(self, visit, move):
        """Return where a person goes after a move: the form, or the list when it can no longer be opened."""
        if self.has_view_or_change_permission(visit.request, visit.thing):
            return self._back_to_form(visit)
        return redirect(self._url("changelist"))

    def _save(self, visit, version, *, is_last):
        """Write the draft and return its version. Raises Stale.

        A save that is the last step stands in the history; before a move it need not, since the move keeps the words.
        """
        if visit.draft.version != version:
            raise Stale(visit.draft)
        visit.form.gather(by=visit.user, at=visit.at)
        with transaction.atomic():
            if misplaced := self._place(visit):
                raise ValidationError([message for error in misplaced.values() for message in error["messages"]])
            visit.form.prepare(by=visit.user, at=visit.at)
            content = self._settle(visit, visit.form.content())
            if visit.settings is not None and visit.settings.has_changed():
                self.apply_settings(visit, visit.settings)
            if is_last:
                saved = visit.thing.save_draft(content, version=version, by=visit.user, at=visit.at, revision=True)
                return saved.version
            if self.model.document.clean(content) == visit.draft.content:
                return version
            visit.typed = content
            return visit.thing.keep_typing(content, version=version, by=visit.user, at=visit.at)

    def _add_errors(self, form, error):
        """Put the errors at their fields; the ones of fields that are not shown stand above the form."""
        if not hasattr(error, "error_dict"):
            form.add_error(None, error)
            return
        for name, errors in error.error_dict.items():
            form.add_error(name if name in form.fields else None, errors)

    def _back_to_form(self, visit):
        return redirect(self._url("change", quote(visit.thing.pk)))

    def _url(self, name, *args):
        return reverse(f"admin:{self.opts.app_label}_{self.opts.model_name}_{name}", args=args)

    # Pages

    def _show(self, visit, *, status=200):
        return render(visit.request, self.change_form_template, self.form_context(visit), status=status)

    def _show_saved(self, visit, *, problems=(), error=None):
        """Show the form again after the text was saved and the move refused, with what the buttons asked as it was."""
        if visit.typed is not None:
            content = self.model.document.clean(visit.typed)
            visit.thing.keep_revision(Revision.Kind.SAVE, content=content, by=visit.user, at=visit.at)
        visit.thing.refresh_from_db()
        visit.draft = visit.thing.read_draft()
        answers = visit.move_form
        self._bind(visit)
        visit.move_form = answers
        visit.was_saved = True
        visit.problems = (*problems, *self._spread(answers, error))
        return self._show(visit, status=422)

    def _spread(self, answers, error):
        """Put the errors of a move at the fields it asked, and return the others as problems."""
        if error is None:
            return []
        by_field = error.error_dict if hasattr(error, "error_dict") else {"": [error]}
        left = []
        for name, errors in by_field.items():
            if name in answers.fields:
                answers.add_error(name, errors)
            else:
                left += [Problem(name, message) for entry in errors for message in entry.messages]
        return left

    def form_context(self, visit):
        """Return the context of the form's template."""
        may_change = self.has_change_permission(visit.request, visit.thing)
        if not may_change:
            for field in visit.form.fields.values():
                field.disabled = True
        offered = list(self.moves(visit)) if may_change else []
        return {
            **self.admin_site.each_context(visit.request),
            "title": visit.draft.title or _("Untitled"),
            "opts": self.opts,
            "is_nav_sidebar_enabled": False,
            "thing": visit.thing,
            "original": visit.thing,
            "draft": visit.draft,
            "form": visit.form,
            "settings_form": visit.settings,
            "move_form": visit.move_form,
            "may_change": may_change,
            "may_share": self.may_share(visit.request, visit.thing),
            "moves": [(move, [visit.move_form[name] for name in move.asks]) for move in offered],
            "conflict": self.conflict_of(visit),
            "base": self.base_of(visit),
            "typing": self.typing_context(
                visit.request,
                visit.thing,
                may_change=may_change,
                is_conflict=visit.theirs is not None,
                is_unsaved=visit.form.is_bound,
                is_scrubbed=visit.was_scrubbed,
            ),
            "problems": visit.problems or self.checklist(visit),
            "was_refused": bool(visit.problems),
            "was_scrubbed": visit.was_scrubbed,
            "was_saved": visit.was_saved,
            "errors_anywhere": any(
                form.errors for form in (visit.form, visit.move_form, visit.settings) if form is not None
            ),
            "preview_url": self.preview_url(visit.thing),
            "live_preview_url": self.live_preview_url(visit.thing),
            "media": MODULES + visit.form.media,
            "zone": timezone.get_current_timezone_name(),
            "state": self.state_of(visit.thing, visit.draft, at=visit.at),
            "now": visit.at,
        }

    def checklist(self, visit):
        """Return the problems of the saved draft; asked only of those who may act on them."""
        return visit.thing.problems(visit.draft.content) if visit.thing.pk else []

    # The list

    def get_changelist(self, request, **kwargs):
        """Return the list that knows who has what open."""
        return DraftedList

    def save_model(self, request, obj, form, change):
        """Refuse to write live rows past the draft: lists that are edited call a verb with the version they saw."""
        raise PermissionDenied

    def get_queryset(self, request):
        """Return the things with the title and stage of their drafts beside them."""
        return super().get_queryset(request).annotate(
            draft_title=F("drafts__title"), draft_stage=F("drafts__stage"), draft_is_pending=F("drafts__is_pending"),
            draft_updated_at=F("drafts__updated_at"), draft_version=F("drafts__version"),
        )  # fmt: skip

    @admin.display(description=gettext_lazy("title"), ordering="drafts__title")
    def title(self, thing):
        """Return the title of the draft."""
        return thing.draft_title or _("Untitled")

    @admin.display(description=gettext_lazy("state"))
    def state_pill(self, thing):
        """Return the state as a pill."""
        state = self.state_of(thing, None, at=timezone.now())
        pill = format_html('<span class="pill pill--{}">{}</span>', state["name"], state["label"])
        names = ", ".join(one.name for one in getattr(thing, "companions", []))
        if not names:
            return pill
        return format_html('{} <small class="here" title="{}">{}</small>', pill, _("Has it open now"), names)

    @admin.display(description=gettext_lazy("saved"), ordering="drafts__updated_at")
    def saved_at(self, thing):
        """Return when the draft was last saved."""
        return thing.draft_updated_at

    def state_of(self, thing, draft, *, at):
        """Return {"name", "label"} of the state that people see: the stage of the draft here."""
        from desk.models import Draft

        stage = draft.stage if draft is not None else getattr(thing, "draft_stage", None) or Draft.Stage.WRITING
        return {"name": str(stage), "label": Draft.Stage(stage).label}

"""Redirects: where an address that was given up leads to. One step each: no chain, no loop, no other site."""

from dataclasses import dataclass
from urllib.parse import quote

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from articles.places import EVERYWHERE, KINDS, MAX_LENGTH, Place, paths_of, read_address, tidy_path
from newsroom import pagecache
from newsroom.editions import NEUTRAL, WITHOUT_EDITION, edition_url


def _none_of(names):
    return Q(**{f"{name}__isnull": True for name in names})


def _one_of(names):
    wanted = Q()
    for name in names:
        wanted |= Q(**{f"{other}__isnull": other != name for other in names})
    return wanted


@dataclass(frozen=True)
class Target:
    """Where a redirect leads: to a thing, which keeps its address wherever it moves, or to a plain path."""

    thing: object = None
    edition: object = None
    path: str = ""

    @classmethod
    def read(cls, address):
        """Return the target of an address of this site. Raises ValidationError when no page stands there."""
        path, query = read_address(address, hosts={settings.HOME_ORIGIN})
        known = Redirect.objects.at(path, query)
        if known is not None:
            return known.target
        place = Place.at(path)
        if place.is_missing:
            raise ValidationError(_("No page stands at the new address."), code="nothing")
        if place.thing is not None and not query:
            return cls.of(place.thing, place.edition)
        return cls(path=f"{path}?{query}" if query else path)

    @classmethod
    def of(cls, thing, edition=None):
        """Return the target of a story, section, topic, page or person."""
        return cls(thing=thing, edition=edition if thing._meta.model_name in EVERYWHERE else None)

    def columns(self):
        """Return the columns of a redirect that leads here."""
        columns = {**dict.fromkeys(KINDS), "edition": self.edition, "new_path": self.path}
        if self.thing is not None:
            columns[self.thing._meta.model_name] = self.thing
        return columns


class RedirectQuerySet(models.QuerySet):
    """Redirects by their address."""

    def with_targets(self):
        """Load what the address of the target is made of."""
        kinds = ("article__edition", "section__edition", "page__edition", "topic", "person", "edition")
        return self.select_related(*kinds).defer("article__body_html", "page__body_html", "person__bio_html")

    def at(self, path, query=""):
        """Return the redirect that stands at an address, the one for its very parameters first, or None."""
        path = tidy_path(path)
        if "\x00" in f"{path}{query}":  # PostgreSQL takes no such text, and none is stored
            return None
        wanted = [f"{path}?{query}", path] if query else [path]
        found = {row.old_path: row for row in self.with_targets().filter(old_path__in=wanted)}
        return next((found[key] for key in wanted if key in found), None)


class Redirect(models.Model):
    """That an old address leads to a page of this site. Answered only where no page stands (articles.redirects)."""

    old_path = models.CharField(_("old address"), max_length=MAX_LENGTH, unique=True)
    new_path = models.CharField(_("new address"), max_length=MAX_LENGTH, blank=True, db_index=True)
    article = models.ForeignKey("articles.Article", models.CASCADE, null=True, related_name="redirects")
    section = models.ForeignKey("articles.Section", models.CASCADE, null=True, related_name="redirects")
    topic = models.ForeignKey("articles.Topic", models.CASCADE, null=True, related_name="redirects")
    page = models.ForeignKey("articles.Page", models.CASCADE, null=True, related_name="redirects")
    person = models.ForeignKey("articles.Person", models.CASCADE, null=True, related_name="redirects")
    edition = models.ForeignKey("newsroom.Edition", models.CASCADE, null=True, related_name="+")

    objects = RedirectQuerySet.as_manager()

    class Meta:
        ordering = ["-pk"]
        default_permissions = ("add", "delete", "view")
        verbose_name = _("redirect")
        verbose_name_plural = _("redirects")
        constraints = [
            models.CheckConstraint(condition=Q(old_path__startswith="/") & ~Q(old_path="/"), name="redirect_old_path"),
            models.CheckConstraint(
                condition=Q(new_path="") | (Q(new_path__startswith="/") & ~Q(new_path__startswith="//")),
                name="redirect_stays_here",
            ),
            models.CheckConstraint(condition=~Q(old_path=models.F("new_path")), name="redirect_never_to_itself"),
            models.CheckConstraint(
                condition=(Q(new_path="") & _one_of(KINDS)) | (~Q(new_path="") & _none_of(KINDS)),
                name="redirect_one_target",
            ),
            models.CheckConstraint(
                condition=Q(edition__isnull=True, topic__isnull=True, person__isnull=True)
                | (Q(edition__isnull=False) & (Q(topic__isnull=False) | Q(person__isnull=False))),
                name="redirect_edition_of_topics_and_people",
            ),
        ]

    def __str__(self):
        return self.old_path

    def delete(self, *args, **kwargs):
        """Delete the redirect; the next reader finds no page there."""
        with transaction.atomic():
            deleted = super().delete(*args, **kwargs)
            pagecache.bump("redirects")
        return deleted

    # Events

    @classmethod
    def point(cls, old, new, *, quietly=False):
        """Let the address `old` lead to the page at `new` from now on, and return (redirect, what happened).

        What happened is "added", "changed" or "same". What led to `old` leads to `new` too, and when `new` is itself an
        old address, its target is taken: no chain comes about. Raises ValidationError when either is no address, a page
        stands at `old`, none at `new`, or the two would lead to each other. `quietly` leaves it to the caller to bump
        "redirects" in the same transaction.
        """
        old_path = cls.read_old(old)
        with transaction.atomic():
            cls._take_turn()
            target = Target.read(new)
            if old_path in _spellings(target):
                raise ValidationError(_("The two addresses would lead to each other."), code="loop")
            redirect, happened = cls._store(old_path, target)
            if happened != "same" and not quietly:
                pagecache.bump("redirects")
        return redirect, happened

    @classmethod
    def follow(cls, thing, before):
        """Let the paths `before`, {path: edition}, lead to the thing, which moved; its own paths lead nowhere else."""
        after = {tidy_path(path) for path in paths_of(thing)}
        with transaction.atomic():
            cls._take_turn()
            taken = cls.objects.filter(old_path__in=after).delete()[0]
            moved = {tidy_path(path): edition for path, edition in before.items() if tidy_path(path) not in after}
            for path, edition in moved.items():
                cls._store(path, Target.of(thing, edition))
            if taken or moved:
                pagecache.bump("redirects")

    @classmethod
    def forget(cls, person):
        """Let no old address lead to a person any more: whoever had the old name must not be found under the new."""
        with transaction.atomic():
            if cls.objects.filter(person=person).delete()[0]:
                pagecache.take_back("redirects")

    # Questions

    @staticmethod
    def read_old(address):
        """Return the form in which an old address is stored. Raises ValidationError when it may not be redirected."""
        path, query = read_address(address)
        stored = tidy_path(path)
        place = Place.at(path)
        if stored == "/" or f"{stored}/".startswith((*NEUTRAL, *WITHOUT_EDITION)):
            raise ValidationError(_("This is an address of the site itself."), code="own")
        if place.thing is not None or place.is_fixed:
            raise ValidationError(_("A page stands at the old address."), code="page")
        if query and place.is_stored:
            raise ValidationError(_("Pages are the same with any parameters; leave them out."), code="query")
        return f"{stored}?{query}" if query else stored

    @property
    def target(self):
        """Return where it leads. Reads loaded rows only (`with_targets`)."""
        thing = next((getattr(self, name) for name in KINDS if getattr(self, f"{name}_id")), None)
        return Target(thing=thing, edition=self.edition, path=self.new_path)

    @property
    def url(self):
        """Return the path that it leads to. Reads loaded rows only (`with_targets`)."""
        if self.new_path:
            path, mark, query = self.new_path.partition("?")
            return f"{quote(path)}{mark}{query}"
        return _url_of(self.target)

    def is_open(self, at):
        """Tell whether readers may see what stands there: never a draft, a withdrawn story, a name taken back."""
        if self.article_id:
            return self.article.is_live(at)
        if self.page_id:
            return self.page.is_live(at)
        return not self.person_id or self.person.is_shown

    # Parts

    @staticmethod
    def _take_turn():
        """Wait until whoever else writes redirects is done: two at once could make a chain."""
        Redirect._meta.get_field("edition").related_model.objects.select_for_update().order_by("pk").first()

    @classmethod
    def _store(cls, old_path, target):
        columns = target.columns()
        redirect, made = cls.objects.with_targets().get_or_create(old_path=old_path, defaults=columns)
        if not made and redirect.target == target:
            return redirect, "same"
        if not made:
            cls.objects.filter(pk=redirect.pk).update(**columns)
        leading_here = Q(new_path__in=[old_path, f"{old_path}/"])
        for start in (f"{old_path}?", f"{old_path}/?"):
            leading_here |= Q(new_path__startswith=start)
        cls.objects.filter(leading_here).update(**columns)
        return redirect, "added" if made else "changed"


def _url_of(target):
    if target.edition is not None:
        return edition_url(target.edition, f"articles:{target.thing._meta.model_name}", target.thing.slug)
    return target.thing.get_absolute_url()


def _spellings(target):
    """Return the forms in which the target's own address would be stored as an old one."""
    path, _mark, query = (target.path or _url_of(target)).partition("?")
    return {tidy_path(path), f"{tidy_path(path)}?{query}"}

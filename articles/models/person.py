"""People and agencies who sign stories and photos."""

from django.conf import settings
from django.db import models, transaction
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from articles.models.redirect import Redirect
from articles.places import paths_of
from newsroom import html, pagecache
from newsroom.models import StaffAction


class Person(models.Model):
    """A contributor as readers may know them: not at all by default. A name appears because somebody chose it."""

    class Kind(models.TextChoices):
        PERSON = "person", _("Person")
        AGENCY = "agency", _("Agency")
        DESK = "desk", _("Desk")

    class NameState(models.TextChoices):
        WITHHELD = "withheld", _("Name withheld")
        NAMED = "named", _("Signs by name")
        PSEUDONYM = "pseudonym", _("Signs by a pseudonym")
        DESK = "desk", _("Signs as the desk")

    # The ways to sign in which a name appears at all.
    SHOWN = (NameState.NAMED, NameState.PSEUDONYM)

    slug = models.SlugField(_("slug"), max_length=80, unique=True, help_text=_("Made of the public name only."))
    name = models.CharField(
        _("public name"), max_length=120, help_text=_("As it is signed; a pseudonym where there is one.")
    )
    kind = models.CharField(_("kind"), max_length=8, choices=Kind, default=Kind.PERSON)
    name_state = models.CharField(
        pgettext_lazy("person", "name"), max_length=10, choices=NameState, default=NameState.WITHHELD
    )
    name_approved = models.BooleanField(
        _("approved"), default=False, db_default=False, editable=False,
        help_text=_("An editor agreed to the pseudonym, or to withholding the name."),
    )  # fmt: skip
    user = models.OneToOneField(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="person",
        verbose_name=_("account"),
    )
    title = models.CharField(
        pgettext_lazy("person", "title"),
        max_length=120,
        blank=True,
        help_text=_("Political correspondent, for example."),
    )
    bio_html = models.TextField(_("biography"), max_length=6000, blank=True)
    portrait = models.ForeignKey(
        "articles.Photo", models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("portrait")
    )

    class Meta:
        ordering = ["name"]
        verbose_name = _("person")
        verbose_name_plural = _("people")
        permissions = [
            ("approve_name_person", _("Can approve pseudonyms and withheld names")),
            ("withdraw_name_person", _("Can take a name back everywhere, and undo it")),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(name_state__in=["withheld", "named", "pseudonym", "desk"]), name="person_name_state"
            )
        ]

    def __str__(self):
        return self.name

    def save(self, *args, **kwargs):
        """Store the person with a clean biography, and forget every page: cards everywhere name them.

        Another name, or another way to sign, is no longer the one that was approved. The old address leads to the new
        only for somebody who signs by the same name as before: a redirect must not tell who stands behind another one.
        """
        self.bio_html = html.clean_body(self.bio_html)
        now = (self.__dict__.get("name"), self.__dict__.get("name_state"))
        if getattr(self, "_name_as_loaded", now) != now:
            self.name_approved = False
            if kwargs.get("update_fields") is not None:
                kwargs["update_fields"] = {*kwargs["update_fields"], "name_approved"}
        with transaction.atomic():
            before = type(self).objects.filter(pk=self.pk).only("slug", "name", "name_state").first()
            super().save(*args, **kwargs)
            self._move_from(before)
            pagecache.take_back("site")
        self._name_as_loaded = now

    def get_absolute_url(self):
        return reverse("articles:person", args=[self.slug])

    @classmethod
    def from_db(cls, db, field_names, values):
        """Remember under which name the row was loaded; see `save`."""
        person = super().from_db(db, field_names, values)
        person._name_as_loaded = (person.__dict__.get("name"), person.__dict__.get("name_state"))
        return person

    def _move_from(self, before):
        """Write the redirects of a change of slug, or take all away when another name stands here now."""
        if before is None:
            Redirect.follow(self, {})
        elif before.slug != self.slug or (before.name, before.name_state) != (self.name, self.name_state):
            is_same = before.name == self.name and before.name_state == self.name_state == self.NameState.NAMED
            if is_same:
                Redirect.follow(self, paths_of(before))
            else:
                Redirect.forget(self)

    def approve_name(self, *, by, at):
        """Agree to the pseudonym, or to withholding the name, as it stands in the database now."""
        rows = type(self).objects.filter(pk=self.pk, name=self.name, name_state=self.name_state)
        with transaction.atomic():
            if rows.update(name_approved=True):
                self.name_approved = True
                StaffAction.record(user=by, action="approve name", thing=self, at=at)

    def withdraw_name(self, how, *, pseudonym="", reason="", by, at):
        """Take the name back on every surface and return the NameWithdrawal; see there what it raises."""
        from articles.models.withdrawal import NameWithdrawal

        return NameWithdrawal.carry_out(self, how, pseudonym=pseudonym, reason=reason, by=by, at=at)

    @property
    def is_name_approved(self):
        """Tell whether stories signed like this may be published: by name always, otherwise when approved."""
        return self.name_state == self.NameState.NAMED or self.name_approved

    @property
    def is_shown(self):
        """Tell whether the name may appear anywhere: failing means “no byline”, never “name shown”."""
        return self.name_state in self.SHOWN

    def every_name(self):
        """Return the public name in every language, shown or not. Reads prefetched `texts` only."""
        return [name for name in (self.name, *(text.name for text in self.texts.all())) if name]

    def name_in(self, language):
        """Return the public name in a language, or "" when it is withheld. Reads prefetched `texts` only."""
        if not self.is_shown:
            return ""
        return self._text(language, "name")

    def title_in(self, language):
        """Return the title in a language. Reads prefetched `texts` only."""
        return self._text(language, "title")

    def bio_in(self, language):
        """Return the cleaned biography in a language. Reads prefetched `texts` only."""
        return self._text(language, "bio_html")

    def _text(self, language, name):
        for text in self.texts.all():
            if text.language == language and getattr(text, name):
                return getattr(text, name)
        return getattr(self, name)


class PersonText(models.Model):
    """The name, title and biography of a person in another language."""

    person = models.ForeignKey(Person, models.CASCADE, related_name="texts")
    language = models.CharField(_("language"), max_length=12, choices=settings.LANGUAGES)
    name = models.CharField(_("public name"), max_length=120, blank=True)
    title = models.CharField(pgettext_lazy("person", "title"), max_length=120, blank=True)
    bio_html = models.TextField(_("biography"), max_length=6000, blank=True)

    class Meta:
        verbose_name = _("wording in another language")
        verbose_name_plural = _("wordings in other languages")
        constraints = [models.UniqueConstraint(fields=["person", "language"], name="persontext_language")]

    def __str__(self):
        return f"{self.name} ({self.language})"

    def save(self, *args, **kwargs):
        """Store the text cleaned, and forget every page: cards everywhere name the person."""
        self.bio_html = html.clean_body(self.bio_html)
        with transaction.atomic():
            super().save(*args, **kwargs)
            pagecache.take_back("site")


class PersonIdentity(models.Model):
    """Who somebody really is, apart from all that readers, lists and exports touch; a right of its own opens it."""

    person = models.OneToOneField(Person, models.CASCADE, primary_key=True, related_name="identity")
    real_name = models.CharField(_("real name"), max_length=160)

    class Meta:
        verbose_name = _("identity")
        verbose_name_plural = _("identities")

    def __str__(self):
        return str(_("identity"))

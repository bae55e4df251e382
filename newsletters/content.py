"""The content document of issues: subject, preheader, and blocks in order."""

from django.utils.translation import gettext_lazy as _

from desk.content import Body, Choice, Document, Id, Problem, Rows, Text
from newsletters.preflight import Doubt, dead_links
from newsroom import html

KINDS = ("text", "article", "support", "image", "links", "sponsor")
PLACES = ("both", "mail", "web")


class IssueDocument(Document):
    """What one letter says."""

    fields = {
        "subject": Text(160),
        "preheader": Text(200),
        "blocks": Rows(
            {
                "kind": Choice(KINDS, "article"),
                "article": Id(),
                "photo": Id(),
                "show": Choice(PLACES, "both"),
                "headline": Text(200),
                "text_html": Body(60_000),
            },
            max_items=60,
        ),
    }

    def title(self, content):
        """Return the subject."""
        return content["subject"]

    def read(self, thing):
        """Return the content that stands in the rows."""
        return {
            "subject": thing.subject,
            "preheader": thing.preheader,
            "blocks": [
                {
                    "kind": block.kind,
                    "article": block.article_id,
                    "photo": block.photo_id,
                    "show": block.show,
                    "headline": block.headline,
                    "text_html": block.text_html,
                }
                for block in thing.blocks.all()
            ],
        }

    def write(self, thing, content):
        """Set the columns and replace the blocks."""
        from articles.models import Article, Photo
        from newsletters.models import IssueBlock

        thing.subject, thing.preheader = content["subject"], content["preheader"]
        thing.blocks.all().delete()
        known = set(
            Article.objects.filter(pk__in=[row["article"] for row in content["blocks"]]).values_list("pk", flat=True)
        )
        photos = set(
            Photo.objects.filter(pk__in=[row["photo"] for row in content["blocks"]]).values_list("pk", flat=True)
        )
        IssueBlock.objects.bulk_create(
            IssueBlock(
                issue=thing, position=position, kind=row["kind"], headline=row["headline"], text_html=row["text_html"],
                article_id=row["article"] if row["kind"] == "article" else None, show=row["show"],
                photo_id=row["photo"] if row["photo"] in photos else None,
            )
            for position, row in enumerate(content["blocks"], start=1)
            if row["kind"] != "article" or row["article"] in known
        )  # fmt: skip

    def problems(self, thing, content):
        """Return what stands between the issue and its approval, blockers first."""
        found = [*self._blockers(content), *self._story_problems(thing, content)]
        if not content["preheader"]:
            found.append(Doubt("preheader", _("Mail programs show the preheader beside the subject.")))
        return [*found, *dead_links(content)]

    def _blockers(self, content):
        if not content["subject"]:
            yield Problem("subject", _("The letter needs a subject."))
        says = [row for row in content["blocks"] if row["show"] != "web"]
        if not any(row["kind"] == "article" or html.plain_text(row["text_html"]) for row in says):
            yield Problem("blocks", _("The letter says nothing yet."))

    def _story_problems(self, thing, content):
        from articles.models import Article

        chosen = [row["article"] for row in content["blocks"] if row["kind"] == "article"]
        if len(chosen) != len(set(chosen)):
            yield Problem("blocks", _("The same story stands in the letter twice."))
        live = set(Article.objects.published().filter(pk__in=chosen).values_list("pk", flat=True))
        if set(chosen) - live:
            yield Problem("blocks", _("A story in the letter is not published."))
        yield from self._advice_about_stories(thing, chosen)
        yield from self._picture_problems(thing, content)

    def _advice_about_stories(self, thing, chosen):
        """Mark what stood in the last letter, and what was corrected since this one was begun."""
        from articles.models import Correction
        from newsletters.models import IssueBlock

        last = thing.newsletter.last_issue(before=thing)
        if last is not None:
            used = IssueBlock.objects.filter(issue=last, article__in=chosen).values_list("article__headline", flat=True)
            for headline in used:
                yield Problem("blocks", _("“%(story)s” stood in the last letter.") % {"story": headline}, blocks=False)
        notes = Correction.objects.filter(article__in=chosen, taken_back_at__isnull=True).select_related("article")
        for note in notes:
            if note.kind == Correction.Kind.RETRACTION:
                yield Problem("blocks", _("“%(story)s” was retracted.") % {"story": note.article.headline})
            elif note.created_at >= (thing.created_at or note.created_at):
                words = _("“%(story)s” was corrected since this letter was begun: look at what it says here.")
                yield Problem("blocks", words % {"story": note.article.headline}, blocks=False)

    def _picture_problems(self, thing, content):
        from articles.models import Photo

        if any(row["kind"] == "image" and not row["photo"] for row in content["blocks"]):
            yield Problem("blocks", _("Choose the picture of each part that is one."))
        chosen = Photo.objects.filter(pk__in=[row["photo"] for row in content["blocks"] if row["photo"]])
        for photo in chosen.prefetch_related("texts"):
            if not photo.alt_in(thing.newsletter.edition.language):
                yield Doubt("blocks", _("A picture has no alternative text; most readers see that first."))

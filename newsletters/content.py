"""The content document of issues: subject, preheader, and blocks in order."""

from django.utils.translation import gettext_lazy as _

from desk.content import Body, Choice, Document, Id, Problem, Rows, Text
from newsroom import html

KINDS = ("text", "article", "support")


class IssueDocument(Document):
    """What one letter says."""

    fields = {
        "subject": Text(160),
        "preheader": Text(200),
        "blocks": Rows(
            {
                "kind": Choice(KINDS, "article"),
                "article": Id(),
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
                    "headline": block.headline,
                    "text_html": block.text_html,
                }
                for block in thing.blocks.all()
            ],
        }

    def write(self, thing, content):
        """Set the columns and replace the blocks."""
        from articles.models import Article
        from newsletters.models import IssueBlock

        thing.subject, thing.preheader = content["subject"], content["preheader"]
        thing.blocks.all().delete()
        known = set(
            Article.objects.filter(pk__in=[row["article"] for row in content["blocks"]]).values_list("pk", flat=True)
        )
        IssueBlock.objects.bulk_create(
            IssueBlock(
                issue=thing, position=position, kind=row["kind"], headline=row["headline"], text_html=row["text_html"],
                article_id=row["article"] if row["kind"] == "article" else None,
            )
            for position, row in enumerate(content["blocks"], start=1)
            if row["kind"] != "article" or row["article"] in known
        )  # fmt: skip

    def problems(self, thing, content):
        """Return what stands between the issue and its approval, blockers first."""
        found = [*self._blockers(content), *self._story_problems(thing, content)]
        if not content["preheader"]:
            found.append(Problem("preheader", _("Mail programs show the preheader beside the subject."), blocks=False))
        return found

    def _blockers(self, content):
        if not content["subject"]:
            yield Problem("subject", _("The letter needs a subject."))
        if not any(row["kind"] == "article" or html.plain_text(row["text_html"]) for row in content["blocks"]):
            yield Problem("blocks", _("The letter says nothing yet."))

    def _story_problems(self, thing, content):
        from articles.models import Article

        chosen = [row["article"] for row in content["blocks"] if row["kind"] == "article"]
        if len(chosen) != len(set(chosen)):
            yield Problem("blocks", _("The same story stands in the letter twice."))
        live = set(Article.objects.published().filter(pk__in=chosen).values_list("pk", flat=True))
        if set(chosen) - live:
            yield Problem("blocks", _("A story in the letter is not published."))

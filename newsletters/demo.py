"""The demo's letters: newsletters and past issues from files, and 200 invented readers, through the verbs.

Readers ask and confirm at invented moments of the past, some leave again, and each issue is approved by the demo's
editor and sent by the worker's own code to those who were readers at its time. Only the mail server is pretended: it
answers what it is asked and keeps nothing, so that the demo's mailbox does not open with 1,500 letters of last month.
It knows two mailboxes no more, so that bounces can be seen.
"""

import datetime
import random

import yaml
from django.db import transaction

from articles.models import Article
from newsletters import sending
from newsletters.addresses import email_key
from newsletters.channels import BadAddress
from newsletters.models import ConfirmRequest, Issue, Newsletter, Subscriber, Subscription
from newsroom import demo
from newsroom.models import Edition

READERS = 200
GONE = 2
FIRST = [
    "anna",
    "boris",
    "clara",
    "denis",
    "elena",
    "fedor",
    "greta",
    "henrik",
    "ida",
    "jonas",
    "katja",
    "lev",
    "marta",
    "nils",
    "olga",
    "petra",
    "rolf",
    "sonja",
    "tomas",
    "vera",
]
LAST = [
    "ahl",
    "berg",
    "dahl",
    "ekman",
    "falk",
    "grun",
    "holm",
    "isak",
    "jarl",
    "kron",
    "lund",
    "moe",
    "norn",
    "ost",
    "palm",
    "quist",
    "rask",
    "strand",
    "tamm",
    "vik",
]
DOMAINS = ("example.org", "example.net", "example.com", "mail.example", "post.example")
CHOICES = {
    "en": (("the-week-across",), ("the-week-across", "morning-line"), ("morning-line",)),
    "ru": (("nedelya",),),
}


class PretendedServer:
    """A mail server that accepts every letter but those to `gone`, and keeps none."""

    def __init__(self, gone):
        self.gone = gone

    def deliver(self, sender, recipient, message):
        """Answer as a server would."""
        if recipient in self.gone:
            raise BadAddress("550 5.1.1 no such mailbox (pretended by the demo)")
        return "250 2.0.0 accepted (pretended by the demo)"

    def close(self):
        """Nothing to close."""


def load(folder, progress):
    """Bring in the newsletters that are not there yet, with their readers and past issues: all of it or nothing."""
    files = [read(file) for file in sorted((folder / "newsletters").glob("*.md"))]
    if Newsletter.objects.exists() or not files:
        return
    with transaction.atomic():
        newsletters = {header["slug"]: make_newsletter(header, place) for place, (header, _issues) in enumerate(files)}
        events = []
        for header, issues in files:
            newsletter = newsletters[header["slug"]]
            events += [(demo.moment(issue["date"], newsletter.edition), send, (newsletter, issue)) for issue in issues]
        first = min(at for at, _act, _what in events)
        last = max(at for at, _act, _what in events)
        events += readers_events(newsletters, first=first - datetime.timedelta(days=40), last=last)
        progress.reset(total=len(events) + len(newsletters))
        for at, act, what in sorted(events, key=lambda event: event[0]):
            act(*what, at=at)
            progress.update()
        for newsletter in newsletters.values():
            begin_next(newsletter, at=last)
            progress.update()


def read(file):
    """Return (header, [issue, …]) of a file; an issue is its own header with the words of welcome under "intro"."""
    header, body = demo.read(file)
    issues = []
    for part in body.split("=== issue\n")[1:]:
        about, _line, intro = part.partition("\n---\n")
        issues.append({**yaml.safe_load(about), "intro": intro.strip()})
    return header, issues


def make_newsletter(header, place):
    """Make a newsletter as its header describes it."""
    return Newsletter.objects.create(
        edition=Edition.objects.get(code=header["edition"]), slug=header["slug"], name=header["name"],
        promise=header["promise"], rhythm=header["rhythm_text"], sender_name=header["sender_name"],
        sender_address=header["sender_email"], reply_to=header["reply_to"],
        position=0 if header["rhythm"] == "weekly" else place + 1,
        list_id=f"{header['slug']}.{header['sender_email'].rpartition('@')[2]}",
    )  # fmt: skip


# Readers


def addresses():
    """Return the invented addresses, the same each time."""
    dice = random.Random(2026)  # noqa: S311 - the demo is to look the same on every machine
    names = [f"{first}.{last}" for first in FIRST for last in LAST]
    return [f"{name}@{dice.choice(DOMAINS)}" for name in dice.sample(names, READERS)]


def readers_events(newsletters, *, first, last):
    """Return (time, function, arguments) for each reader who asks and confirms, and for those who leave again."""
    dice, events = random.Random(7), []  # noqa: S311 - the demo is to look the same on every machine
    span = (last - first).total_seconds()
    for number, address in enumerate(addresses()):
        choices = CHOICES["ru" if number % 4 == 3 else "en"]
        slugs = [slug for slug in choices[number // 4 % len(choices)] if slug in newsletters]
        wanted = [newsletters[slug] for slug in slugs]
        at = first + datetime.timedelta(seconds=int(span * dice.random() ** 1.5))
        events.append((at, come, (address, wanted)))
        if number % 20 == 11:
            after = at + (last - at) * dice.random()
            events.append((after, go, (address, dice.choice([Subscription.How.ONE_CLICK, Subscription.How.PAGE]))))
    return events


def come(address, newsletters, *, at):
    """Ask, get the mail, open its link, press its button."""
    language = newsletters[0].edition.language
    Subscriber.ask(address, newsletters, language=language, source="box", at=at, mail=False)
    request = ConfirmRequest.objects.open(at).get(subscriber__email_key=email_key(address))
    request.renew_token()
    request.mark_mailed(at=at)
    request.confirm(at=at + datetime.timedelta(minutes=4))


def go(address, how, *, at):
    """Leave."""
    for subscription in Subscription.objects.filter(subscriber__email_key=email_key(address)):
        subscription.leave(how, at=at)


# Letters


def send(newsletter, issue, *, at):
    """Write, approve, schedule and send one past issue at its time."""
    editor, before = demo.user("letters"), at - datetime.timedelta(minutes=30)
    newsletter.first_number = issue["number"]
    newsletter.save(update_fields=["first_number"])
    letter = Issue.begin(content_of(newsletter, issue), by=editor, at=before, newsletter=newsletter)
    letter.approve(version=letter.read_draft().version, by=editor, at=before)
    letter.schedule(when=at, by=editor, at=before)
    gone = set(addresses()[:GONE])
    postman = sending.Postman(PretendedServer(gone), clock=lambda: at)
    sending.logger.disabled = True  # the progress bar stands alone
    try:
        while sending.run(postman, at=at, limit=200):
            pass
    finally:
        sending.logger.disabled = False


def content_of(newsletter, issue):
    """Return the content document of an issue; stories that the demo does not have are left out."""
    known = Article.objects.filter(edition=newsletter.edition, slug__in=issue["stories"])
    by_slug = dict(known.values_list("slug", "pk"))
    stories = [row("article", article=by_slug[slug]) for slug in issue["stories"] if slug in by_slug]
    parts = [row("text", words=issue["intro"]), *stories, row("support"), row("text", words=issue.get("closing", ""))]
    blocks = [part for part in parts if part["kind"] != "text" or part["text_html"]]
    return {"subject": issue["subject"], "preheader": issue["preheader"], "blocks": blocks}


def row(kind, *, article=None, words=""):
    """Return one part of a content document."""
    return {
        "kind": kind,
        "article": article,
        "headline": "",
        "text_html": demo.paragraphs(words) if words.strip() else "",
    }


def begin_next(newsletter, *, at):
    """Leave the draft of the next issue on the editor's table, with the newest stories in it."""
    stories = list(Article.objects.published().filter(edition=newsletter.edition).newest_first()[:4])
    subject = stories[0].headline[:160] if stories else ""
    content = {"subject": subject, "blocks": [row("article", article=story.pk) for story in stories]}
    Issue.begin(content, by=demo.user("letters"), at=at, newsletter=newsletter)

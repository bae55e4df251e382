"""Every mail of the demo under strangers' eyes: RFC 5322, SpamAssassin with local rules, a small screen, axe.

    python -m bench.audit_letters [folder for the screenshots]     NEWSROOM_DATA=… uses a demo that is there

Each letter in each of its forms, and the mails that ask a reader something; needs apt-get install spamassassin.
"""

import email
import email.policy
import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
LIMIT, MOST_SPAM, LONGEST = 102_000, 2.0, 998
FOR_ALL = ("From", "To", "Date", "Subject", "Message-ID", "MIME-Version")
FOR_LETTERS = ("List-Id", "List-Unsubscribe", "List-Unsubscribe-Post")
SCORE = re.compile(r"^X-Spam-Status: \w+, score=(-?[\d.]+).*?tests=([A-Z0-9_,\s]*)", re.MULTILINE | re.DOTALL)


def complaints(name, raw, *, is_letter):
    """Yield what is wrong with the bytes of a mail."""
    parsed = email.message_from_bytes(raw, policy=email.policy.default)
    parts = list(parsed.walk())
    yield from (f"{name}: {defect!r}" for part in parts for defect in part.defects)
    for header in FOR_ALL + (FOR_LETTERS if is_letter else ()):
        if len(parsed.get_all(header, [])) != 1:
            yield f"{name}: {header} stands there {len(parsed.get_all(header, []))} times"
    kinds = [part.get_content_type() for part in parts if not part.is_multipart()]
    wanted = ["text/plain"] if " text" in name else ["text/plain", "text/html"]
    if kinds != wanted:
        yield f"{name}: parts {kinds}"
    longest = max(len(line) for line in raw.split(b"\r\n"))
    if longest > LONGEST:
        yield f"{name}: a line of {longest} bytes"
    if len(raw) > LIMIT:
        yield f"{name}: {len(raw)} bytes"


def spam_score(raw, program):
    """Return (score, the rules that were met)."""
    done = subprocess.run(
        [program, "-L", "-t", "-p", "/dev/null"], input=raw.replace(b"\r\n", b"\n"), capture_output=True, check=True
    )
    found = SCORE.search(done.stdout.decode("utf-8", "replace"))
    return float(found.group(1)), " ".join(found.group(2).split()).replace(", ", ",").strip()


def prepare():
    """Return the folder of a site with the demo, made when NEWSROOM_DATA names none."""
    if os.environ.get("NEWSROOM_DATA"):
        return ""
    folder = tempfile.mkdtemp(prefix="newsroom-audit-")
    os.environ["NEWSROOM_DATA"] = folder
    for command in (["migrate", "-v0"], ["migrate", "newsroom", "-v0", "--database", "keys"], ["loaddemo", "-v0"]):
        subprocess.run([sys.executable, "manage.py", *command], cwd=ROOT, check=True)
    return folder


def mails():
    """Yield (name, bytes, whether it is a letter) for all that the demo sends to readers."""
    from django.utils import timezone

    from newsletters import letter, mail
    from newsletters.models import Issue, Newsletter, Variant

    now = timezone.now()
    for newsletter in Newsletter.objects.select_related("edition"):
        newsletter.discreet_name, newsletter.discreet_subject = "Anna", "As promised"
        newsletter.discreet_list_id = "notes.example.net"
        edition = newsletter.edition
        yield (
            f"{newsletter.slug} confirmation",
            _bytes(mail.confirmation("vera@example.org", [newsletter], token="t" * 43)),
            False,
        )
        for note in (mail.settings_link, mail.address_change):
            made = note("vera@example.org", edition=edition, token="t" * 43)
            yield f"{newsletter.slug} {note.__name__}", _bytes(made), False
        for issue in Issue.objects.filter(newsletter=newsletter):
            issue.newsletter = newsletter
            content = issue.document.read(issue) if issue.approved_at else issue.read_draft().content
            content["preheader"] = content["preheader"] or "In a few words"
            for variant in Variant:
                for part, frozen in enumerate(letter.freeze_variant(issue, content, variant, at=now), start=1):
                    whole = letter.sample(issue, content, address="vera@example.org", at=now, frozen=frozen)
                    yield f"{newsletter.slug} {issue.number or 'next'} {variant} {part}", whole, True


def _bytes(message):
    return message.message().as_bytes(linesep="\r\n")


def look(pages, folder):
    """Yield what axe says of the HTML parts at 320 px, light and dark; pictures of them go into `folder`.

    Nothing is loaded: this is how a mail program with images off shows them.
    """
    from axe_playwright_python.sync_playwright import Axe
    from playwright.sync_api import sync_playwright

    from tests.services import chromium_program

    with sync_playwright() as tools:
        browser = tools.chromium.launch(executable_path=chromium_program(), args=["--no-sandbox"])
        for scheme in ("light", "dark"):
            page = browser.new_context(viewport={"width": 320, "height": 700}, color_scheme=scheme).new_page()
            page.route("**/*", lambda route: route.abort())
            for name, html in pages:
                page.set_content(html)
                page.screenshot(path=folder / f"{name.replace(' ', '-')}-{scheme}.png", full_page=True)
                width = page.evaluate("document.documentElement.scrollWidth")
                if width > 320:
                    yield f"{name}, {scheme}: {width} px wide"
                found = Axe().run(page, options={"runOnly": ["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa"]})
                for violation in found.response["violations"]:
                    yield f"{name}, {scheme}: {violation['id']} {violation['nodes'][0]['html'][:120]}"
        browser.close()


def main(folder):
    """Print the figures and return 0 when nobody complains."""
    program, wrong, scores, sizes, pages, count = shutil.which("spamassassin"), [], [], [], [], 0
    for name, raw, is_letter in mails():
        count += 1
        wrong += complaints(name, raw, is_letter=is_letter)
        sizes.append((len(raw), name))
        newest = not is_letter or " next " in name or name.endswith(("standard 1", "full 1"))
        if program and newest:
            score, rules = spam_score(raw, program)
            scores.append((score, name, rules))
            wrong += [f"{name}: SpamAssassin {score} ({rules})"] * (score >= MOST_SPAM)
        html = email.message_from_bytes(raw, policy=email.policy.default).get_body(preferencelist=("html",))
        if html is not None and (not is_letter or " next " in name):
            pages.append((name, html.get_content()))
    print(f"{count} mails; the largest {max(sizes)[0] / 1000:.1f} KB ({max(sizes)[1]})")
    if scores:
        print(f"SpamAssassin, local rules: {len(scores)} mails, the worst {max(scores)}")
    else:
        print("SpamAssassin is missing: apt-get install spamassassin")
    folder.mkdir(parents=True, exist_ok=True)
    wrong += look(pages, folder)
    print(f"{len(pages)} seen at 320 px without pictures, light and dark: {folder}")
    print("\n".join(dict.fromkeys(wrong)) or "Nobody complains.")
    return 1 if wrong else 0


if __name__ == "__main__":
    os.environ.setdefault("NEWSROOM_MODE", "demo")
    made = prepare()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "newsroom.settings")
    import django

    django.setup()
    try:
        sys.exit(main(Path(sys.argv[1] if len(sys.argv) > 1 else tempfile.mkdtemp(prefix="letters-seen-"))))
    finally:
        if made:
            shutil.rmtree(made, ignore_errors=True)

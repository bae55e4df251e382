"""Letters in the admin: what each button does, who may press it, and that nothing typed is lost."""

import re

import pytest
from django.core import mail
from django.utils import timezone

from newsletters.models import Issue
from newsroom import worker
from tests.make import make_article, make_user
from tests.newsletters.make import (
    approve,
    later,
    make_approved,
    make_due,
    make_issue,
    make_newsletter,
    make_readers,
    pump,
    read,
    story_block,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def editor(client):
    user = make_user("Newsletter editor", email="letters@lantern.example")
    client.force_login(user)
    return user


def address(issue):
    return f"/admin/newsletters/issue/{issue.pk}/change/"


def fields(issue, *rows, move="save", **more):
    """Return what the form posts; `rows` are dicts of the parts."""
    draft = issue.read_draft()
    data = {"version": draft.version, "subject": draft.content["subject"], "preheader": draft.content["preheader"]}
    rows = rows or [
        {
            "kind": row["kind"],
            "article": row["article"] or "",
            "headline": row["headline"],
            "text_html": row["text_html"],
        }
        for row in draft.content["blocks"]
    ]
    data["blocks-rows"] = len(rows)
    for number, row in enumerate(rows):
        place = row.pop("place", number + 1)
        data |= {f"blocks-{number}-{name}": value for name, value in row.items()} | {f"blocks-{number}-place": place}
    return {**data, "_move": move, **more}


def test_new_letter_is_written_with_a_story_and_without_script(client, editor):
    newsletter, story = make_newsletter(), make_article(published=True, headline="Ferry stays in port")
    page = client.get("/admin/newsletters/issue/add/")
    assert "Ferry stays in port" in page.content.decode()
    data = {
        "new-newsletter": newsletter.pk, "version": 0, "subject": "First", "preheader": "", "blocks-rows": 2,
        "blocks-0-kind": "text", "blocks-0-text_html": "<p>Hello</p>", "blocks-0-place": "2",
        "blocks-1-kind": "article", "blocks-1-article": story.pk, "blocks-1-place": "1", "_move": "save",
    }  # fmt: skip
    answer = client.post("/admin/newsletters/issue/add/", data)
    assert answer.status_code == 302
    blocks = Issue.objects.get().read_draft().content["blocks"]
    assert [(block["kind"], block["article"]) for block in blocks] == [("article", story.pk), ("text", None)]


def test_parts_are_removed_and_moved_without_script(client, editor):
    issue = make_issue()
    rows = [
        {"kind": "text", "text_html": f"<p>{word}</p>", "place": place}
        for word, place in (("b", 2), ("c", 3), ("a", 1))
    ]
    client.post(address(issue), fields(issue, *rows, **{"blocks-1-remove": "on"}))
    assert [block["text_html"] for block in issue.read_draft().content["blocks"]] == ["<p>a</p>", "<p>b</p>"]


def test_text_is_cleaned_on_its_way_in(client, editor):
    issue = make_issue()
    bad = '<p onclick="x()">Hi <script>alert(1)</script><img src="https://tracker.example/p.gif"></p>'
    client.post(address(issue), fields(issue, {"kind": "text", "text_html": bad}))
    assert issue.read_draft().content["blocks"][0]["text_html"] == "<p>Hi</p>"


@pytest.mark.parametrize(
    ("data", "words"),
    [
        ({"subject": "x" * 161}, "at most 160 characters"),
        ({"subject": "a\x00b"}, "cannot be shown"),
        ({"preheader": "\ud800".encode("utf-8", "surrogatepass").decode("latin-1")}, ""),
        ({"blocks-0-kind": "pony"}, "Select a valid choice"),
        ({"blocks-0-kind": "article", "blocks-0-article": "abc"}, "Select a valid choice"),
        ({"blocks-0-kind": "article", "blocks-0-article": str(2**70)}, "Select a valid choice"),
        ({"blocks-rows": "-1"}, "did not arrive"),
        ({"blocks-0-headline": "y" * 300}, "at most 200 characters"),
    ],
)
def test_bad_input_is_refused_at_its_field_and_kept(client, editor, data, words):
    issue = make_issue()
    answer = client.post(address(issue), fields(issue, **{"subject": "A new subject", **data}))
    if not words:
        assert answer.status_code in {302, 422}
        return
    assert answer.status_code == 422
    assert words in answer.content.decode()
    assert issue.read_draft().content["subject"] == "The week of the flood"
    if "subject" not in data:
        assert "A new subject" in answer.content.decode()


def test_editor_approves_schedules_and_the_worker_sends(client, editor):
    newsletter, now = make_newsletter(), timezone.now()
    make_readers(2, newsletter)
    issue = make_issue(newsletter)
    client.post(address(issue), fields(issue, move="approve"))
    issue.refresh_from_db()
    assert (issue.state, issue.approved_by) == ("approved", editor)
    when = timezone.localtime(later(now, hours=3), newsletter.edition.zone)
    client.post(address(issue), fields(issue, move="schedule", **{"move-when": when.strftime("%Y-%m-%dT%H:%M")}))
    issue.refresh_from_db()
    assert issue.state == "scheduled"
    assert abs((issue.due_at - when).total_seconds()) < 60
    pump(at=later(now, hours=4))
    issue.refresh_from_db()
    assert issue.state == "sent"


def test_send_now_wants_a_tick(client, editor):
    issue = make_approved()
    answer = client.post(address(issue), fields(issue, move="send_now"))
    assert answer.status_code == 422
    assert "cannot be called back" in answer.content.decode()
    client.post(address(issue), fields(issue, move="send_now", **{"move-sure": "on"}))
    issue.refresh_from_db()
    assert issue.state == "scheduled"


def test_editor_overrules_a_doubt_and_must_say_why(client, editor):
    issue = make_issue(preheader="")
    answer = client.post(address(issue), fields(issue, move="approve"))
    assert answer.status_code == 422
    answer = client.post(address(issue), fields(issue, move="approve_in_spite"))
    assert answer.status_code == 422
    assert "Write down why" in answer.content.decode()
    client.post(address(issue), fields(issue, move="approve_in_spite", **{"move-note": "Urgent"}))
    issue.refresh_from_db()
    assert (issue.state, issue.approved_by) == ("approved", editor)


def test_past_time_is_refused(client, editor):
    issue = make_approved()
    answer = client.post(address(issue), fields(issue, move="schedule", **{"move-when": "2020-01-01T08:00"}))
    assert answer.status_code == 422
    assert "in the future" in answer.content.decode()


def test_saving_the_same_keeps_the_approval_and_a_change_takes_it_back(client, editor):
    issue = make_approved()
    client.post(address(issue), fields(issue, move="schedule", **{"move-when": "2030-01-01T08:00"}))
    issue.refresh_from_db()
    assert issue.state == "scheduled"
    client.post(address(issue), fields(issue, subject="Changed"))
    issue.refresh_from_db()
    assert issue.state == "draft"


def test_what_is_missing_stands_in_the_checklist(client, editor):
    issue = make_issue(subject="")
    answer = client.post(address(issue), fields(issue, move="approve"))
    assert answer.status_code == 422
    assert "needs a subject" in answer.content.decode()


def test_stale_tab_gets_both_texts(client, editor):
    issue = make_issue()
    old = fields(issue, subject="Mine")
    draft = issue.read_draft()
    issue.save_draft({**draft.content, "subject": "Theirs"}, version=draft.version, by=None, at=timezone.now())
    answer = client.post(address(issue), old)
    assert answer.status_code == 409
    assert "Mine" in answer.content.decode()
    assert "Theirs" in answer.content.decode()
    assert issue.read_draft().content["subject"] == "Theirs"


def test_test_mail_goes_to_the_person_alone(client, editor):
    newsletter = make_newsletter()
    make_readers(2, newsletter)
    issue = make_issue(newsletter)
    client.post(address(issue), fields(issue, move="send_test"))
    worker.drain()
    assert [letter.to for letter in mail.outbox] == [["letters@lantern.example"]]
    assert not issue.deliveries.exists()


def test_preview_shows_the_frozen_bytes_and_their_weight(client, editor):
    issue = make_approved()
    page = client.get(f"/admin/newsletters/issue/{issue.pk}/preview/")
    assert "Dear readers, it rained." in page.content.decode()
    frame = client.get(f"/admin/newsletters/issue/{issue.pk}/preview/html")
    assert "Dear readers, it rained." in frame.content.decode()
    assert "sandbox" in frame["Content-Security-Policy"]


def test_watch_page_shows_totals_that_add_up_and_pauses(client, editor):
    newsletter = make_newsletter()
    make_readers(5, newsletter)
    issue = make_due(newsletter)
    pump(rounds=1, limit=2)
    page = client.get(address(issue)).content.decode()
    counts = [int(count) for count in re.findall(r"<td>(\d+)</td>", page)]
    assert sum(counts) == 5
    assert "<strong>5</strong>" in page
    client.post(address(issue), {"_move": "pause"})
    issue.refresh_from_db()
    assert issue.state == "paused"
    client.post(address(issue), {"_move": "resume"})
    pump()
    issue.refresh_from_db()
    assert issue.state == "sent"
    assert client.post(address(issue), {"_move": "cancel"}).status_code == 403


def test_watch_page_takes_no_content(client, editor):
    issue = make_due()
    issue.start(at=timezone.now())
    client.post(address(issue), fields(issue, subject="Too late"))
    assert issue.read_draft().content["subject"] == "The week of the flood"


@pytest.mark.parametrize("role", ["Reporter", "Photo editor", "Fundraiser"])
def test_other_roles_do_not_see_letters(client, role):
    client.force_login(make_user(role))
    issue = make_issue()
    for path in (
        "/admin/newsletters/issue/", address(issue), f"/admin/newsletters/issue/{issue.pk}/preview/",
        f"/admin/newsletters/issue/{issue.pk}/preview/html", "/admin/newsletters/subscriber/",
        "/admin/newsletters/suppression/",
    ):  # fmt: skip
        assert client.get(path).status_code == 403, path
    assert client.post("/admin/newsletters/subscriber/find/", {"email": "vera@example.org"}).status_code == 403


def test_editor_of_stories_reads_letters_and_changes_none(client):
    client.force_login(make_user("Editor"))
    issue = make_issue()
    assert client.get(address(issue)).status_code == 200
    assert client.post(address(issue), fields(issue, subject="Mine")).status_code == 403


def test_letter_editor_without_the_right_to_send_gets_no_such_button(client):
    user = make_user()
    from django.contrib.auth.models import Permission

    user.user_permissions.set(Permission.objects.filter(codename__in=["view_issue", "change_issue"]))
    client.force_login(user)
    issue = make_issue()
    assert 'value="approve"' not in client.get(address(issue)).content.decode()
    assert client.post(address(issue), fields(issue, move="approve")).status_code == 403


def test_strangers_are_sent_to_the_log_in(client):
    assert client.get("/admin/newsletters/issue/").status_code == 302


def test_list_asks_the_same_number_of_questions_for_many_letters(client, editor, django_assert_max_num_queries):
    newsletter = make_newsletter()
    for _number in range(12):
        make_issue(newsletter)
    with django_assert_max_num_queries(14):
        assert client.get("/admin/newsletters/issue/").status_code == 200


def test_form_asks_few_questions_for_many_stories(client, editor, django_assert_max_num_queries):
    stories = [make_article(published=True, headline=f"Story {number}") for number in range(12)]
    issue = make_issue(blocks=[story_block(story) for story in stories])
    with django_assert_max_num_queries(24):
        assert client.get(address(issue)).status_code == 200


def test_dashboard_shows_what_waits(client, editor):
    make_issue(subject="Not yet approved")
    approve(make_issue(subject="Ready to go"))
    page = client.get("/admin/").content.decode()
    assert "Not yet approved" in page
    assert "Ready to go" in page


def test_history_and_an_old_version_open(client, editor):
    issue = make_approved()
    assert client.get(f"/admin/newsletters/issue/{issue.pk}/history/").status_code == 200
    assert client.get(f"/admin/newsletters/issue/{issue.pk}/history/1/").status_code == 200


def test_newsletter_keeps_its_address_once_letters_are_out(client, editor):
    newsletter = make_newsletter()
    page = f"/admin/newsletters/newsletter/{newsletter.pk}/change/"
    assert 'name="list_id"' in client.get(page).content.decode()
    make_due(newsletter).start(at=timezone.now())
    assert 'name="list_id"' not in client.get(page).content.decode()
    assert client.get("/admin/newsletters/newsletter/").status_code == 200


def test_sample_of_a_preview_parses():
    from newsletters import letter

    issue = make_issue()
    message = letter.sample(issue, issue.read_draft().content, address="a@example.org", at=timezone.now())
    assert read(message)["To"] == "a@example.org"

"""The bank transfer: a code for the reader, the bank's own list for us, and no line booked twice or guessed."""

import datetime

import pytest
from django.core.management import call_command
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from donations import checks, jobs, providers
from donations.models import (
    BankFile,
    BankLine,
    BankPromise,
    BankRefund,
    DonorIdentity,
    Gift,
    Guard,
    Journal,
    JournalLine,
    Message,
    Plan,
    Receipt,
    ReconRun,
    give_back,
)
from donations.money import Money
from donations.providers.bank import codes
from donations.providers.bank.statements import Unreadable, read_statement
from newsroom.models import StaffAction
from tests.donations.bank_world import IBAN, bring, camt_entry, camt_list, csv_list, later, switch_on
from tests.donations.making import back_path, make_gift
from tests.make import make_user

FILES = "/admin/donations/bankfile/"
LINES = "/admin/donations/bankline/"


@pytest.fixture
def bank(edition, settings):
    """An edition whose readers transfer."""
    switch_on(settings)
    return providers.by_name("bank")


@pytest.fixture
def bookkeeper(client, db):
    """Somebody who brings the lists."""
    client.force_login(make_user("Administrator"))
    return client


def read(text, **head):
    return read_statement(csv_list(*text, **head) if isinstance(text, list) else text).entries


# Codes


@pytest.mark.once
@given(st.text("0123456789", min_size=12, max_size=12), st.integers(0, 13), st.integers(1, 9))
def test_a_code_with_one_wrong_digit_is_no_code(body, place, step):
    code = f"RF{codes.check_digits(body)}{body}"
    assert codes.is_code(code)
    wrong = [*code[2:]]
    wrong[place] = str((int(wrong[place]) + step) % 10)
    assert not codes.is_code("RF" + "".join(wrong))


@pytest.mark.once
@pytest.mark.parametrize(
    "words", ["{}", "Gift {} thanks", "{grouped}", "rf{small}", "{dashes}", "(RF) {bare}", "{full}", "re {bare} x"]
)
def test_a_code_is_found_however_it_is_written(words):
    code = codes.new_code()
    wide = code.translate({ord("0") + number: chr(0xFF10 + number) for number in range(10)})
    text = words.format(
        code, grouped=codes.grouped(code), small=code[2:], bare=code[2:], dashes="-".join(code), full=wide
    )
    assert codes.possible_codes(text) == {code} or code in codes.possible_codes(text)


@pytest.mark.once
@pytest.mark.parametrize("iban", ["", "GB33BUKB20201555555556", "GB33", "gb33BUKB20201555555555", "XX" * 40])
def test_a_number_that_is_no_iban_is_refused_at_the_start(iban, settings):
    switch_on(settings)
    assert checks.bank_is_whole(None) == []
    settings.BANK_IBAN, settings.BANK_HOLDER = iban, ""
    assert [error.id for error in checks.bank_is_whole(None)] == ["donations.E005", "donations.E006"]


# What is read


@pytest.mark.once
@pytest.mark.parametrize(
    ("amount", "minor"),
    [
        ("5.00", 500), ("5,00", 500), ("1.234,56", 123456), ("1,234.56", 123456), ("+7.5", 750), ("1 234,50", 123450),
        ("-3.20", -320), ("3,20-", -320), ("(3.20)", -320), ("5.00 EUR", 500), ("12", 1200), ("1'000.00", 100000),
    ],
)  # fmt: skip
def test_every_way_of_writing_an_amount_is_read_to_the_cent(settings, amount, minor):
    switch_on(settings)
    assert [entry.minor for entry in read([("2026-11-02", amount, "x")])] == [minor]


@pytest.mark.once
def test_five_point_zero_zero_zero_is_five_in_xml_and_a_question_in_csv(settings):
    switch_on(settings)
    assert read_statement(camt_list(("2026-11-02", "5.000", "x"))).entries[0].minor == 500
    with pytest.raises(Unreadable, match="five thousand"):
        read([("2026-11-02", "5.000", "x")])
    lines = [("2026-11-02", "5.000", "x"), ("2026-11-02", "7,50", "x")]
    assert [entry.minor for entry in read(lines)] == [500000, 750]


@pytest.mark.once
@pytest.mark.parametrize(
    ("head", "row"),
    [
        ("Buchungstag;Valuta;Betrag (EUR);Verwendungszweck", "03.11.2026;04.11.2026;-12,50;Miete"),
        ("Date,Description,Debit,Credit", "03/11/2026,Rent,12.50,"),
        ("Дата операции;Сумма;Валюта;Назначение платежа", "03.11.2026;-12,50;EUR;Аренда"),
        ("Account 1\n\nBooking date\tAmount\tCurrency\tReference", "2026-11-03\t-12.50\tEUR\tRent"),
    ],
)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_the_columns_of_many_banks_are_known_by_their_names(settings, head, row, encoding):
    switch_on(settings)
    entry = read_statement(f"{head}\n{row}\n".encode(encoding)).entries[0]
    assert (entry.day, entry.minor) == (datetime.date(2026, 11, 3), -1250)
    assert entry.text in {"Miete", "Rent", "Аренда"}


@pytest.mark.once
def test_days_with_the_month_first_are_known_by_the_list_as_a_whole(settings):
    switch_on(settings)
    assert [entry.day.month for entry in read([("11/03/2026", "1.00", "x"), ("11/23/2026", "1.00", "x")])] == [11, 11]
    assert [entry.day.month for entry in read([("11/03/2026", "1.00", "x")])] == [3]


BROKEN = [
    b"", b"   ", b"\x00" * 50, b"\xff\xfe", b"<", b"<a/>", b"<?xml version='1.0'?><Document><Stmt/></Document>",
    b"<!DOCTYPE x [<!ENTITY a 'b'>]><Document>&a;</Document>", b"<?xml version='1.0' encoding='nonsense'?><a/>",
    camt_list(("2026-11-02", "1.00", "x"), iban="DE02120300000000202051"), camt_list(("never", "1.00", "x")),
    camt_list(("2026-11-02", "1,00", "x")), camt_list(("2026-11-02", "1.001", "x")),
    camt_list(("2026-11-02", "1e3", "x")), camt_list(("2026-11-02", "9" * 15, "x")),
    camt_list(("2026-11-02", "1.00", "x")).replace(b"EUR", b"USD"), camt_list(("1026-11-02", "1.00", "x")),
    camt_list(("2026-11-02", "1.00", "x")).replace(b"CRDT", b"MAYBE"), b"a;b;c\n1;2;3", b"Date;Amount\n2026-11-02;5.00",
    csv_list(), csv_list(("2026-13-02", "1.00", "x")), csv_list(("2026-11-02", "one", "x")),
    csv_list(("2026-11-02", "1.00", "x"), ("2026-11-02", "1,00", "x")), csv_list(("2026-11-02", "1.005", "x")),
    csv_list(("2026-11-02", "1.00", "x")).replace(b"EUR", b"USD"), b'"' * 5000, b"Date;Amount;Reference\n\"2026",
    b"Date;Amount;Reference\n2026-11-02;" + b"9" * 200 + b";x", "Дата;Сумма".encode("cp1251"),
    b"x" * (5 * 1024 * 1024 + 1),
    b"Date;Amount;Reference\n" + b"2026-11-02;1.00;x\n" * 20_001,
]  # fmt: skip


@pytest.mark.once
@pytest.mark.parametrize("data", BROKEN, ids=range(len(BROKEN)))
def test_a_file_that_cannot_be_read_says_why_and_is_no_error_of_ours(settings, data):
    switch_on(settings)
    with pytest.raises(Unreadable) as error:
        read_statement(data)
    assert str(error.value)


@pytest.mark.once
@given(st.binary(max_size=300))
def test_no_bytes_break_the_reader(data):
    from django.test import override_settings

    with override_settings(BANK_IBAN=IBAN, BANK_CURRENCY="EUR"):
        for whole in (data, b"Date;Amount;Reference\n" + data, b"<Document>" + data):
            try:
                read_statement(whole)
            except Unreadable:
                pass


@pytest.mark.once
def test_a_batch_is_read_payment_by_payment_a_reversal_turns_round_and_what_is_pending_is_not_read(settings):
    switch_on(settings)
    one = "<TxDtls><Amt Ccy='EUR'>{}</Amt><RmtInf><Ustrd>{}</Ustrd></RmtInf></TxDtls>"
    batch = camt_entry("2026-11-02", "9.00", "").partition("<NtryDtls>")[0]
    batch += f"<NtryDtls>{one.format('4.00', 'a')}{one.format('5.00', 'b')}</NtryDtls></Ntry>"
    entries = (
        batch, camt_entry("2026-11-02", "7.00", "back", more="<RvslInd>true</RvslInd>"),
        camt_entry("2026-11-02", "8.00", "pending", status="PDNG"),
        camt_entry("2026-11-02", "2.00", "old", status="BOOK"),
    )  # fmt: skip
    read = read_statement(camt_list(entries="".join(entries))).entries
    assert [(entry.minor, entry.text) for entry in read] == [(400, "a"), (500, "b"), (-700, "back"), (200, "old")]


# Whose money it is


def test_a_transfer_with_its_code_is_booked_receipted_and_in_our_own_account(bank, edition):
    gift = make_gift(minor=1250, email="reader@example.org")
    bring(csv_list((later(0), "12.50", f"Gift {codes.grouped(gift.provider_ref)}")))
    gift.refresh_from_db()
    assert (gift.state, Receipt.objects.count()) == ("paid", 1)
    assert Message.objects.get().kind == "receipt"
    sums = dict.fromkeys(("provider_clearing", "bank", "income_once"), 0)
    for line in JournalLine.objects.all():
        sums[line.account] += line.amount_minor
    assert sums == {"provider_clearing": 0, "bank": 1250, "income_once": -1250}
    assert ReconRun.compare(bank, at=timezone.now() + datetime.timedelta(days=1)).state == "green"


def test_the_same_lines_in_every_form_and_order_are_booked_once(bank, edition):
    first, second = make_gift(minor=500), make_gift(minor=700)
    lines = [(later(-1), "5.00", first.provider_ref), (later(-1), "7.00", second.provider_ref)]
    bring(csv_list(*lines))
    for again in (csv_list(*lines), camt_list(*lines), csv_list(*reversed(lines)), camt_list(lines[0])):
        file = bring(again)
        assert (file.matched, file.waiting) == (0, 0)
    bring(csv_list((later(-1), "5.00", f"for you: {codes.grouped(first.provider_ref).lower()}")))
    assert Journal.objects.filter(kind="charge").count() == 2


def test_equal_lines_of_one_day_are_two_and_stay_two(bank, edition):
    line = (later(0), "5.00", "no code")
    assert bring(csv_list(line)).waiting == 1
    assert (bring(csv_list(line, line)).waiting, bring(csv_list(line, line)).known) == (1, 2)
    assert BankLine.objects.count() == 2


def test_a_second_transfer_for_a_single_gift_waits_for_a_person(bank, edition):
    gift = make_gift(minor=500)
    bring(csv_list((later(-3), "5.00", gift.provider_ref), (later(-1), "5.00", gift.provider_ref)))
    gift.refresh_from_db()
    assert gift.needs_review == "Charged more often than promised."
    assert JournalLine.objects.filter(account="suspense").count() == 1


@pytest.mark.parametrize("text", ["", "a present", "RF00000000000000", "two: {} {}"])
def test_money_without_exactly_one_code_waits_and_is_in_no_book(bank, edition, text):
    gifts = [make_gift(minor=500), make_gift(minor=500)]
    assert bring(csv_list((later(0), "5.00", text.format(*(gift.provider_ref for gift in gifts))))).waiting == 1
    assert not Journal.objects.exists()


def test_what_we_pay_for_other_things_is_not_kept(bank, edition):
    gift = make_gift(minor=500)
    file = bring(csv_list((later(0), "-900.00", "Rent, Mr Landlord"), (later(0), "-5.00", gift.provider_ref)))
    assert (file.passed_over, BankLine.objects.count()) == (2, 0)


def test_no_name_no_account_and_no_words_stay(bank, edition):
    gift = make_gift(minor=500)
    file = bring(
        camt_list((later(0), "5.00", f"{gift.provider_ref} from Jane Writer"), (later(0), "9.00", "Jane Writer"))
    )
    kept = str(list(BankLine.objects.filter(state="gift").values())) + str(list(BankFile.objects.values()))
    assert "Jane" not in kept
    assert "DE02" not in kept
    assert file.lines == []
    line = BankLine.objects.waiting().get()
    assert line.text == "Jane Writer"
    line.dismiss(by=None, reason="a ticket", at=timezone.now())
    assert "Jane" not in str(list(BankLine.objects.values()))


def test_a_person_says_whose_it_is_once_and_why(bank, edition):
    gift, by = make_gift(minor=500), make_user("Administrator")
    bring(csv_list((later(0), "5.00", "forgot the code")))
    line = BankLine.objects.waiting().get()
    with pytest.raises(ValueError, match="reason"):
        line.assign(gift, by=by, reason=" ", at=timezone.now())
    line.assign(gift, by=by, reason="rang us up", at=timezone.now())
    for act in (
        lambda: line.assign(gift, by=by, reason="x", at=timezone.now()),
        lambda: line.dismiss(by=by, reason="x", at=timezone.now()),
    ):
        with pytest.raises(ValueError, match="already"):
            act()
    gift.refresh_from_db()
    assert (gift.state, Receipt.objects.count()) == ("paid", 1)
    assert StaffAction.objects.filter(action="assign transfer", reason="rang us up").count() == 1


def test_a_gift_by_card_takes_no_transfer(bank, edition, settings):
    settings.PAYMENT_PROVIDER = "sandbox"
    gift = make_gift(minor=500)
    bring(csv_list((later(0), "5.00", "hello")))
    with pytest.raises(ValueError, match="by transfer"):
        BankLine.objects.get().assign(gift, by=None, reason="x", at=timezone.now())


def test_a_crash_in_the_middle_of_a_list_leaves_whole_lines_and_the_rest_for_another_try(bank, edition, monkeypatch):
    gifts = [make_gift(minor=500), make_gift(minor=500)]
    data = csv_list(*((later(0), "5.00", gift.provider_ref) for gift in gifts))
    file = BankFile.bring(read_statement(data), by=None, at=timezone.now())
    book, calls = BankLine.book, []

    def die(line, *, at):
        calls.append(line)
        if len(calls) == 2:
            raise SystemExit
        book(line, at=at)

    with monkeypatch.context() as patch:
        patch.setattr(BankLine, "book", die)
        with pytest.raises(SystemExit):
            file.take_in(by=None, at=timezone.now())
    assert BankLine.objects.count() == 1
    file.take_in(by=None, at=timezone.now())
    assert (file.known, file.matched) == (1, 1)
    assert Journal.objects.filter(kind="charge").count() == 2
    assert ReconRun.compare(bank, at=timezone.now() + datetime.timedelta(days=1)).state == "green"


@pytest.mark.parametrize(
    "fields",
    [
        {"state": "gift"}, {"state": "refund", "amount_minor": -5}, {"state": "waiting", "amount_minor": -5},
        {"state": "no_gift", "text": "Jane"},
    ],
)  # fmt: skip
def test_the_database_itself_refuses_lines_that_cannot_be(db, fields):
    whole = {"amount_minor": 5, "booked_on": later(0), "currency": "EUR", "taken_in_at": timezone.now(), **fields}
    with pytest.raises(IntegrityError), transaction.atomic():
        BankLine.objects.create(ref="x", account="y", **whole)


# Given back, and again and again


def test_money_goes_back_under_a_code_of_its_own_and_is_booked_when_the_bank_shows_it(bank, edition):
    gift = make_gift(minor=500)
    bring(csv_list((later(-1), "5.00", gift.provider_ref)))
    charge = Journal.objects.get(kind="charge")
    give_back(charge, Money(200, "EUR"), by=make_user("Administrator"), reason="asked", nonce="n", at=timezone.now())
    assert not Journal.objects.filter(kind="refund").exists()
    order = BankRefund.objects.get()
    assert bring(csv_list((later(0), "-2.00", f"Your gift {order}"))).matched == 1
    assert bring(camt_list((later(0), "-2.00", f"Your gift {order}"))).known == 1
    assert Journal.objects.get(kind="refund").gift == gift
    assert ReconRun.compare(bank, at=timezone.now() + datetime.timedelta(days=1)).state == "green"


def test_a_standing_order_is_one_period_each_month_and_ends_by_itself_when_nothing_comes(bank, edition):
    gift = make_gift(minor=500, cadence="month", email="reader@example.org")
    bring(csv_list(*((later(-day), "5.00", gift.provider_ref) for day in (61, 30, 0))))
    plan = Plan.objects.get()
    assert (plan.state, plan.periods.count(), Receipt.objects.count()) == ("active", 3, 3)
    BankLine.objects.update(booked_on=later(-130))
    Plan.objects.update(next_on=later(-101))
    jobs.ask_about_plans(at=timezone.now())
    plan.refresh_from_db()
    assert (plan.state, plan.end_reason) == ("ended", "bank")


def test_a_transfer_that_never_comes_is_not_asked_about_for_two_months_and_counts_for_no_guard(
    bank, edition, monkeypatch
):
    gift = make_gift(minor=500, email="reader@example.org")
    asked = []
    monkeypatch.setattr(Gift, "refresh", lambda gift, at: asked.append(gift.pk))
    jobs.ask_about_gifts(at=timezone.now() + datetime.timedelta(days=59))
    assert not DonorIdentity.forgettable(timezone.now() + datetime.timedelta(days=30)).exists()
    assert asked == []
    monkeypatch.undo()
    BankPromise.objects.update(created_at=timezone.now() - datetime.timedelta(days=61))
    jobs.ask_about_gifts(at=timezone.now() + datetime.timedelta(days=61))
    gift.refresh_from_db()
    assert gift.state == "expired"
    bring(csv_list((later(0), "5.00", gift.provider_ref)))
    gift.refresh_from_db()
    assert gift.state == "paid"


# Pages


def test_a_reader_gets_the_code_and_the_account_and_later_thanks(bank, reader):
    answer = reader.confirm(reader.look(cadence="once", other="12.50"), email="reader@example.org")
    gift = Gift.objects.get()
    assert answer.url.endswith(back_path(gift))
    page = reader.client.get(back_path(gift)).content.decode()
    for words in ("€12.50", codes.grouped(IBAN), "BUKBGB22", "The Far Shore ry", codes.grouped(gift.provider_ref)):
        assert words in page
    assert "refresh" not in page
    bring(csv_list((later(0), "12.50", gift.provider_ref)))
    assert "Thank you" in reader.client.get(back_path(gift)).content.decode()


def test_a_transfer_stands_beside_the_card_in_its_own_currency_alone(edition, reader, settings):
    assert "By bank transfer instead" not in reader.choose(other="5").content.decode()
    switch_on(settings, provider="sandbox")
    assert "By bank transfer instead" in reader.choose(other="5").content.decode()
    fields = reader.look()
    reader.confirm(fields, by="bank")
    assert Gift.objects.get().provider == "bank"
    assert Guard.read(at=timezone.now()) == "normal"
    reader.confirm(reader.look(), by="nonsense")
    assert Gift.objects.latest("pk").provider == "sandbox"
    settings.BANK_CURRENCY = "USD"
    assert "By bank transfer instead" not in reader.choose(other="5").content.decode()
    reader.confirm(reader.look(), by="bank")
    assert Gift.objects.latest("pk").provider == "sandbox"


def upload(client, data, name="list.csv"):
    from django.core.files.uploadedfile import SimpleUploadedFile

    return client.post(f"{FILES}add/", {"file": SimpleUploadedFile(name, data)}, follow=True)


def test_a_list_is_looked_at_first_and_taken_in_by_a_button_once(bank, edition, bookkeeper):
    gift = make_gift(minor=500)
    page = upload(bookkeeper, csv_list((later(0), "5.00", gift.provider_ref), (later(0), "9.00", "<b>hello</b>")))
    text = page.content.decode()
    assert "nothing is booked yet" in text
    assert codes.grouped(gift.provider_ref) in text
    assert "&lt;b&gt;hello" in text
    assert not Journal.objects.exists()
    nonce = text.split('name="nonce" value="')[1].split('"')[0]
    address = f"{FILES}{BankFile.objects.get().pk}/move/take_in/"
    for _time in range(2):
        bookkeeper.post(address, {"nonce": nonce})
    assert (Journal.objects.filter(kind="charge").count(), BankLine.objects.waiting().count()) == (1, 1)
    line = BankLine.objects.waiting().get()
    page = bookkeeper.get(f"{LINES}{line.pk}/change/").content.decode()
    nonce = page.split('action="../move/dismiss/"')[1].split('name="nonce" value="')[1].split('"')[0]
    bookkeeper.post(f"{LINES}{line.pk}/move/dismiss/", {"nonce": nonce, "reason": "a ticket"})
    line.refresh_from_db()
    assert (line.state, line.text, line.reason) == ("no_gift", "", "a ticket")


@pytest.mark.parametrize("data", [b"", b"\x00\xff", b"a;b\n1;2", b"<x/>"])
def test_a_bad_list_is_refused_at_its_field(bank, bookkeeper, data):
    page = upload(bookkeeper, data)
    assert page.status_code == 200
    assert "errorlist" in page.content.decode()
    assert not BankFile.objects.exists()
    assert bookkeeper.post(f"{FILES}add/", {"file": "no file"}).status_code == 200


@pytest.mark.parametrize("role", ["Fundraiser", "Editor", "Reporter"])
def test_nobody_else_sees_or_brings_the_bank(bank, client, role):
    client.force_login(make_user(role))
    bring(csv_list((later(0), "9.00", "hello")))
    for address in (FILES, f"{FILES}add/", LINES, reverse("admin:donations_bankrefund_changelist")):
        assert client.get(address).status_code == 403
    line = BankLine.objects.get()
    assert client.post(f"{LINES}{line.pk}/move/dismiss/", {"reason": "x"}).status_code == 403


def test_a_list_that_nobody_took_in_is_gone_after_a_day(bank, edition):
    BankFile.bring(read_statement(csv_list((later(0), "9.00", "hello"))), by=None, at=timezone.now())
    jobs.forget(at=timezone.now() + datetime.timedelta(hours=23))
    assert BankFile.objects.exists()
    jobs.forget(at=timezone.now() + datetime.timedelta(hours=25))
    assert not BankFile.objects.exists()


def test_the_hook_of_a_bank_takes_nothing(bank, client):
    assert client.post("/hooks/bank/", b"{}", content_type="application/json").status_code == 400


def test_the_exposure_says_nothing_new_of_people(bank, edition, capsys):
    make_gift(minor=500)
    call_command("donor_exposure")
    assert "Not kept anywhere: name" in capsys.readouterr().out

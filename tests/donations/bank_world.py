"""The bank transfer as the conformance suite sees it: whatever happens there happens in the bank's own list."""

import datetime

from django.utils import timezone

from donations import providers
from donations.models import BankFile, BankLine, BankPromise, BankRefund
from donations.providers.bank.statements import read_statement
from tests.donations.making import make_gift

IBAN = "GB33BUKB20201555555555"
HEAD = "Booking date;Amount;Currency;Payer;Payer IBAN;Reference"


def switch_on(settings, *, provider="bank"):
    """Let readers transfer, alone or beside another provider."""
    settings.PAYMENT_PROVIDER = provider
    settings.BANK_IBAN, settings.BANK_BIC, settings.BANK_NAME = IBAN, "BUKBGB22", "Bank of the Shore"
    settings.BANK_HOLDER, settings.BANK_CURRENCY = "The Far Shore ry", "EUR"


def csv_list(*lines, head=HEAD):
    """Return a bank's CSV of lines (day, amount as text, words)."""
    rows = [f"{day};{amount};EUR;Jane Payer;DE02120300000000202051;{words}" for day, amount, words in lines]
    return "\n".join([head, *rows]).encode()


def camt_entry(day, amount, words, *, more="", status="<Cd>BOOK</Cd>"):
    """Return one entry of a CAMT.053."""
    way = "DBIT" if amount[0] == "-" else "CRDT"
    payer = "<RltdPties><Dbtr><Nm>Jane Payer</Nm></Dbtr></RltdPties>"
    return (
        f"<Ntry><Amt Ccy='EUR'>{amount.lstrip('-')}</Amt><CdtDbtInd>{way}</CdtDbtInd>{more}<Sts>{status}</Sts>"
        f"<BookgDt><Dt>{day}</Dt></BookgDt><NtryDtls><TxDtls>{payer}<RmtInf><Ustrd>{words}</Ustrd></RmtInf></TxDtls>"
        "</NtryDtls></Ntry>"
    )


def camt_list(*lines, iban=IBAN, entries=""):
    """Return a CAMT.053 of lines (day, amount as text, words), or of whole entries."""
    entries = entries or "".join(camt_entry(*line) for line in lines)
    name = "urn:iso:std:iso:20022:tech:xsd:camt.053.001.08"
    account = f"<Acct><Id><IBAN>{iban}</IBAN></Id></Acct>"
    document = f"<Document xmlns='{name}'><BkToCstmrStmt><Stmt>{account}{entries}</Stmt></BkToCstmrStmt></Document>"
    return f"<?xml version='1.0' encoding='UTF-8'?>{document}".encode()


def bring(data, *, at=None):
    """Bring a list and take it in; return it."""
    at = at or timezone.now()
    file = BankFile.bring(read_statement(data), by=None, at=at)
    file.take_in(by=None, at=at)
    return file


class BankWorld:
    """The bank."""

    name = "bank"
    is_far = has_fees = has_disputes = has_cards = False

    def __init__(self, settings):
        switch_on(settings)

    def close(self):
        """Leave nothing behind."""

    @property
    def provider(self):
        return providers.by_name("bank")

    def gift(self, **fields):
        """Return a gift whose reader has a code."""
        return make_gift(**fields)

    def pay(self, gift):
        """Let the transfer arrive."""
        amount = f"{gift.amount_minor // 100}.{gift.amount_minor % 100:02d}"
        bring(csv_list((timezone.localdate(), amount, gift.provider_ref)))

    def refund(self, charge_ref, minor):
        """Order some money back and let the bank send it."""
        charge = BankLine.objects.get(ref=charge_ref)
        ref = self.provider.refund(charge_ref, type(charge.money)(minor, "EUR"), key=f"dashboard-{minor}")
        self.carry_out()
        return ref

    def carry_out(self):
        """Send every ordered transfer back that the bank has not sent yet."""
        for order in BankRefund.objects.filter(lines=None):
            amount = f"-{order.amount_minor // 100}.{order.amount_minor % 100:02d}"
            bring(csv_list((timezone.localdate(), amount, order.ref)))

    def pay_out(self):
        """Do nothing: the money lies in our own account."""

    def sessions(self):
        """Count the codes that were given out."""
        return BankPromise.objects.count()


def later(days):
    """Return the day so many days from now, as a bank writes it."""
    return timezone.localdate() + datetime.timedelta(days=days)

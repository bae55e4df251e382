"""Whether mail servers will believe us: what DNS and the relay say, in words, with the record to paste."""

import datetime
import smtplib
import socket
from dataclasses import dataclass
from email.utils import parseaddr

import dns.exception
import dns.resolver
import dns.reversename
from django.conf import settings
from django.db.models import Count, Min, Q, Sum
from django.utils.timesince import timesince
from django.utils.translation import gettext as _

from newsletters.models import Delivery, DeliveryEvent, DeliveryTotal, Issue, Newsletter
from newsroom.readings import OK, WARNING, Reading

WAIT = 4
BULK = 5000  # letters a day from which on Gmail counts a domain as a bulk sender
GOOD, BAD = 0.001, 0.003
LONG_SENDING = datetime.timedelta(hours=12)


@dataclass(frozen=True)
class Check:
    """One thing that mail servers look at."""

    name: str
    domain: str
    words: str
    record: str = ""
    is_good: bool = False


class Dns:
    """The questions that we ask; `resolver` may be a peer of the tests."""

    def __init__(self, resolver=None):
        self.resolver = resolver or dns.resolver.Resolver()
        self.resolver.lifetime = WAIT

    def texts(self, name):
        """Return the TXT records of a name; none when there are none or nobody answers."""
        return [b"".join(row.strings).decode("utf-8", "replace") for row in self._ask(name, "TXT")]

    def addresses(self, name):
        """Return the IP addresses of a host."""
        return [str(row) for kind in ("A", "AAAA") for row in self._ask(name, kind)]

    def name_of(self, address):
        """Return the host name of an IP address, or ""."""
        try:
            found = self._ask(dns.reversename.from_address(address), "PTR")
        except dns.exception.SyntaxError:
            return ""
        return str(found[0]).rstrip(".") if found else ""

    def _ask(self, name, kind):
        try:
            return list(self.resolver.resolve(name, kind))
        except (dns.exception.DNSException, OSError):
            return []


def sender_domains():
    """Return every domain that stands in a From of ours."""
    common = parseaddr(settings.DEFAULT_FROM_EMAIL)[1]
    addresses = {common, *Newsletter.objects.exclude(sender_address="").values_list("sender_address", flat=True)}
    discreet = Newsletter.objects.filter(offers_discreet=True).exclude(discreet_address="")
    addresses |= set(discreet.values_list("discreet_address", flat=True))
    return sorted({address.rpartition("@")[2].lower() for address in addresses})


def examine(*, ask=None, hello=None):
    """Return the checks of every sender domain and of the relay. Asks the network: never inside a transaction."""
    ask = ask or Dns()
    found = []
    for domain in sender_domains():
        found += [_spf(domain, ask), _dkim(domain, ask), _dmarc(domain, ask)]
    return [*found, _reverse(settings.EMAIL_HOST, ask), _tls(hello or _says_starttls)]


def _spf(domain, ask):
    records = [text for text in ask.texts(domain) if text.lower().startswith("v=spf1")]
    record = f'{domain}. TXT "v=spf1 mx a:{settings.EMAIL_HOST} -all"'
    if len(records) == 1:
        is_good = not records[0].rstrip().endswith("+all")
        words = _("SPF stands.") if is_good else _("SPF lets everybody send in your name.")
    else:
        is_good, words = False, _("SPF is missing.") if not records else _("There are two SPF records: none counts.")
    return Check("SPF", domain, words, "" if is_good else record, is_good=is_good)


def _dkim(domain, ask):
    selector = settings.DKIM_SELECTOR
    if not selector:
        return Check("DKIM", domain, _("Set DKIM_SELECTOR to the selector with which your relay signs."))
    name = f"{selector}._domainkey.{domain}"
    texts = [text.replace(" ", "") for text in ask.texts(name)]
    is_good = any("p=" in text and not text.endswith("p=") and ";p=;" not in text for text in texts)
    record = f'{name}. TXT "v=DKIM1; k=rsa; p=…"'
    words = _("The key of the signature stands.") if is_good else _("The key of the signature is missing.")
    return Check("DKIM", domain, words, "" if is_good else record, is_good=is_good)


def _dmarc(domain, ask):
    records = [text for text in ask.texts(f"_dmarc.{domain}") if text.lower().startswith("v=dmarc1")]
    is_good = len(records) == 1 and "p=" in records[0].replace(" ", "")
    record = f'_dmarc.{domain}. TXT "v=DMARC1; p=none; rua=mailto:postmaster@{domain}"'
    words = _("DMARC stands.") if is_good else _("DMARC is missing.")
    return Check("DMARC", domain, words, "" if is_good else record, is_good=is_good)


def _reverse(host, ask):
    addresses = ask.addresses(host)
    for address in addresses:
        name = ask.name_of(address)
        if not name or address not in ask.addresses(name):
            words = _("The address %(address)s of the relay has no name that leads back to it.")
            return Check("PTR", host, words % {"address": address}, f"{address} PTR {host}.")
    if not addresses:
        return Check("PTR", host, _("The relay has no address in DNS."))
    return Check("PTR", host, _("Name and address of the relay lead to each other."), is_good=True)


def _tls(hello):
    if settings.EMAIL_USE_SSL or settings.EMAIL_USE_TLS:
        return Check("TLS", settings.EMAIL_HOST, _("Letters go to the relay over TLS."), is_good=True)
    offered = hello()
    words = _("The relay offers TLS: set EMAIL_USE_TLS=1.") if offered else _("Letters go to the relay in the clear.")
    return Check("TLS", settings.EMAIL_HOST, words, "EMAIL_USE_TLS=1" if offered else "")


def _says_starttls():
    try:
        with smtplib.SMTP(settings.EMAIL_HOST, settings.EMAIL_PORT, timeout=WAIT) as server:
            server.ehlo()
            return server.has_extn("starttls")
    except (OSError, smtplib.SMTPException, socket.gaierror):
        return False


def rates(*, limit=12):
    """Return one row for each of the last letters: how many failed and complained, against 0.1 % and 0.3 %."""
    failed = Count("deliveries", filter=Q(deliveries__state=Delivery.State.FAILED))
    issues = Issue.objects.filter(started_at__isnull=False).select_related("newsletter").annotate(
        sent=Count("deliveries"), failed=failed
    ).order_by("-started_at")[:limit]  # fmt: skip
    complaints = dict(
        DeliveryEvent.objects.filter(kind=DeliveryEvent.Kind.COMPLAINT)
        .filter(delivery__issue__in=[each.pk for each in issues])
        .order_by().values_list("delivery__issue").annotate(Count("pk"))
    )  # fmt: skip
    folded = dict(
        DeliveryTotal.objects.filter(issue__in=[each.pk for each in issues])
        .order_by().values_list("issue").annotate(Sum("count"))
    )  # fmt: skip
    for issue in issues:
        issue.sent += folded.get(issue.pk, 0)
    return [_rate(issue, complaints.get(issue.pk, 0)) for issue in issues]


def _rate(issue, complained):
    share = complained / issue.sent if issue.sent else 0
    return {
        "issue": issue, "sent": issue.sent, "failed": issue.failed, "complained": complained,
        "failed_share": f"{100 * issue.failed / issue.sent:.1f}" if issue.sent else "0.0",
        "complained_share": f"{100 * share:.2f}",
        "level": "bad" if share >= BAD else "warning" if share >= GOOD else "good",
    }  # fmt: skip


def sent_in_a_day(*, at):
    """Return how many letters mail servers took in the last 24 hours."""
    return Delivery.objects.filter(accepted_at__gt=at - datetime.timedelta(days=1)).count()


def readings(at):
    """Return how many letters wait, and for how long the oldest sending has been under way."""
    under_way = Issue.objects.filter(state=Issue.State.SENDING)
    first = under_way.aggregate(first=Min("started_at"))["first"]
    age = (at - first).total_seconds() if first else 0
    waiting = Delivery.objects.waiting().filter(issue__in=under_way).count()
    level = WARNING if age > LONG_SENDING.total_seconds() else OK
    began = _("began %s ago") % timesince(first, at) if first else _("none")
    return [
        Reading("letters_waiting", _("Letters that wait"), waiting, str(waiting)),
        Reading("sending_oldest_seconds", _("Oldest sending under way"), age, began, level),
    ]

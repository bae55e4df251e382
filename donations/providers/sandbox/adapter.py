"""The sandbox as a provider: the same interface, the same refusals, no money."""

import datetime
import json

from django.conf import settings
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from donations.money import Money
from donations.providers import base
from donations.providers.sandbox import signing
from donations.providers.sandbox.models import KeyReused, SandboxCharge, SandboxPlan, SandboxSession


class Sandbox:
    """Adapter of the sandbox. See donations.providers.base.Provider for what each operation promises."""

    name = "sandbox"
    account = "demo"
    mode = "sandbox"

    def methods(self, currency):
        """Return the ways to pay in this currency, as text for readers."""
        return (_("Sandbox (no money moves)"),)

    def statement(self, title):
        """Return the words that would stand on the bank statement: 22 Latin capitals at most."""
        plain = "".join(letter for letter in title.upper() if letter.isascii() and (letter.isalnum() or letter == " "))
        return f"SANDBOX* {plain}".strip()[:22]

    def hand_over(self, asked, *, key):
        """Open a pay page. The same key gives the same page."""
        try:
            session = SandboxSession.open(
                key=key,
                at=timezone.now(),
                reference=asked.reference,
                cadence=asked.cadence,
                amount_minor=asked.money.minor,
                currency=asked.money.currency,
                language=asked.language,
                return_url=asked.return_url,
                cancel_url=asked.cancel_url,
            )
        except KeyReused as error:
            raise base.Refused("the key was used for something else") from error
        return base.HandedOver(
            ref=session.ref, url=settings.HOME_ORIGIN + reverse("donations:sandbox:pay", args=[session.ref])
        )

    def fetch(self, object_kind, object_ref):
        """Return how the hand-over behind a session, charge or plan stands."""
        finders = {"session": self._session, "charge": self._charge, "plan": self._plan}
        if object_kind not in finders or not object_ref:
            raise base.NotFound(object_kind)
        return finders[object_kind](object_ref)

    def read_notice(self, body, headers, *, at):
        """Return the announcement in a webhook's body."""
        if not settings.WEBHOOK_SECRET:
            raise base.BadNotice("no secret")
        try:
            signing.verify(body, headers.get(signing.HEADER, ""), secrets=[settings.WEBHOOK_SECRET], at=at)
            said = json.loads(body.decode())
            return self._notice(said)
        except signing.BadSignature as error:
            raise base.BadNotice(str(error)) from error
        except (ValueError, KeyError, TypeError, AttributeError, OSError, OverflowError, RecursionError) as error:
            raise base.BadNotice("body") from error

    def _notice(self, said):
        texts = [said["id"], said["kind"], said["object"]["kind"], said["object"]["id"], said["mode"], said["account"]]
        if not all(isinstance(text, str) and 0 < len(text) <= 60 and text.isprintable() for text in texts):
            raise ValueError("A notice is made of short texts.")
        occurred_at = datetime.datetime.fromtimestamp(int(said["created"]), datetime.UTC)
        event_id, kind, object_kind, object_ref, mode, account = texts
        return base.Notice(event_id, kind, object_kind, object_ref, mode, account, occurred_at)

    def _session(self, ref):
        try:
            session = SandboxSession.objects.select_related("plan").get(ref=ref)
        except SandboxSession.DoesNotExist as error:
            raise base.NotFound(ref) from error
        return self._standing(session, session.charges.order_by("pk"))

    def _charge(self, ref):
        try:
            charge = SandboxCharge.objects.select_related("session__plan").get(ref=ref)
        except SandboxCharge.DoesNotExist as error:
            raise base.NotFound(ref) from error
        return self._standing(charge.session, [charge])

    def _plan(self, ref):
        try:
            plan = SandboxPlan.objects.select_related("session").get(ref=ref)
        except SandboxPlan.DoesNotExist as error:
            raise base.NotFound(ref) from error
        return self._standing(plan.session, plan.charges.order_by("pk"))

    def _standing(self, session, charges):
        plan = getattr(session, "plan", None)
        return base.Standing(
            ref=session.ref,
            reference=session.reference,
            mode=self.mode,
            account=self.account,
            money=session.money,
            status=base.Status(session.state_at(timezone.now())),
            plan=base.PlanStanding(ref=plan.ref, state=plan.state, next_on=plan.next_on) if plan else None,
            charges=tuple(
                base.Charge(
                    ref=charge.ref,
                    money=Money(charge.amount_minor, charge.currency),
                    occurred_at=charge.occurred_at,
                    fee=Money(charge.fee_minor, charge.currency),
                    starts_on=charge.starts_on,
                )
                for charge in charges
            ),
        )

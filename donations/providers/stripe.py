"""Stripe behind the interface: hosted Checkout by redirect, one pinned API version, and the SDK imported here alone.

The SDK is an optional extra (requirements-stripe.txt). A charge, refund, dispute or invoice is only a thread that leads
to its Checkout session: whatever was announced, the whole hand-over is fetched.
"""

import datetime
import json

from django.conf import settings

from donations.money import Money
from donations.providers import base

API_VERSION = "2026-10-28.endive"
TIMEOUT_SECONDS = 10
SIGNATURE_HEADER = "Stripe-Signature"
SIGNATURE_SECONDS = 300
# Stripe counts these in hundredths although they have none (its page "Supported currencies", special cases).
HUNDREDTHS = {"ISK", "UGX"}
PLAN_STATES = {
    "active": "active", "trialing": "active", "past_due": "past_due", "unpaid": "past_due", "paused": "paused",
    "canceled": "ended", "incomplete_expired": "ended", "incomplete": "pending",
}  # fmt: skip
DISPUTES = {"won": "won", "lost": "lost", "warning_closed": "inquiry", "prevented": "inquiry"}
LOCALES = {"en-gb": "en-GB", "en": "en", "ru": "ru"}


def to_stripe(money):
    """Return the number that Stripe wants for an amount. Raises Refused where it cannot be said exactly."""
    if money.currency in HUNDREDTHS:
        return money.minor * 100
    if len(str(money.decimal).partition(".")[2]) == 3 and money.minor % 10:
        raise base.Refused("this currency takes no single thousandths here")
    return money.minor


def from_stripe(number, currency):
    """Return the Money behind Stripe's number."""
    currency = currency.upper()
    return Money(number // 100 if currency in HUNDREDTHS else number, currency)


def _moment(seconds):
    return datetime.datetime.fromtimestamp(seconds, datetime.UTC)


class Stripe:
    """Adapter of Stripe. See donations.providers.base.Provider for what each operation promises."""

    name = "stripe"

    def __init__(self):
        self.account = settings.STRIPE_ACCOUNT
        self.mode = "live" if settings.STRIPE_SECRET_KEY.startswith(("sk_live_", "rk_live_")) else "test"

    # What readers see

    def clock(self, at):
        """Return our own present."""
        return at

    def methods(self, currency):
        """Return the ways to pay in this currency, as text for readers."""
        return ("Visa", "Mastercard", "American Express")

    def statement(self, title):
        """Return the words on the bank statement: those set at Stripe, or the title in 22 Latin capitals."""
        plain = "".join(letter for letter in title.upper() if letter.isascii() and (letter.isalnum() or letter == " "))
        return settings.STRIPE_STATEMENT or plain.strip()[:22]

    # What we ask

    def hand_over(self, asked, *, key):
        """Open a Checkout page. The same key gives the same page."""
        price = {
            "currency": asked.money.currency.lower(), "unit_amount": to_stripe(asked.money),
            "product_data": {"name": self.statement(settings.STRIPE_STATEMENT or "Support")},
        }  # fmt: skip
        metadata = {"gift": asked.reference}
        params = {
            "client_reference_id": asked.reference, "metadata": metadata, "success_url": asked.return_url,
            "cancel_url": asked.cancel_url, "locale": LOCALES.get(asked.language, "auto"),
            "line_items": [{"price_data": price, "quantity": 1}], "billing_address_collection": "auto",
        }  # fmt: skip
        if asked.cadence == "once":
            params |= {"mode": "payment", "submit_type": "donate", "payment_intent_data": {"metadata": metadata}}
        else:
            price["recurring"] = {"interval": asked.cadence}
            params |= {"mode": "subscription", "subscription_data": {"metadata": metadata}}
        session = self._call(lambda v1, options: v1.checkout.sessions.create(params, options), key)
        return base.HandedOver(ref=session["id"], url=session["url"])

    def refund(self, charge_ref, money, *, key):
        """Give back a part of a charge or all of it."""
        params = {"charge": charge_ref, "amount": to_stripe(money)}
        return self._call(lambda v1, options: v1.refunds.create(params, options), key)["id"]

    def change_plan(self, plan_ref, money, cadence, *, key):
        """Charge another amount, or in another rhythm, from the next period on."""
        item = self._call(lambda v1, options: v1.subscriptions.retrieve(plan_ref, {}, options))["items"]["data"][0]
        price = {
            "currency": money.currency.lower(), "unit_amount": to_stripe(money), "product": item["price"]["product"],
            "recurring": {"interval": cadence},
        }  # fmt: skip
        params = {"items": [{"id": item["id"], "price_data": price}], "proration_behavior": "none"}
        return self._update(plan_ref, params, key)

    def pause_plan(self, plan_ref, until, *, key):
        """Charge nothing before `until`; without a date, until somebody resumes."""
        pause = {"behavior": "void"}
        if until:
            resumes = datetime.datetime.combine(until, datetime.time(), datetime.UTC)
            pause["resumes_at"] = int(resumes.timestamp())
        return self._update(plan_ref, {"pause_collection": pause}, key)

    def resume_plan(self, plan_ref, *, key):
        """Charge a paused plan again."""
        return self._update(plan_ref, {"pause_collection": ""}, key)

    def end_plan(self, plan_ref, *, key):
        """Never charge a plan again. A plan that has ended is no error."""
        plan = self._call(lambda v1, options: v1.subscriptions.retrieve(plan_ref, {}, options))
        if PLAN_STATES.get(plan["status"]) != "ended":
            self._call(lambda v1, options: v1.subscriptions.cancel(plan_ref, {}, options), key)
        return plan_ref

    def new_card(self, plan_ref, return_url, *, key):
        """Open a page in setup mode; the card is laid behind the plan when Stripe says that it is there."""
        plan = self._call(lambda v1, options: v1.subscriptions.retrieve(plan_ref, {}, options))
        params = {
            "mode": "setup", "customer": plan["customer"], "currency": plan["currency"], "success_url": return_url,
            "cancel_url": return_url, "metadata": {"plan": plan_ref},
        }  # fmt: skip
        session = self._call(lambda v1, options: v1.checkout.sessions.create(params, options), key)
        return base.HandedOver(ref=session["id"], url=session["url"])

    def _update(self, plan_ref, params, key):
        return self._call(lambda v1, options: v1.subscriptions.update(plan_ref, params, options), key)["id"]

    # What Stripe says

    def instructions(self, ref):
        """Return nothing: the pay page leads the reader."""
        return

    def fetch(self, object_kind, object_ref):
        """Return how the hand-over behind an object stands, or a payout."""
        finders = {
            "checkout.session": self._session, "session": self._session, "subscription": self._plan, "plan": self._plan,
            "charge": self._charge, "payment_intent": self._intent, "refund": self._refund, "dispute": self._dispute,
            "invoice": self._invoice, "payout": self._payout,
        }  # fmt: skip
        if object_kind not in finders or not object_ref:
            raise base.NotFound(object_kind)
        try:
            return finders[object_kind](object_ref)
        except (KeyError, TypeError, IndexError, AttributeError, ValueError) as error:
            raise base.BadAnswer(f"{object_kind}: {type(error).__name__} {error}"[:100]) from error

    def movements(self, *, since, until):
        """Return every change of Stripe's balance from `since` up to `until`."""
        created = {"gte": int(since.timestamp()), "lt": int(until.timestamp())}
        rows = self._all(lambda v1, options: v1.balance_transactions.list({"created": created, "limit": 100}, options))
        return [movement for row in rows for movement in _movements(row)]

    def _session(self, ref):
        session = self._call(lambda v1, options: v1.checkout.sessions.retrieve(ref, {}, options))
        if session["mode"] == "setup":
            return self._lay_card(session)
        return self._standing(session)

    def _lay_card(self, session):
        """Put the card of a finished setup page behind its plan; doing it again changes nothing."""
        plan_ref = session["metadata"]["plan"]
        if session["status"] == "complete":
            setup = self._call(lambda v1, options: v1.setup_intents.retrieve(session["setup_intent"], {}, options))
            self._update(plan_ref, {"default_payment_method": setup["payment_method"]}, f"card-{session['id']}")
        return self._plan(plan_ref)

    def _plan(self, ref):
        sessions = self._all(lambda v1, options: v1.checkout.sessions.list({"subscription": ref}, options))
        if not sessions:
            raise base.NotFound(ref)
        return self._standing(sessions[0])

    def _charge(self, ref):
        params = {"expand": ["balance_transaction"]}
        charge = self._call(lambda v1, options: v1.charges.retrieve(ref, params, options))
        if charge["payment_intent"]:
            try:
                return self._intent(charge["payment_intent"])
            except base.NotFound:
                pass  # money without a page of ours: it waits in suspense
        return self._stranger(charge)

    def _intent(self, ref):
        sessions = self._all(lambda v1, options: v1.checkout.sessions.list({"payment_intent": ref}, options))
        if sessions:
            return self._standing(sessions[0])
        params = {"payment": {"type": "payment_intent", "payment_intent": ref}}
        payments = self._all(lambda v1, options: v1.invoice_payments.list(params, options))
        if not payments:
            raise base.NotFound(ref)
        return self._invoice(payments[0]["invoice"])

    def _invoice(self, ref):
        invoice = self._call(lambda v1, options: v1.invoices.retrieve(ref, {}, options))
        details = (invoice["parent"] or {}).get("subscription_details")
        if not details:
            raise base.NotFound(ref)
        return self._plan(details["subscription"])

    def _refund(self, ref):
        return self._charge(self._call(lambda v1, options: v1.refunds.retrieve(ref, {}, options))["charge"])

    def _dispute(self, ref):
        return self._charge(self._call(lambda v1, options: v1.disputes.retrieve(ref, {}, options))["charge"])

    def _payout(self, ref):
        payout = self._call(lambda v1, options: v1.payouts.retrieve(ref, {}, options))
        rows = self._all(lambda v1, options: v1.balance_transactions.list({"payout": ref, "limit": 100}, options))
        covered = [one for row in rows for one in _movements(row) if one.kind != "payout"]
        return base.Payout(
            ref=ref, mode=_mode(payout), account=self.account, money=from_stripe(payout["amount"], payout["currency"]),
            occurred_at=_moment(payout["created"]), covers=tuple((one.kind, one.ref) for one in covered),
        )  # fmt: skip

    def _standing(self, session):
        plan, charges = None, []
        if session["subscription"]:
            plan = self._call(lambda v1, options: v1.subscriptions.retrieve(session["subscription"], {}, options))
            charges = self._plan_charges(plan["id"])
        elif session["payment_intent"]:
            charges = [(charge, None) for charge in self._charges(session["payment_intent"])]
        return base.Standing(
            ref=session["id"], reference=session["client_reference_id"] or "", mode=_mode(session),
            account=self.account, status=_status(session, charges),
            money=from_stripe(session["amount_total"], session["currency"]),
            plan=_plan_standing(plan) if plan else None, charges=tuple(_charge(*pair) for pair in charges),
            **self._takings([charge for charge, _period in charges]),
        )  # fmt: skip

    def _stranger(self, charge):
        """Return the standing of money that came in by no page of ours."""
        return base.Standing(
            ref=charge["id"], reference="", mode=_mode(charge), account=self.account, status=base.Status.PAID,
            money=from_stripe(charge["amount"], charge["currency"]), charges=(_charge(charge, None),),
            **self._takings([charge]),
        )  # fmt: skip

    def _charges(self, intent):
        params = {"payment_intent": intent, "expand": ["data.balance_transaction"], "limit": 100}
        rows = self._all(lambda v1, options: v1.charges.list(params, options))
        return [row for row in rows if row["status"] == "succeeded" and row["paid"]]

    def _plan_charges(self, plan_ref):
        """Return (charge, first day of the period) of every paid invoice of a plan."""
        params = {"subscription": plan_ref, "status": "paid", "expand": ["data.payments"], "limit": 100}
        found = []
        for invoice in self._all(lambda v1, options: v1.invoices.list(params, options)):
            starts_on = _moment(invoice["lines"]["data"][0]["period"]["start"]).date()
            for payment in invoice["payments"]["data"]:
                intent = payment["payment"]["payment_intent"]
                found += [(charge, starts_on) for charge in self._charges(intent)]
        return sorted(found, key=lambda pair: pair[1])

    def _takings(self, charges):
        refunds, disputes = [], []
        for charge in charges:
            if charge["amount_refunded"]:
                params = {"charge": charge["id"], "limit": 100}
                rows = self._all(lambda v1, options, params=params: v1.refunds.list(params, options))
                refunds += [_refund(row) for row in rows if row["status"] in {"succeeded", "pending"}]
            if charge["disputed"]:
                params = {"charge": charge["id"], "limit": 100}
                rows = self._all(lambda v1, options, params=params: v1.disputes.list(params, options))
                disputes += [_dispute(row) for row in rows]
        return {"refunds": tuple(refunds), "disputes": tuple(disputes)}

    # Webhooks

    def read_notice(self, body, headers, *, at):
        """Return the announcement in a webhook's body."""
        header = headers.get(SIGNATURE_HEADER, "")
        self._verify(body, header, at)
        try:
            said = json.loads(body.decode())
            thing = said["data"]["object"]
            texts = [said["id"], said["type"], thing["object"], thing["id"]]
            if not all(isinstance(text, str) and 0 < len(text) <= 120 and text.isprintable() for text in texts):
                raise ValueError("A notice is made of short texts.")
            mode = "live" if said["livemode"] is True else "test"
            account = said.get("account") or self.account
            occurred_at = _moment(int(said["created"]))
        except (ValueError, KeyError, TypeError, AttributeError, OSError, OverflowError, RecursionError) as error:
            raise base.BadNotice("body") from error
        event_id, kind, object_kind, object_ref = texts
        return base.Notice(event_id, kind[:60], object_kind[:30], object_ref, mode, str(account)[:64], occurred_at)

    def _verify(self, body, header, at):
        """Raise BadNotice unless one of our secrets signed this body within five minutes, before or after."""
        sdk = _sdk()
        try:
            text = body.decode()
            moment = int(dict(part.partition("=")[::2] for part in header.split(","))["t"])
        except (ValueError, KeyError) as error:
            raise base.BadNotice("header") from error
        if abs(at.timestamp() - moment) > SIGNATURE_SECONDS:
            raise base.BadNotice("age")
        for secret in settings.STRIPE_WEBHOOK_SECRETS:
            try:
                sdk.WebhookSignature.verify_header(text, header, secret)
                return
            except sdk.SignatureVerificationError:
                continue
        raise base.BadNotice("signature")

    # The SDK

    def _call(self, ask, key=None):
        """Return the answer of one request as plain data; the SDK's errors become ours."""
        sdk = _sdk()
        options = {"idempotency_key": key} if key else {}
        try:
            return ask(_client(sdk).v1, options).to_dict()
        except sdk.InvalidRequestError as error:
            if error.http_status == 404 or error.code == "resource_missing":
                raise base.NotFound(error.code or "404") from error
            raise base.Refused(error.code or "invalid request") from error
        except (sdk.APIConnectionError, sdk.RateLimitError, sdk.AuthenticationError, sdk.PermissionError) as error:
            raise base.ProviderDown(type(error).__name__) from error
        except (sdk.CardError, sdk.IdempotencyError) as error:
            raise base.Refused(error.code or type(error).__name__) from error
        except sdk.StripeError as error:
            raise base.ProviderDown(type(error).__name__) from error

    def _all(self, ask):
        """Return every object of a list, page after page."""
        found, page = [], self._call(ask)
        found += page["data"]
        while page["has_more"]:
            last = found[-1]["id"]

            def after(v1, options, last=last):
                return ask(_After(v1, last), options)

            page = self._call(after)
            found += page["data"]
        return found


class _After:
    """Adds `starting_after` to the parameters of the list that is asked next."""

    def __init__(self, service, last):
        self._service, self._last = service, last

    def __getattr__(self, name):
        found = getattr(self._service, name)
        if name != "list":
            return _After(found, self._last)
        return lambda params, options: found({**params, "starting_after": self._last}, options)


def _sdk():
    """Return the SDK; it is imported on the first use, since it is large and optional."""
    import stripe

    return stripe


def _client(sdk):
    sdk.enable_telemetry = False
    addresses = {"base_addresses": {"api": settings.STRIPE_API}} if settings.STRIPE_API else {}
    return sdk.StripeClient(
        settings.STRIPE_SECRET_KEY, stripe_version=API_VERSION, max_network_retries=1,
        http_client=sdk.RequestsClient(timeout=TIMEOUT_SECONDS), **addresses,
    )  # fmt: skip


def _mode(thing):
    return "live" if thing["livemode"] else "test"


def _status(session, charges):
    if charges or session["payment_status"] == "paid":
        return base.Status.PAID
    if session["status"] == "expired":
        return base.Status.EXPIRED
    return base.Status.PROCESSING if session["status"] == "complete" else base.Status.OPEN


def _plan_standing(plan):
    item, pause = plan["items"]["data"][0], plan["pause_collection"]
    state, price = PLAN_STATES[plan["status"]], item["price"]
    until = pause.get("resumes_at") if pause else None
    reasons = {"cancellation_requested": "donor", "payment_failed": "card"}
    return base.PlanStanding(
        ref=plan["id"], state="paused" if pause and state == "active" else state,
        next_on=_moment(item["current_period_end"]).date(), cadence=price["recurring"]["interval"],
        money=from_stripe(price["unit_amount"], price["currency"]),
        paused_until=_moment(until).date() if until else None,
        reason=reasons.get((plan["cancellation_details"] or {}).get("reason"), ""),
    )  # fmt: skip


def _charge(charge, starts_on):
    money, entry = from_stripe(charge["amount"], charge["currency"]), charge["balance_transaction"]
    fee = settled = None
    if entry:
        fee = from_stripe(entry["fee"], entry["currency"])
        reached = from_stripe(entry["amount"], entry["currency"])
        settled = reached if reached.currency != money.currency else None
    return base.Charge(
        ref=charge["id"], money=money, occurred_at=_moment(charge["created"]), fee=fee, starts_on=starts_on,
        settled=settled,
    )  # fmt: skip


def _refund(row):
    money = from_stripe(row["amount"], row["currency"])
    return base.Refund(row["id"], row["charge"], money, _moment(row["created"]))


def _dispute(row):
    state = row["status"]
    state = "inquiry" if state.startswith("warning_") else DISPUTES.get(state, "open")
    entries = row["balance_transactions"]
    fee = from_stripe(sum(entry["fee"] for entry in entries), row["currency"])
    closed = max((entry["created"] for entry in entries), default=row["created"])
    return base.Dispute(
        ref=row["id"], charge_ref=row["charge"], money=from_stripe(row["amount"], row["currency"]), state=state,
        occurred_at=_moment(row["created"]), closed_at=_moment(closed) if state in {"won", "lost"} else None,
        fee=fee if fee.minor > 0 else None,
    )  # fmt: skip


def _movements(row):
    """Return what one line of Stripe's balance means in our words."""
    source, money = row["source"] or row["id"], from_stripe(row["amount"], row["currency"])
    kinds = {
        "charge": "charge", "payment": "charge", "refund": "refund", "payment_refund": "refund", "payout": "payout",
    }  # fmt: skip
    kind, thing = kinds.get(row["type"], row["type"]), {"refund": "refund", "payout": "payout"}
    if kind == "adjustment" and source.startswith(("dp_", "du_")):
        kind = "dispute" if money.minor < 0 else "dispute_won"
    object_kind = "dispute" if kind.startswith("dispute") else thing.get(kind, "charge")
    found = [base.Movement(kind, source, money, _moment(row["created"]), object_kind, source)]
    if row["fee"]:
        fee = -from_stripe(row["fee"], row["currency"])
        of = "dispute_fee" if kind.startswith("dispute") else "fee"
        found.append(base.Movement(of, source, fee, _moment(row["created"]), object_kind, source))
    return found

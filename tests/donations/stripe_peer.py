"""A strict Stripe of our own on the loopback: idempotency, events, faults, parameters checked by the SDK's types.

It knows the dozen addresses that the adapter uses. A parameter that the SDK's own types do not know is refused, at any
depth; a key that comes again with another body is refused; a key that comes again is answered from memory.
"""

import itertools
import json
import re
import threading
import time
import typing
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qsl, urlsplit

PART = re.compile(r"[^\[\]]+")
FEE = (14, 1000, 25)


class Wrong(Exception):
    """An answer with an error's status and code."""

    def __init__(self, status, code):
        super().__init__(code)
        self.status, self.code = status, code


def nested(text):
    """Return form-encoded parameters as nested dicts and lists."""
    found = {}
    for name, value in parse_qsl(text, keep_blank_values=True):
        here, parts = found, PART.findall(name)
        for part, following in zip(parts, [*parts[1:], None], strict=True):
            if following is None:
                here[part] = value
            else:
                here = here.setdefault(part, {})
    return _lists(found)


def _lists(thing):
    if not isinstance(thing, dict):
        return thing
    thing = {name: _lists(value) for name, value in thing.items()}
    if thing and all(name.isdigit() for name in thing):
        return [thing[name] for name in sorted(thing, key=int)]
    return thing


def check(params, kind, path=""):
    """Raise Wrong unless every parameter is known to the SDK's TypedDict `kind`, at any depth."""
    import stripe

    module = __import__(kind.__module__, fromlist=["*"])
    names = {**vars(stripe), **vars(module)}
    for outer in typing.get_args(kind) or ():
        names |= vars(outer)
    known = kind.__annotations__
    for name, value in params.items():
        if name not in known:
            raise Wrong(400, f"parameter_unknown {path}{name}")
        _check_value(value, known[name], names, f"{path}{name}.", kind)


def _check_value(value, annotation, names, path, owner):
    kinds = _dicts(annotation, names)
    if isinstance(value, list):
        for entry in value:
            _check_value(entry, annotation, names, path, owner)
    elif isinstance(value, dict) and kinds and not any(_fits(value, kind, path) for kind in kinds):
        raise Wrong(400, f"parameter_unknown {path}{'/'.join(value)}")


def _fits(value, kind, path):
    try:
        check(value, kind, path)
    except Wrong:
        return False
    return True


def _dicts(annotation, names):
    """Return the TypedDicts that an annotation speaks of, wherever they stand in it."""
    text = annotation.__forward_arg__ if isinstance(annotation, typing.ForwardRef) else annotation
    found = set()
    for name in re.findall(r"[A-Za-z_]\w+", text if isinstance(text, str) else str(text)):
        kind = names.get(name)
        if isinstance(kind, type) and hasattr(kind, "__annotations__") and "Params" in name:
            found.add(kind)
    return found


def params_type(name):
    """Return a parameter type of the SDK: "checkout.SessionCreateParams"."""
    import stripe.params as params

    for part in name.split("."):
        params = getattr(params, part)
    return params


@dataclass
class Peer:
    """Stripe's side: its rows, its events, and the faults that are ordered."""

    rows: dict = field(default_factory=dict)
    events: list = field(default_factory=list)
    keys: dict = field(default_factory=dict)
    requests: list = field(default_factory=list)
    down: int = 0
    hang: int = 0
    counter: typing.Any = field(default_factory=lambda: itertools.count(1))
    lock: typing.Any = field(default_factory=threading.RLock)

    # Rows

    def new(self, kind, prefix, **fields):
        """Keep and return a new object."""
        row = {"id": f"{prefix}_{next(self.counter):08d}", "object": kind, "livemode": False, **fields}
        row.setdefault("created", int(time.time()))
        self.rows[row["id"]] = row
        return row

    def get(self, ref):
        """Return an object or raise 404."""
        if ref not in self.rows:
            raise Wrong(404, "resource_missing")
        return self.rows[ref]

    def of(self, kind, **where):
        """Return the objects of a kind whose fields are these."""
        return [
            row for row in self.rows.values()
            if row["object"] == kind and all(row.get(name) == value for name, value in where.items())
        ]  # fmt: skip

    def tell(self, kind, thing):
        """Announce what happened to an object."""
        slim = {"id": thing["id"], "object": thing["object"]}
        self.events.append({
            "id": f"evt_{next(self.counter):08d}", "object": "event", "type": kind, "created": int(time.time()),
            "livemode": False, "api_version": "2026-10-28.endive", "data": {"object": slim},
        })  # fmt: skip

    def entry(self, kind, source, amount, currency, fee=0, created=None):
        """Write a line of the balance."""
        return self.new(
            "balance_transaction", "txn", type=kind, source=source, amount=amount, currency=currency, fee=fee,
            net=amount - fee, payout=None, created=created or int(time.time()),
        )  # fmt: skip

    # What happens at Stripe

    def charge(self, intent, amount, currency, created=None):
        """Charge a card."""
        fee = min(amount, amount * FEE[0] // FEE[1] + FEE[2])
        charge = self.new(
            "charge", "ch", amount=amount, currency=currency, payment_intent=intent, status="succeeded", paid=True,
            amount_refunded=0, disputed=False, created=created or int(time.time()),
        )  # fmt: skip
        entry = self.entry("charge", charge["id"], amount, currency, fee, created)
        charge["balance_transaction"] = entry["id"]
        return charge

    def pay(self, session_ref, outcome="pay"):
        """Let the reader finish a Checkout page."""
        session = self.get(session_ref)
        intent = self.new("payment_intent", "pi", status="succeeded", metadata={})
        if outcome == "decline":
            session["payment_intent"] = intent["id"]
            self.tell("payment_intent.payment_failed", intent)
            return
        session |= {"status": "complete", "payment_status": "paid"}
        if session["mode"] == "subscription":
            self._begin_plan(session)
        else:
            session["payment_intent"] = intent["id"]
            charge = self.charge(intent["id"], session["amount_total"], session["currency"])
            self.tell("checkout.session.completed", session)
            self.tell("charge.succeeded", charge)

    def _begin_plan(self, session):
        price = {**session["_price"], "product": "prod_1", "unit_amount": session["amount_total"]}
        item = {"id": f"si_{next(self.counter)}", "price": price, "current_period_end": int(time.time())}
        plan = self.new(
            "subscription", "sub", status="active", customer="cus_1", currency=session["currency"],
            pause_collection=None, items={"data": [item]}, cancellation_details={"reason": None}, metadata={},
            default_payment_method="pm_1",
        )  # fmt: skip
        session["subscription"] = plan["id"]
        charge = self.bill(plan["id"], int(time.time()))
        self.tell("checkout.session.completed", session)
        self.tell("charge.succeeded", charge)

    def bill(self, plan_ref, start):
        """Charge one period of a plan that begins at `start`."""
        plan = self.get(plan_ref)
        item = plan["items"]["data"][0]
        price = item["price"]
        item["current_period_end"] = start + 31 * 86_400
        intent = self.new("payment_intent", "pi", status="succeeded", metadata={})
        charge = self.charge(intent["id"], int(price["unit_amount"]), price["currency"], start)
        invoice = self.new(
            "invoice", "in", status="paid", subscription=plan_ref,
            parent={"type": "subscription_details", "subscription_details": {"subscription": plan_ref}},
            lines={"data": [{"period": {"start": start, "end": start + 31 * 86_400}}]},
        )  # fmt: skip
        payment = self.new(
            "invoice_payment", "inpay", invoice=invoice["id"],
            payment={"type": "payment_intent", "payment_intent": intent["id"]}, _intent=intent["id"],
        )  # fmt: skip
        invoice["payments"] = {"data": [payment]}
        return charge

    def refund(self, charge_ref, amount):
        """Give money back; never more than is left."""
        charge = self.get(charge_ref)
        if not 1 <= amount <= charge["amount"] - charge["amount_refunded"]:
            raise Wrong(400, "charge_already_refunded")
        charge["amount_refunded"] += amount
        row = self.new(
            "refund", "re", charge=charge_ref, amount=amount, currency=charge["currency"], status="succeeded"
        )
        self.entry("refund", row["id"], -amount, charge["currency"])
        self.tell("refund.created", row)
        return row

    def dispute(self, charge_ref, state="open"):
        """Let a bank dispute a charge."""
        charge = self.get(charge_ref)
        charge["disputed"] = True
        status = "warning_needs_response" if state == "inquiry" else "needs_response"
        row = self.new(
            "dispute", "dp", charge=charge_ref, amount=charge["amount"], currency=charge["currency"], status=status,
            balance_transactions=[],
        )  # fmt: skip
        if state != "inquiry":
            entry = self.entry("adjustment", row["id"], -charge["amount"], charge["currency"], 1500)
            row["balance_transactions"].append(entry)
        self.tell("charge.dispute.created", row)
        return row["id"]

    def close_dispute(self, ref, state):
        """Decide a dispute."""
        row = self.get(ref)
        row["status"] = state
        if state == "won":
            row["balance_transactions"].append(self.entry("adjustment", ref, row["amount"], row["currency"]))
        self.tell("charge.dispute.closed", row)

    def pay_out(self):
        """Send the balance to the bank."""
        rows = [row for row in self.of("balance_transaction", payout=None) if row["type"] != "payout"]
        total = sum(row["net"] for row in rows)
        payout = self.new("payout", "po", amount=total, currency="eur", status="paid")
        for row in rows:
            row["payout"] = payout["id"]
        entry = self.entry("payout", payout["id"], -total, "eur")
        entry["payout"] = payout["id"]
        self.tell("payout.paid", payout)

    # Requests

    def answer(self, method, path, text, key):
        """Return (status, body) for one request."""
        with self.lock:
            if self.down:
                self.down -= 1
                return 503, {"error": {"type": "api_error", "message": "down"}}
            print_ = (method, path, text)
            if key and key in self.keys:
                stored, answer = self.keys[key]
                if stored != print_:
                    return 400, {"error": {"type": "idempotency_error", "message": "other parameters"}}
                return answer
            try:
                answer = 200, self._route(method, urlsplit(path), nested(text))
            except Wrong as error:
                said = {"type": "invalid_request_error", "code": error.code, "message": error.code}
                answer = error.status, {"error": said}
            if key:
                self.keys[key] = (print_, answer)
            self.requests.append((method, path, answer[0]))
            return answer

    def _route(self, method, parts, params):
        segments = parts.path.removeprefix("/v1/").split("/")
        for length in (2, 1):
            name = "/".join(segments[:length])
            routes = ROUTES.get((method, name, len(segments) - length))
            if routes:
                kind, act = routes
                query = nested(parts.query) if method in {"GET", "DELETE"} else params
                check(query, params_type(kind))
                return act(self, query, *segments[length:])
        raise Wrong(404, "unknown_address")


def _page(rows, query):
    rows = sorted(rows, key=lambda row: row["id"], reverse=True)
    if after := query.get("starting_after"):
        rows = [row for row in rows if row["id"] < after]
    limit = int(query.get("limit", 10))
    return {"object": "list", "data": rows[:limit], "has_more": len(rows) > limit, "url": "/v1/x"}


def _expanded(peer, charge, query):
    wanted = any("balance_transaction" in name for name in query.get("expand", []))
    return {**charge, "balance_transaction": peer.get(charge["balance_transaction"])} if wanted else charge


def create_session(peer, query):
    """Open a Checkout page."""
    mode = query["mode"]
    price = query["line_items"][0]["price_data"] if mode != "setup" else None
    if price and int(price["unit_amount"]) < 50:
        raise Wrong(400, "amount_too_small")
    session = peer.new(
        "checkout.session", "cs_test", mode=mode, status="open", payment_status="unpaid", payment_intent=None,
        subscription=None, setup_intent=None, client_reference_id=query.get("client_reference_id"),
        metadata=query.get("metadata", {}), currency=price["currency"] if price else query.get("currency"),
        amount_total=int(price["unit_amount"]) if price else None, _price=price, _back=query["success_url"],
        customer=query.get("customer"),
    )  # fmt: skip
    session["url"] = f"https://checkout.stripe.com/c/pay/{session['id']}"
    return session


def list_sessions(peer, query):
    """List Checkout pages."""
    where = {name: query[name] for name in ("payment_intent", "subscription") if name in query}
    return _page(peer.of("checkout.session", **where), query)


def list_charges(peer, query):
    """List charges."""
    rows = peer.of("charge", payment_intent=query["payment_intent"])
    return _page([_expanded(peer, row, query) for row in rows], query)


def list_entries(peer, query):
    """List the balance."""
    rows = peer.of("balance_transaction", **({"payout": query["payout"]} if "payout" in query else {}))
    created = query.get("created", {})
    rows = [row for row in rows if int(created.get("gte", 0)) <= row["created"] < int(created.get("lt", 2**40))]
    return _page(rows, query)


def list_payments(peer, query):
    """List the payments of invoices."""
    return _page(peer.of("invoice_payment", _intent=query["payment"]["payment_intent"]), query)


def update_plan(peer, query, ref):
    """Change a plan."""
    plan = peer.get(ref)
    if "pause_collection" in query:
        pause = query["pause_collection"] or None
        if pause and "resumes_at" in pause:
            pause["resumes_at"] = int(pause["resumes_at"])
        plan["pause_collection"] = pause
    for item in query.get("items", []):
        price = item["price_data"]
        plan["items"]["data"][0]["price"] |= {**price, "unit_amount": int(price["unit_amount"])}
    if "default_payment_method" in query:
        plan["default_payment_method"] = query["default_payment_method"]
    peer.tell("customer.subscription.updated", plan)
    return plan


def end_plan(peer, query, ref):
    """End a plan."""
    plan = peer.get(ref)
    plan |= {"status": "canceled", "cancellation_details": {"reason": "cancellation_requested"}}
    peer.tell("customer.subscription.deleted", plan)
    return plan


def one(peer, query, ref):
    """Return one object."""
    row = peer.get(ref)
    return _expanded(peer, row, query) if row["object"] == "charge" else row


ROUTES = {
    ("POST", "checkout/sessions", 0): ("checkout.SessionCreateParams", create_session),
    ("GET", "checkout/sessions", 1): ("checkout.SessionRetrieveParams", one),
    ("GET", "checkout/sessions", 0): ("checkout.SessionListParams", list_sessions),
    ("GET", "charges", 1): ("ChargeRetrieveParams", one),
    ("GET", "charges", 0): ("ChargeListParams", list_charges),
    ("POST", "refunds", 0): ("RefundCreateParams", lambda p, q: p.refund(q["charge"], int(q["amount"]))),
    ("GET", "refunds", 1): ("RefundRetrieveParams", one),
    ("GET", "refunds", 0): ("RefundListParams", lambda p, q: _page(p.of("refund", charge=q["charge"]), q)),
    ("GET", "disputes", 1): ("DisputeRetrieveParams", one),
    ("GET", "disputes", 0): ("DisputeListParams", lambda p, q: _page(p.of("dispute", charge=q["charge"]), q)),
    ("GET", "subscriptions", 1): ("SubscriptionRetrieveParams", one),
    ("POST", "subscriptions", 1): ("SubscriptionUpdateParams", update_plan),
    ("DELETE", "subscriptions", 1): ("SubscriptionCancelParams", end_plan),
    ("GET", "invoices", 1): ("InvoiceRetrieveParams", one),
    ("GET", "invoices", 0): (
        "InvoiceListParams", lambda p, q: _page(p.of("invoice", subscription=q["subscription"], status=q["status"]), q)
    ),
    ("GET", "invoice_payments", 0): ("InvoicePaymentListParams", list_payments),
    ("GET", "setup_intents", 1): ("SetupIntentRetrieveParams", one),
    ("GET", "payouts", 1): ("PayoutRetrieveParams", one),
    ("GET", "balance_transactions", 0): ("BalanceTransactionListParams", list_entries),
}  # fmt: skip


def serve(peer):
    """Listen on the loopback and return (server, address)."""

    class Handler(BaseHTTPRequestHandler):
        def _do(self):
            length = int(self.headers.get("Content-Length") or 0)
            text = self.rfile.read(length).decode()
            status, body = peer.answer(self.command, self.path, text, self.headers.get("Idempotency-Key"))
            if peer.hang and self.command == "POST":
                peer.hang -= 1
                status, body = 500, {"error": {"type": "api_error", "message": "lost"}}
            data = json.dumps(body).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(data)))
            self.send_header("Stripe-Should-Retry", "false")
            self.end_headers()
            self.wfile.write(data)

        do_GET = do_POST = do_DELETE = _do  # noqa: N815 - the names that http.server looks for

        def log_message(self, *args):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server, f"http://127.0.0.1:{server.server_port}"

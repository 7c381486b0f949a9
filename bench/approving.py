"""An approval by hand: the mark that the product's is measured against, as statements alone and as a whole request.

It does what the product's does in the same order: the lock, the fence, what is judged, what is written. Where the product
says nothing about a column, neither does it.
"""

import hmac
import json
import sqlite3
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any, Final
from uuid import uuid4

from flask import Flask, abort, flash, redirect, request, session
from itsdangerous import BadSignature, URLSafeTimedSerializer

from bench.raw import RawSqlite
from bench.statements import LOGIN
from gigneo.core.db.locks import WriterLock
from gigneo.core.headers import hardened

LISTENERS: Final = (
    ("order_completed", "services"), ("order_completed", "disputes"), ("order_changed", "orders"), ("order_changed", "messages"),
)  # fmt: skip
"""Who is told of a completed order, and by which hook; one outbox row each."""
TIMERS: Final = ("remind", "complete")
"""What a delivered order would have done by itself."""
REVIEWS: Final = "open_reviews"
"""What a completed one does by itself, and how long after its end."""
REVIEWED_WITHIN: Final = timedelta(days=14)

_ORDER: Final = (
    "SELECT o.id, o.number, o.kind, o.state, o.version, o.employer_id, o.freelancer_id, o.started_at, o.on_time,"
    " EXISTS (SELECT 1 FROM orders_hold h WHERE h.order_id = o.id AND h.lifted_at IS NULL),"
    " EXISTS (SELECT 1 FROM orders_request r WHERE r.order_id = o.id AND r.state = 'open')"
    " FROM orders_order o WHERE "
)
_BY_ID, _BY_NUMBER = f"{_ORDER} o.id = ?", f"{_ORDER} o.number = ?"


class ByHand:
    """Approves by hand-written statements, under the product's writer lock and with its durability.

    Args:
        home: of the product.
    """

    def __init__(self, home: Path) -> None:
        self._lock = WriterLock(home / "writer.lock")
        self.db = sqlite3.connect(home / "gigneo.db", isolation_level=None, timeout=30, cached_statements=256)
        for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON"):
            self.db.execute(f"PRAGMA {pragma}")

    def approve(self, order_id: int, actor_id: int, version: int, form: tuple[str, str] | None = None) -> None:
        """Do what an approval does.

        Args:
            order_id: the order.
            actor_id: its employer.
            version: the order's version on the page.
            form: the key of the form that was posted, and the hash of its body; without one, the use case is called alone.

        Raises:
            ValueError: it is not possible.
        """
        run, at = self.db.execute, datetime.now(UTC).replace(tzinfo=None)
        now = f"{at:%Y-%m-%d %H:%M:%S.%f}"
        with self._lock.held():
            run("BEGIN IMMEDIATE")
            try:
                run("SELECT revision FROM site_state WHERE id = 1").fetchone()
                if form is not None and not self._claim(*form, actor_id, now):
                    raise ValueError("sent before")
                order = run(_BY_ID, (order_id,)).fetchone()
                _, number, kind, state, present, employer_id, freelancer_id, started_at, on_time, held, asked = order
                if state != "delivered" or employer_id != actor_id or version != present or held or asked or not started_at:
                    raise ValueError("not possible")
                self._release(order_id, actor_id, at, now)
                run(
                    "UPDATE orders_order SET state = 'completed', finished_at = ?, draft_at = NULL, review_until = NULL,"
                    " review_left_seconds = NULL, version = ? WHERE id = ?", (now, version + 1, order_id)
                )  # fmt: skip
                for timer in TIMERS:
                    run(
                        "DELETE FROM task WHERE key = ? AND state IN ('waiting', 'running')",
                        (f"orders.timer:{timer}:{order_id}",),
                    )
                payload = json.dumps({"order_id": order_id, "timer": REVIEWS})
                opens = f"{at + REVIEWED_WITHIN:%Y-%m-%d %H:%M:%S.%f}"
                self._task(f"orders.timer:{REVIEWS}:{order_id}", "orders.timer", payload, opens, "reviews", now)
                self._count(freelancer_id, on_time, now)
                run(
                    "INSERT INTO orders_activity (order_id, at, actor_id, kind, params, text, order_version)"
                    " VALUES (?, ?, ?, 'completed', '{}', '', ?)", (order_id, now, actor_id, version + 1)
                )  # fmt: skip
                values = {
                    "order_id": order_id, "number": number, "kind": kind, "employer_id": employer_id,
                    "freelancer_id": freelancer_id, "actor_id": actor_id, "at": {"$datetime": f"{at.isoformat()}+00:00"},
                    "completed_by": "employer",
                }  # fmt: skip
                fact, event = uuid4().hex, "gigneo.order_events:OrderCompleted"
                for hook, plugin in LISTENERS:
                    payload = json.dumps({"event": event, "values": values, "to": plugin, "hook": hook})
                    self._task(f"event:{hook}:{fact}:{plugin}", f"event:{hook}", payload, now, plugin, now)
                if form is not None:
                    run("UPDATE once_key SET result = ? WHERE key = ?", (number, form[0]))
                run("COMMIT")
            except BaseException:
                run("ROLLBACK")
                raise

    def _claim(self, key: str, body_hash: str, actor_id: int, now: str) -> bool:
        statement = (
            "INSERT INTO once_key (key, actor_id, body_hash, result, created_at) VALUES (?, ?, ?, '', ?) ON CONFLICT DO NOTHING"
        )
        return self.db.execute(statement, (key, actor_id, body_hash, now)).rowcount == 1

    def _release(self, order_id: int, actor_id: int, at: datetime, now: str) -> None:
        run, key = self.db.execute, f"order:{order_id}:order_released"
        price, fee, commission, currency, released_at, settled_at = run(
            "SELECT price_minor, employer_fee_minor, commission_minor, currency, released_at, settled_at"
            " FROM wallet_order_terms WHERE order_id = ?", (order_id,)
        ).fetchone()  # fmt: skip
        if released_at or settled_at or fee or run("SELECT id FROM wallet_transfer WHERE key = ?", (key,)).fetchone():
            raise ValueError("not possible")
        escrow, balance = run(
            "SELECT id, balance_minor FROM wallet_account WHERE order_id = ? AND kind = 'escrow' AND currency = ?",
            (order_id, currency),
        ).fetchone()
        (earned,) = run(
            "SELECT id FROM wallet_account WHERE kind = 'commission' AND currency = ?"
            " AND user_id IS NULL AND order_id IS NULL AND gateway IS NULL", (currency,)
        ).fetchone()  # fmt: skip
        clearing = run(
            "INSERT INTO wallet_account (kind, order_id, currency, balance_minor) VALUES ('clearing', ?, ?, 0)",
            (order_id, currency),
        ).lastrowid
        transfer = run(
            "INSERT INTO wallet_transfer (key, body_hash, kind, order_id, actor_id, memo, created_at)"
            " VALUES (?, ?, 'order_released', ?, ?, '', ?)",
            (key, sha256(f"{key}:{price}:{commission}".encode()).hexdigest(), order_id, actor_id, now),
        ).lastrowid
        if balance < price:
            raise ValueError("not enough")
        self.db.executemany(
            "INSERT INTO wallet_posting (transfer_id, debit_account_id, credit_account_id, amount_minor, created_at)"
            " VALUES (?, ?, ?, ?, ?)",
            [(transfer, escrow, clearing, price - commission, now), (transfer, escrow, earned, commission, now)],
        )
        self.db.executemany(
            "UPDATE wallet_account SET balance_minor = balance_minor + ? WHERE id = ?",
            [(-price, escrow), (price - commission, clearing)],
        )
        clears = f"{at + timedelta(days=3):%Y-%m-%d %H:%M:%S.%f}"
        run("UPDATE wallet_order_terms SET released_at = ?, clears_at = ? WHERE order_id = ?", (now, clears, order_id))
        self._task(f"wallet.clear:{order_id}", "wallet.clear", f'{{"order_id": {order_id}}}', clears, "wallet", now)

    def _count(self, freelancer_id: int, on_time: int | None, now: str) -> None:
        self.db.execute(
            "INSERT INTO orders_record (freelancer_id, finished, completed, cancelled, delivered, on_time, counted_at)"
            " VALUES (?, 1, 1, 0, ?, ?, ?) ON CONFLICT (freelancer_id) DO UPDATE SET finished = finished + 1,"
            " completed = completed + 1, delivered = delivered + excluded.delivered, on_time = on_time + excluded.on_time",
            (freelancer_id, int(on_time is not None), int(on_time or 0), now),
        )

    def _task(self, key: str, kind: str, payload: str, due_at: str, plugin: str, now: str) -> None:
        self.db.execute(
            "INSERT INTO task (key, kind, payload, due_at, attempts, state, plugin, created_at)"
            " VALUES (?, ?, ?, ?, 0, 'waiting', ?, ?)",
            (key, kind, payload, due_at, plugin, now),
        )


def make_approving(home: Path, hand: ByHand) -> Callable[..., Any]:
    """Build the request around it: log-in check, form token, the order for its party, and the way back with a message.

    Args:
        home: of the product, whose cookie it takes.
        hand: does the writing.
    """
    app, secret = Flask(__name__, static_folder=None), (home / "secret_key").read_text().strip()
    app.config.update(SECRET_KEY=secret, SESSION_COOKIE_NAME="gigneo", SESSION_COOKIE_SAMESITE="Lax")
    tokens, database = URLSafeTimedSerializer(secret, salt="wtf-csrf-token"), RawSqlite(str(home / "gigneo.db"))

    @app.post("/orders/<number>/approve")
    def approve(number: str) -> Any:
        now = datetime.now(UTC).replace(tzinfo=None)
        with database.page() as run:
            values = {
                "token_hash": sha256(session.get("_user_id", "").encode()).hexdigest(),
                "oldest": str(now - timedelta(days=30)),
                "idle_since": str(now - timedelta(days=14)),
                "place": f"/orders/{number}",
            }
            viewer = next(iter(run(LOGIN, values)), None) or abort(401)
            order = next(iter(run(_BY_NUMBER, (number,))), None)
        if order is None or viewer[0] not in (order[5], order[6]):
            abort(404)
        try:
            token = tokens.loads(request.form["csrf_token"])
        except BadSignature:
            abort(400)
        if not hmac.compare_digest(token, session["csrf_token"]):
            abort(400)
        form = request.form
        body = json.dumps({"action": "approve", "order": number, "version": form["version"]})
        try:
            hand.approve(order[0], viewer[0], int(form["version"]), (form["form_key"], sha256(body.encode()).hexdigest()))
        except ValueError:
            abort(409)
        flash("The delivery is approved, and the order is completed.", "success")
        answer = redirect(f"/orders/{number}/overview", 303)
        answer.headers.update({"X-Gigneo-Revision": "1", "X-Request-ID": uuid4().hex[:16], "Cache-Control": "no-store"})
        return answer

    def application(environ: dict[str, Any], start_response: Any) -> Any:
        return app.wsgi_app(environ, hardened(start_response, environ, https=False))

    return application

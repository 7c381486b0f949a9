"""A transition: an approval with everything that it writes, beside the same writes by hand; and how even its answers are.

One approval writes the order's state, an activity, a transfer with its postings and balances, the order's terms in the wallet,
the task that clears the money, and one outbox row per module that wants to know, in one transaction, flushed to the disk.
"""

import http.client
import json
import sqlite3
import statistics
import threading
import time
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any
from urllib.parse import urlencode
from uuid import uuid4

from sqlalchemy import text

from bench.measuring import log_in
from bench.rows import EMAIL, PASSWORD, Bench, Row
from gigneo.core.config import load_config
from gigneo.core.db.locks import WriterLock
from gigneo.core.requests import write
from gigneo.core.runtime import Runtime
from gigneo.testing.http import Person
from gigneo.testing.servers import Server

SAMPLE = 150
OVER_HTTP = 400
CONNECTIONS = 8
LISTENERS = ("orders", "disputes", "messages", "services")
"""Who is told of a completed order, one outbox row each."""


def measure(bench: Bench) -> Iterable[Row]:
    """Bring orders to the state before an approval, then approve them: the product, the hand-written one, and over HTTP."""
    runtime = Runtime(load_config(bench.home))
    try:
        stage = Stage(runtime)
        ours = [stage.delivered() for _ in range(SAMPLE)]
        by_hand = [stage.delivered() for _ in range(SAMPLE)]
        over_http = [stage.delivered() for _ in range(OVER_HTTP)]
        hand = ByHand(bench.home)
        product = Timed(lambda order: stage.approve(order[0]))
        limit = Timed(lambda order: hand.approve(order[0], stage.employer_id))
        for left, right in zip(ours, by_hand, strict=True):
            product(left)
            limit(right)
        hand.compare(ours[-1][0], by_hand[-1][0])
    finally:
        runtime.close()
    more = f"product {product.told()}, by hand {limit.told()}; same lock, synchronous=FULL"
    yield Row("transition ÷ written by hand", limit.cpu() / product.cpu(), at_least=0.35, more=more)
    yield Row("  by the clock on the wall, the disk in it", limit.wall() / product.wall())
    spent = _over_http(bench.home, over_http)
    low, high = statistics.median(spent), statistics.quantiles(spent, n=100)[98]
    yield Row(f"transition, p99 ÷ p50 at {CONNECTIONS} connections", high / low, at_most=4,
              more=f"p50 {low * 1e3:.1f} ms, p99 {high * 1e3:.1f} ms over HTTP")  # fmt: skip


class Timed:
    """Runs something, and keeps what each run spent.

    Args:
        run: does it.
    """

    def __init__(self, run: Callable[[tuple[int, str]], None]) -> None:
        self._run = run
        self._cpu: list[float] = []
        self._wall: list[float] = []

    def __call__(self, order: tuple[int, str]) -> None:
        """Run once."""
        cpu, wall = time.thread_time(), time.monotonic()
        self._run(order)
        self._cpu.append(time.thread_time() - cpu)
        self._wall.append(time.monotonic() - wall)

    def cpu(self) -> float:
        """Return the median of CPU seconds."""
        return statistics.median(self._cpu)

    def wall(self) -> float:
        """Return the median of seconds."""
        return statistics.median(self._wall)

    def told(self) -> str:
        """Say both."""
        return f"{self.cpu() * 1e3:.2f} CPU-ms, {self.wall() * 1e3:.2f} ms"


class Stage:
    """Sets orders up by the product's own use cases, without HTTP.

    Args:
        runtime: over the demo's home.
    """

    def __init__(self, runtime: Runtime) -> None:
        from gigneo.plugins.orders import api as orders
        from gigneo.plugins.services import api as services
        from gigneo.plugins.wallet import api as wallet

        self._app, self._orders, self._services = runtime.site.app, orders, services
        with runtime.read() as session:
            people = "SELECT id FROM account_user WHERE email = :email"
            self.employer_id: int = session.execute(text(people), {"email": EMAIL}).scalar_one()
            packages = (
                "SELECT p.id, s.freelancer_id FROM services_package p JOIN services_service s ON s.id = p.service_id "
                "WHERE s.freelancer_id != :employer AND p.price_minor < 20000 ORDER BY p.id"
            )
            self._package_id, self._freelancer_id = session.execute(text(packages), {"employer": self.employer_id}).first() or (
                0,
                0,
            )
        for _ in range(20):
            self._do(wallet.top_up, self.employer_id, 1_000_000, uuid4().hex)

    def delivered(self) -> tuple[int, str]:
        """Buy, pay and deliver; return the order's key and number."""
        bought = self._do(self._services.buy, self._package_id, self.employer_id)
        self._do(self._orders.deliver, bought.order_id, self._freelancer_id, final=True, description="Done.", uploads=[])
        return bought.order_id, bought.number

    def approve(self, order_id: int) -> None:
        """Approve by the product's use case, in its own transaction."""
        self._do(self._orders.approve, order_id, self.employer_id)

    def _do(self, use_case: Callable[..., Any], *given: Any, **named: Any) -> Any:
        with self._app.app_context(), write() as session:
            return use_case(session, *given, **named)


class ByHand:
    """Approves by hand-written statements, under the product's writer lock and with its durability.

    Args:
        home: of the product.
    """

    def __init__(self, home: Path) -> None:
        self._lock = WriterLock(home / "writer.lock")
        self._db = sqlite3.connect(home / "gigneo.db", isolation_level=None, timeout=30, cached_statements=256)
        for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON"):
            self._db.execute(f"PRAGMA {pragma}")

    def approve(self, order_id: int, actor_id: int) -> None:
        """Do what an approval does."""
        run, at = self._db.execute, datetime.now(UTC).replace(tzinfo=None)
        now = f"{at:%Y-%m-%d %H:%M:%S.%f}"
        with self._lock.held():
            run("BEGIN IMMEDIATE")
            try:
                run("SELECT revision FROM site_state WHERE id = 1").fetchone()
                order = run(
                    "SELECT o.number, o.kind, o.state, o.version, o.employer_id, o.freelancer_id, o.price_minor,"
                    " o.commission_minor, o.currency,"
                    " EXISTS (SELECT 1 FROM orders_hold h WHERE h.order_id = o.id AND h.lifted_at IS NULL)"
                    " FROM orders_order o WHERE o.id = ?", (order_id,)
                ).fetchone()  # fmt: skip
                number, kind, state, version, employer_id, freelancer_id, price, commission, currency, held = order
                if state != "delivered" or employer_id != actor_id or held:
                    raise ValueError("not possible")
                self._release(order_id, price, commission, currency, now, f"{at + timedelta(days=3):%Y-%m-%d %H:%M:%S.%f}")
                run(
                    "UPDATE orders_order SET state = 'completed', finished_at = ?, version = ? WHERE id = ?",
                    (now, version + 1, order_id),
                )
                run(
                    "INSERT INTO orders_activity (order_id, at, actor_id, kind, params, text, order_version)"
                    " VALUES (?, ?, ?, 'completed', '{}', '', ?)", (order_id, now, actor_id, version + 1)
                )  # fmt: skip
                values = {
                    "order_id": order_id, "number": number, "kind": kind, "employer_id": employer_id,
                    "freelancer_id": freelancer_id, "actor_id": actor_id, "at": {"$datetime": at.isoformat()},
                    "payout_minor": price - commission, "currency": currency,
                }  # fmt: skip
                payload, event = json.dumps({"event": "gigneo.hooks:OrderCompleted", "values": values}), uuid4().hex
                for plugin in LISTENERS:
                    self._task(f"event:order_completed:{event}:{plugin}", "event:order_completed", payload, now, plugin, now)
                run("COMMIT")
            except BaseException:
                run("ROLLBACK")
                raise

    def _release(self, order_id: int, price: int, commission: int, currency: str, now: str, clears: str) -> None:
        run, key = self._db.execute, f"order:{order_id}:order_released"
        if run("SELECT id FROM wallet_transfer WHERE key = ?", (key,)).fetchone():
            raise ValueError("released before")
        escrow, balance = run(
            "SELECT id, balance_minor FROM wallet_account WHERE order_id = ? AND kind = 'escrow' AND currency = ?",
            (order_id, currency),
        ).fetchone()
        (earned,) = run("SELECT id FROM wallet_account WHERE kind = 'commission' AND currency = ?", (currency,)).fetchone()
        clearing = run(
            "INSERT INTO wallet_account (kind, order_id, currency, balance_minor) VALUES ('clearing', ?, ?, 0)",
            (order_id, currency),
        ).lastrowid
        transfer = run(
            "INSERT INTO wallet_transfer (key, body_hash, kind, order_id, memo, created_at)"
            " VALUES (?, ?, 'order_released', ?, '', ?)",
            (key, sha256(f"{key}:{price}:{commission}".encode()).hexdigest(), order_id, now),
        ).lastrowid
        assert balance == price
        self._db.executemany(
            "INSERT INTO wallet_posting (transfer_id, debit_account_id, credit_account_id, amount_minor, created_at)"
            " VALUES (?, ?, ?, ?, ?)",
            [(transfer, escrow, clearing, price - commission, now), (transfer, escrow, earned, commission, now)],
        )
        self._db.executemany(
            "UPDATE wallet_account SET balance_minor = balance_minor + ? WHERE id = ?",
            [(-price, escrow), (price - commission, clearing)],
        )
        run("UPDATE wallet_order_terms SET released_at = ?, clears_at = ? WHERE order_id = ?", (now, clears, order_id))
        self._task(f"wallet.clear:{order_id}", "wallet.clear", f'{{"order_id": {order_id}}}', clears, "wallet", now)

    def _task(self, key: str, kind: str, payload: str, due_at: str, plugin: str, now: str) -> None:
        self._db.execute(
            "INSERT INTO task (key, kind, payload, due_at, attempts, state, plugin, created_at)"
            " VALUES (?, ?, ?, ?, 0, 'waiting', ?, ?)",
            (key, kind, payload, due_at, plugin, now),
        )

    def compare(self, ours: int, by_hand: int) -> None:
        """Make sure that both left the same number of rows in the same states.

        Raises:
            AssertionError: with the table.
        """
        for told, statement in WRITTEN.items():
            left, right = (
                self._db.execute(statement, {"id": order, "key": f'%"order_id": {order}%'}).fetchall()
                for order in (ours, by_hand)
            )
            assert left == right and left, f"{told}: the product left {left}, the hand {right}"


WRITTEN = {
    "the order": "SELECT state, version, finished_at IS NULL FROM orders_order WHERE id = :id",
    "its history": "SELECT kind, order_version FROM orders_activity WHERE order_id = :id ORDER BY id",
    "its money": "SELECT kind, balance_minor FROM wallet_account WHERE order_id = :id ORDER BY kind",
    "its postings": "SELECT t.kind, p.amount_minor FROM wallet_transfer t JOIN wallet_posting p ON p.transfer_id = t.id"
    " WHERE t.order_id = :id ORDER BY p.id",
    "its terms": "SELECT released_at IS NULL, clears_at IS NULL, settled_at IS NULL FROM wallet_order_terms WHERE order_id = :id",
    "its tasks": "SELECT kind, plugin, state FROM task WHERE payload LIKE :key ORDER BY kind, plugin",
}


def _over_http(home: Path, orders: Sequence[tuple[int, str]]) -> list[float]:
    """Approve over as many connections at once, each order once; return the seconds of each answer."""
    spent: list[float] = []
    failed: list[str] = []
    left = iter(list(orders))
    taking = threading.Lock()
    with sqlite3.connect(home / "gigneo.db") as db:
        versions = dict(db.execute("SELECT number, version FROM orders_order").fetchall())
    with Server(home, ("web",)) as server:
        cookie = log_in(server.port, EMAIL, PASSWORD)
        person = Person(server.port)
        person.cookies = dict([cookie.split("=", 1)])
        person.get(f"/orders/{orders[0][1]}/approve")
        token = person.fields["csrf_token"]

        def approve() -> None:
            connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=60)
            while not failed:
                with taking:
                    order = next(left, None)
                if order is None:
                    break
                form = urlencode({"csrf_token": token, "form_key": uuid4().hex, "version": versions[order[1]]})
                headers = {"Cookie": cookie, "Content-Type": "application/x-www-form-urlencoded"}
                headers["Referer"] = f"http://127.0.0.1:{server.port}/"
                started = time.monotonic()
                connection.request("POST", f"/orders/{order[1]}/approve", form, headers)
                answer = connection.getresponse()
                answer.read()
                spent.append(time.monotonic() - started)
                if answer.status != 303:
                    failed.append(f"An approval answered {answer.status}.")
            connection.close()

        threads = [threading.Thread(target=approve) for _ in range(CONNECTIONS)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    if failed:
        raise RuntimeError(failed[0])
    return spent

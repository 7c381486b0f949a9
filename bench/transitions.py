"""A transition: an approval with everything that it writes, beside the same writes by hand; and how even its answers are.

One approval writes the order's state, an activity, a transfer with its postings and balances, the order's terms in the wallet,
the freelancer's record, the task that clears the money, and one outbox row per module that wants to know, and takes the
order's timers back, in one transaction, flushed to the disk. It is measured twice, on both sides: the use case alone, and the
whole request, with the log-in check, the form token, the form key and the redirect, from WSGI to WSGI.
"""

import http.client
import io
import re
import sqlite3
import statistics
import threading
import time
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import urlencode
from uuid import uuid4

from sqlalchemy import text
from werkzeug.test import Client, EnvironBuilder
from werkzeug.wrappers import Response

from bench.approving import ByHand, make_approving
from bench.measuring import log_in
from bench.rows import EMAIL, PASSWORD, Bench, Row
from gigneo.core.config import load_config
from gigneo.core.dispatch import Dispatcher
from gigneo.core.requests import write
from gigneo.core.runtime import Runtime
from gigneo.testing.http import Person
from gigneo.testing.servers import Server

SAMPLE = 22
"""Approvals of each side, per round that is wanted."""
OVER_HTTP = 58
CONNECTIONS = 8
AIM = 0.35
DELIVERED = 3
"""The version of an order that was placed, paid and delivered."""


def measure(bench: Bench) -> Iterable[Row]:
    """Bring orders to the state before an approval, then approve them: the product, the hand-written one, and over HTTP."""
    runtime = Runtime(load_config(bench.home))
    try:
        dispatcher = Dispatcher(runtime)
        stage, hand = Stage(runtime), ByHand(bench.home)
        used = Timed(lambda order: partial(stage.approve, order[0]))
        written = Timed(lambda order: partial(hand.approve, order[0], stage.employer_id, DELIVERED))
        sample = SAMPLE * bench.wanted.rounds
        _alternate(stage, hand, used, written, sample)
        forms = Forms(dispatcher)
        posted, answered = (Timed(forms.to(each)) for each in (dispatcher, make_approving(bench.home, hand)))
        _alternate(stage, hand, posted, answered, sample)
        over_http = [stage.delivered() for _ in range(OVER_HTTP * bench.wanted.rounds)]
    finally:
        runtime.close()
    more = f"product {used.told()}, by hand {written.told()}; same lock, synchronous=FULL"
    yield Row("transition ÷ written by hand", written.cpu() / used.cpu(), at_least=AIM, more=more)
    yield Row("  by the clock on the wall, the disk in it", written.wall() / used.wall())
    more = f"product {posted.told()}, by hand {answered.told()}; both by Flask, log-in and form token checked"
    yield Row("the whole request ÷ written by hand", answered.cpu() / posted.cpu(), at_least=AIM, more=more)
    spent = _over_http(bench.home, over_http)
    low, high = statistics.median(spent), statistics.quantiles(spent, n=100)[98]
    yield Row(f"transition, p99 ÷ p50 at {CONNECTIONS} connections", high / low, at_most=4,
              more=f"p50 {low * 1e3:.1f} ms, p99 {high * 1e3:.1f} ms over HTTP")  # fmt: skip


def _alternate(stage: "Stage", hand: ByHand, product: "Timed", limit: "Timed", sample: int) -> None:
    """Approve so many orders by each side, in turns, and make sure that both wrote the same."""
    orders = [stage.delivered() for _ in range(2 * sample)]
    for left, right in zip(orders[::2], orders[1::2], strict=True):
        product(left)
        limit(right)
    compare(hand.db, orders[-2][0], orders[-1][0])


class Timed:
    """Runs something, and keeps what each run spent.

    Args:
        prepare: gives what is to be timed, for an order's key and number.
    """

    def __init__(self, prepare: Callable[[tuple[int, str]], Callable[[], None]]) -> None:
        self._prepare = prepare
        self._cpu: list[float] = []
        self._wall: list[float] = []

    def __call__(self, order: tuple[int, str]) -> None:
        """Run once."""
        run = self._prepare(order)
        cpu, wall = time.thread_time(), time.monotonic()
        run()
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
        self._do(self._orders.approve, order_id, self.employer_id, version=DELIVERED)

    def _do(self, use_case: Callable[..., Any], *given: Any, **named: Any) -> Any:
        with self._app.app_context(), write() as session:
            return use_case(session, *given, **named)


class Forms:
    """Posts the form of an approval, prepared outside of what is timed.

    Args:
        product: gives the log-in, and with it a form token, which both sides take.
    """

    def __init__(self, product: Callable[..., Any]) -> None:
        client = Client(product, Response)
        form = {"email": EMAIL, "password": PASSWORD, "csrf_token": self._token(client.get("/login").text)}
        client.post("/login", data=form, headers={"Referer": "http://localhost/"})
        self._csrf_token = self._token(client.get("/account").text)
        cookie = client.get_cookie("gigneo")
        assert cookie is not None, "The log-in of the demo's employer failed."
        self._headers = {"Cookie": f"gigneo={cookie.value}", "Referer": "http://localhost/"}

    def to(self, application: Callable[..., Any]) -> Callable[[tuple[int, str]], Callable[[], None]]:
        """Return what prepares the request of an order, and gives what sends it to an application."""

        def prepare(order: tuple[int, str]) -> Callable[[], None]:
            form = urlencode({"csrf_token": self._csrf_token, "form_key": uuid4().hex, "version": DELIVERED})
            kind = "application/x-www-form-urlencoded"
            path = f"/orders/{order[1]}/approve"
            environ = EnvironBuilder(path, method="POST", data=form, content_type=kind, headers=self._headers).get_environ()
            environ["wsgi.input"] = io.BytesIO(form.encode())
            return partial(self._send, application, environ)

        return prepare

    @staticmethod
    def _send(application: Callable[..., Any], environ: dict[str, Any]) -> None:
        found: list[tuple[str, dict[str, str]]] = []
        answer = application(environ, lambda status, headers, *_more: found.append((status, dict(headers))))
        b"".join(answer)
        answer.close()
        ((status, headers),) = found
        assert status.startswith("303") and headers["Location"].endswith("/overview") and "Set-Cookie" in headers, found

    @staticmethod
    def _token(page: str) -> str:
        found = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page)
        assert found is not None, "The page has no form."
        return found[1]


def compare(db: sqlite3.Connection, ours: int, by_hand: int) -> None:
    """Make sure that both sides left the same rows.

    Raises:
        AssertionError: with the table.
    """
    for told, statement in WRITTEN.items():
        left, right = (
            db.execute(statement, {"id": order, "key": f'%"order_id": {order}%'}).fetchall() for order in (ours, by_hand)
        )
        assert left == right and left, f"{told}: the product left {left}, the hand {right}"
    ended, counted = (db.execute(statement).fetchall() for statement in COUNTED)
    assert ended == counted, f"records: {ended} orders ended, and {counted} are counted"


WRITTEN = {
    "the order": "SELECT state, version, finished_at IS NULL, draft_at, review_until, review_left_seconds"
    " FROM orders_order WHERE id = :id",
    "its history": "SELECT kind, actor_id, params, text, order_version FROM orders_activity WHERE order_id = :id ORDER BY id",
    "its money": "SELECT kind, balance_minor FROM wallet_account WHERE order_id = :id ORDER BY kind",
    "its postings": "SELECT t.kind, t.actor_id, p.amount_minor FROM wallet_transfer t JOIN wallet_posting p"
    " ON p.transfer_id = t.id WHERE t.order_id = :id ORDER BY p.id",
    "its terms": "SELECT released_at IS NULL, clears_at IS NULL, settled_at IS NULL FROM wallet_order_terms WHERE order_id = :id",
    "its tasks": "SELECT kind, plugin, state, length(payload) - length(CAST(:id AS TEXT)) FROM task WHERE payload LIKE :key"
    " AND plugin != 'jobs' ORDER BY kind, plugin",
    "its form": "SELECT count(*), max(result = (SELECT number FROM orders_order WHERE id = :id)) FROM once_key"
    " WHERE result = (SELECT number FROM orders_order WHERE id = :id)",
}
COUNTED = (
    "SELECT freelancer_id, count(*), sum(state = 'completed'), sum(on_time IS NOT NULL), coalesce(sum(on_time), 0)"
    " FROM orders_order WHERE finished_at IS NOT NULL AND started_at IS NOT NULL GROUP BY 1 ORDER BY 1",
    "SELECT freelancer_id, finished, completed, delivered, on_time FROM orders_record ORDER BY 1",
)
"""Every freelancer's record, counted anew, and as both sides have kept it."""


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

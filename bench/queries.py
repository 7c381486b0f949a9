"""The demo served in this process: how many statements a page executes, the log-in's among them."""

import gc
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from threading import get_ident
from typing import Any

from sqlalchemy import event, text
from werkzeug.test import Client, EnvironBuilder, TestResponse

from bench.pages import LIST, ORDER
from bench.rows import EMAIL, Bench, Row
from gigneo.core.accounts.sessions import new_login
from gigneo.core.config import load_config
from gigneo.core.dispatch import Dispatcher
from gigneo.core.memory import settle
from gigneo.core.runtime import Runtime

TRANSACTIONS = ("BEGIN", "ROLLBACK")


def measure(bench: Bench) -> Iterable[Row]:
    """Count on both pages."""
    with inside(bench) as here:
        for label, path, most in (("order page", f"/orders/{here.number}/overview", 8), ("order list", LIST, None)):
            here.count(path)
            answer, statements = here.count(path)
            assert answer.status_code == 200
            yield Row(f"queries of the {label}", statements, at_most=most)


@dataclass(frozen=True)
class Inside:
    """The demo, served in this process with its employer logged in.

    Attributes:
        number: of an order.
        dispatcher: the WSGI callable.
        client: the employer's browser.
        heard: what was executed so far: thread and statement.
    """

    number: str
    dispatcher: Dispatcher
    client: Client
    heard: list[tuple[int, str]]

    def count(self, path: str, headers: Mapping[str, str] | None = None) -> tuple[TestResponse, int]:
        """Ask for an address; return the answer, and how many statements this thread executed for it."""
        self.heard.clear()
        answer = self.client.get(path, headers=headers)
        return answer, sum(thread == get_ident() and not said.startswith(TRANSACTIONS) for thread, said in self.heard)

    def cpu_seconds(self, path: str, headers: Mapping[str, str] | None = None, status: str = "200 OK") -> float:
        """Ask for an address that answers with a status; return the CPU time of this thread, WSGI to WSGI."""
        told: list[str] = []
        environ = EnvironBuilder(path=path, headers=headers).get_environ()
        environ["HTTP_COOKIE"] = f"gigneo={self.client.get_cookie('gigneo').value}"  # type: ignore[union-attr]
        began = time.thread_time()
        answer = self.dispatcher(environ, lambda told_status, _headers, _error=None: told.append(told_status))
        b"".join(answer)
        if hasattr(answer, "close"):
            answer.close()
        seconds = time.thread_time() - began
        assert told == [status], told
        return seconds


@contextmanager
def inside(bench: Bench, *, listening: bool = True) -> Iterator[Inside]:
    """Serve the demo in this process.

    Args:
        bench: the context.
        listening: whether statements are heard; while they are, all go through SQLAlchemy, which takes time.
    """
    runtime = Runtime(load_config(bench.home))
    heard: list[tuple[int, str]] = []
    try:
        dispatcher = Dispatcher(runtime)
        client = _logged_in(runtime, dispatcher)
        thresholds = gc.get_threshold()
        settle()
        with runtime.read() as session:
            number = session.execute(text(ORDER)).scalar_one()
        if listening:
            event.listen(runtime.engines.read, "before_cursor_execute", lambda *told: heard.append((get_ident(), told[2])))
        client.get(f"/orders/{number}/overview")  # the cookie has a form token from now on
        yield Inside(number, dispatcher, client, heard)
        gc.set_threshold(*thresholds)
    finally:
        runtime.close()


def _logged_in(runtime: Runtime, dispatcher: Dispatcher) -> Client:
    """Open a log-in of the demo's employer, without the form."""
    app = dispatcher.site.app
    with runtime.write() as session:
        user_id = session.execute(text("SELECT id FROM account_user WHERE email = :email"), {"email": EMAIL}).scalar_one()
        token, row = new_login(user_id, runtime.clock.now(), "bench", "")
        session.add(row)
    values: dict[str, Any] = {"_user_id": token, "_permanent": True}
    client = Client(dispatcher)
    client.set_cookie("gigneo", str(app.session_interface.get_signing_serializer(app).dumps(values)))  # type: ignore[attr-defined]
    return client

"""How many statements a page executes, the log-in's among them."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from threading import get_ident
from typing import Any

from sqlalchemy import event, text
from werkzeug.test import Client, TestResponse

from bench.pages import LIST, ORDER
from bench.rows import EMAIL, Bench, Row
from gigneo.core.accounts.sessions import new_login
from gigneo.core.config import load_config
from gigneo.core.dispatch import Dispatcher
from gigneo.core.runtime import Runtime

TRANSACTIONS = ("BEGIN", "ROLLBACK")


def measure(bench: Bench) -> Iterable[Row]:
    """Count on both pages."""
    with counting(bench) as (number, count):
        for label, path, most in (("order page", f"/orders/{number}/overview", 8), ("order list", LIST, None)):
            count(path)
            answer, statements = count(path)
            assert answer.status_code == 200
            yield Row(f"queries of the {label}", statements, at_most=most)


Count = Callable[..., tuple[TestResponse, int]]


@contextmanager
def counting(bench: Bench) -> Iterator[tuple[str, Count]]:
    """Serve the demo in this process, with its employer logged in.

    Yields:
        The number of an order, and a function that asks for an address, with headers by name, and returns the answer and how
        many statements this thread executed for it.
    """
    runtime = Runtime(load_config(bench.home))
    heard: list[tuple[int, str]] = []
    try:
        client = _logged_in(runtime, Dispatcher(runtime))
        with runtime.read() as session:
            number = session.execute(text(ORDER)).scalar_one()
        event.listen(runtime.engines.read, "before_cursor_execute", lambda *told: heard.append((get_ident(), told[2])))

        def count(path: str, headers: Mapping[str, str] | None = None) -> tuple[TestResponse, int]:
            heard.clear()
            answer = client.get(path, headers=headers)
            return answer, sum(thread == get_ident() and not said.startswith(TRANSACTIONS) for thread, said in heard)

        yield number, count
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

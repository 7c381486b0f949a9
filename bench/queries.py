"""How many statements a page executes, the log-in's among them."""

from collections.abc import Iterable
from typing import Any

from sqlalchemy import event, text
from werkzeug.test import Client

from bench.pages import LIST, ORDER
from bench.rows import EMAIL, Bench, Row
from gigneo.core.accounts.sessions import new_login
from gigneo.core.config import load_config
from gigneo.core.dispatch import Dispatcher
from gigneo.core.runtime import Runtime

TRANSACTIONS = ("BEGIN", "ROLLBACK")


def measure(bench: Bench) -> Iterable[Row]:
    """Count on both pages."""
    runtime = Runtime(load_config(bench.home))
    try:
        dispatcher = Dispatcher(runtime)
        client = logged_in(runtime, dispatcher)
        with runtime.read() as session:
            number = session.execute(text(ORDER)).scalar_one()
        heard: list[str] = []
        event.listen(runtime.engines.read, "before_cursor_execute", lambda *told: heard.append(told[2]))
        for label, path, most in (("order page", f"/orders/{number}/overview", 8), ("order list", LIST, None)):
            client.get(path)
            heard.clear()
            assert client.get(path).status_code == 200
            count = sum(not said.startswith(TRANSACTIONS) for said in heard)
            yield Row(f"queries of the {label}", count, at_most=most)
    finally:
        runtime.close()


def logged_in(runtime: Runtime, dispatcher: Dispatcher) -> Client:
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

"""The marks that the product is measured against, in one Flask application behind the product's own server.

- **The limit**: Flask, Jinja2 templates of its own, rows of the raw driver, lean cached helpers; a page as a good hand would
  write it for speed. Below ``/``.
- **The bare mark**: the same page from f-strings, with the frame cut from the product's answer; no template engine, and
  nothing in which anybody would want to change a page. Below ``/bare`` (SQLite only).

Both do the same log-in check, use the same threads, send the same headers and a valid form token. What they leave out is what the
product is for: modules, themes, translations, states and roles other than the ones on the page. Run by ``python -m bench``.
"""

import json
import os
import secrets
import sys
from collections import namedtuple
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from hashlib import sha256
from pathlib import Path
from typing import Any

from flask import Flask, Response, abort, render_template, session
from itsdangerous import URLSafeTimedSerializer
from markupsafe import Markup

from bench import limit_pages, words
from bench.bare_list import order_list
from bench.bare_order import order_page
from bench.frame import Frame
from bench.raw import Raw, RawPostgres, RawSqlite
from bench.statements import LOGIN
from gigneo.core.dispatch import TURN_SECONDS
from gigneo.core.headers import hardened
from gigneo.core.turns import Turns

HOME = "BENCH_HOME"
FRAME = "BENCH_FRAME"
THREADS = "BENCH_THREADS"
DATABASE = "BENCH_DATABASE"
IN_TURNS = "/in-turns"
"""Below this path the same pages are made one at a time, as the product's are on SQLite."""
MENU = (
    ("/dashboard", "home", "Home"), ("/dashboard/orders/services", "box", "Orders"), ("/dashboard/jobs", "case", "Jobs"),
    ("/wallet", "wallet", "Wallet"),
)  # fmt: skip
LISTED = "/dashboard/orders"
"""The part of the site that the list belongs to, for the bell."""
Viewer = namedtuple(
    "Viewer", "id name email locale time_zone session_id authenticated_at last_seen_at roles granted denied unread here"
)


def make_limit(secret: str, frame: Frame, database: Raw) -> Flask:
    """Build the application.

    Args:
        secret: the product's, which signed the cookie.
        frame: cut from the product's answer.
        database: the product's, past all libraries.
    """
    app = Flask(__name__, static_folder=None)
    app.config.update(SECRET_KEY=secret, SESSION_COOKIE_NAME="gigneo", SESSION_REFRESH_EACH_REQUEST=False)
    app.jinja_options = {"trim_blocks": True, "lstrip_blocks": True}
    app.jinja_env.globals.update(
        files=frame.files, menu=MENU, icon=_marked(lambda name: words.icon(frame.sprite, name)), avatar=_marked(words.avatar)
    )
    app.jinja_env.filters.update(
        money=words.money, several=words.several, size=words.size, span=words.span, prose=words.prose,
        day=_marked(lambda stored: words.moment(stored).day), exact=_marked(lambda stored: words.moment(stored).exact),
    )  # fmt: skip
    tokens = URLSafeTimedSerializer(secret, salt="wtf-csrf-token")

    def person(run: limit_pages.Run, place: str) -> Viewer:
        now = datetime.now(UTC).replace(tzinfo=None)
        values = {
            "token_hash": sha256(session.get("_user_id", "").encode()).hexdigest(),
            "oldest": str(now - timedelta(days=30)),
            "idle_since": str(now - timedelta(days=14)),
            "place": place,
        }
        found = next(iter(run(LOGIN, values)), None)
        return Viewer._make(found or abort(401))

    def answer(text: str) -> Response:
        headers = {"X-Gigneo-Revision": "1", "X-Request-ID": secrets.token_hex(8), "Cache-Control": "no-store", "Vary": "Cookie"}
        return Response(text, headers=headers, content_type="text/html; charset=utf-8")

    def token() -> str:
        return str(tokens.dumps(session["csrf_token"]))

    @app.get("/orders/<number>/overview")
    def order(number: str) -> Response:
        with database.page() as run:
            viewer = person(run, place := f"/orders/{number}")
            page = limit_pages.order_page(run, number, viewer.id) or abort(404)
        return answer(render_template("order.html", viewer=viewer, place=place, token=token(), **page))

    @app.get("/dashboard/orders/services")
    def orders() -> Response:
        with database.page() as run:
            viewer = person(run, LISTED)
            page = limit_pages.order_list(run, viewer.id)
        return answer(render_template("list.html", viewer=viewer, place=LISTED, token=token(), **page))

    def framed(viewer: Viewer, place: str, title: str, main: str) -> Response:
        signed = token()
        bell = words.bell(frame.sprite, viewer.unread)
        if viewer.here:
            bell += words.seen(frame.files["seen"], signed, place, viewer.here)
        given = {"title": title, "token": signed, "avatar": words.avatar(viewer.name), "bell": bell}
        before = frame.before % {**given, "name": words.text(viewer.name), "email": words.text(viewer.email)}
        return answer(f"{before}{main}{frame.after}")

    @app.get("/bare/orders/<number>/overview")
    def bare_order(number: str) -> Response:
        assert isinstance(database, RawSqlite)
        with database.page() as run:
            viewer = person(run, place := f"/orders/{number}")
            title, main = order_page(database.connection(), number, viewer.id, frame.sprite) or abort(404)
        return framed(viewer, place, title, main)

    @app.get("/bare/dashboard/orders/services")
    def bare_orders() -> Response:
        assert isinstance(database, RawSqlite)
        with database.page() as run:
            viewer = person(run, LISTED)
            title, main = order_list(database.connection(), viewer.id, frame.sprite)
        return framed(viewer, LISTED, title, main)

    @app.get("/readyz")
    def ready() -> str:
        return "ready"

    return app


def _marked(make: Any) -> Any:
    """Keep what a helper made, as markup."""
    return lru_cache(maxsize=4096)(lambda *given: Markup(make(*given)))


def load() -> Any:
    """Return the WSGI callable, inside the server's worker."""
    frame = Frame(**json.loads(Path(os.environ[FRAME]).read_text(encoding="utf-8")))
    home, url = Path(os.environ[HOME]), os.environ.get(DATABASE)
    database = RawPostgres(url) if url else RawSqlite(str(home / "gigneo.db"))
    app = make_limit((home / "secret_key").read_text().strip(), frame, database)

    turns = Turns(int(os.environ[THREADS]), TURN_SECONDS)

    def application(environ: dict[str, Any], start_response: Any) -> Any:
        start = hardened(start_response, environ, https=False)
        if not environ["PATH_INFO"].startswith(IN_TURNS):
            return app.wsgi_app(environ, start)
        environ["PATH_INFO"] = environ["PATH_INFO"].removeprefix(IN_TURNS)
        has_turn = turns.begin(in_turn=True)
        try:
            return app.wsgi_app(environ, start)
        finally:
            turns.end(has_turn)

    return application


def main() -> int:
    """Serve it as ``gigneo web`` serves the product."""
    from granian import Granian
    from granian.constants import Interfaces
    from granian.log import LogLevels

    server = Granian(
        target="bench.limit:application",
        address="127.0.0.1",
        port=int(os.environ["PORT"]),
        interface=Interfaces.WSGI,
        workers=1,
        blocking_threads=int(os.environ[THREADS]),
        log_level=LogLevels.warning,
        websockets=False,
    )
    server.serve(target_loader=load, wrap_loader=False)
    return 0


if __name__ == "__main__":
    sys.exit(main())

"""The limit: a Flask application on raw sqlite3, as fast as one would write it by hand, that emits the product's own HTML.

The statements, the log-in check and the inside of ``<main>`` are written by hand. The frame around it (bar, menus, scripts) is
cut from the product's answer when the bench starts; who is logged in, the title and the token are filled in per request.
Same server, same threads, same cookie, same form token, same headers. What it leaves out is what the product is for: modules,
themes, translations, states and roles other than the ones on the page. Run by ``python -m bench``.
"""

import json
import os
import secrets
import sqlite3
import sys
import threading
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

from flask import Flask, Response, abort, session
from itsdangerous import URLSafeTimedSerializer

from bench.frame import Frame
from bench.order_list import order_list
from bench.order_page import order_page
from bench.words import avatar, text
from gigneo.core.headers import hardened

HOME = "BENCH_HOME"
FRAME = "BENCH_FRAME"
THREADS = "BENCH_THREADS"

LOGIN = """
SELECT u.id, u.name, u.email, u.locale, u.time_zone, s.id, s.authenticated_at, s.last_seen_at,
  (SELECT group_concat(r.name, ',') FROM account_user_role h JOIN account_role r ON r.id = h.role_id WHERE h.user_id = u.id),
  (SELECT group_concat(CASE WHEN g.allowed = 1 THEN g.permission END, ',') FROM account_grant g WHERE g.user_id = u.id),
  (SELECT group_concat(CASE WHEN g.allowed = 0 THEN g.permission END, ',') FROM account_grant g WHERE g.user_id = u.id)
FROM account_session s JOIN account_user u ON u.id = s.user_id
WHERE s.token_hash = ? AND s.revoked_at IS NULL AND s.created_at > ? AND s.last_seen_at > ? AND u.active = 1
"""


def make_limit(home: Path, frame: Frame) -> Flask:
    """Build the application.

    Args:
        home: of the product; its database is read, its secret signs the cookie.
        frame: cut from the product's answer.
    """
    app = Flask(__name__, static_folder=None, template_folder=None)
    app.config.update(SECRET_KEY=(home / "secret_key").read_text().strip(), SESSION_COOKIE_NAME="gigneo")
    app.config.update(SESSION_REFRESH_EACH_REQUEST=False)
    tokens = URLSafeTimedSerializer(app.secret_key, salt="wtf-csrf-token")
    local = threading.local()

    def database() -> sqlite3.Connection:
        db: sqlite3.Connection | None = getattr(local, "db", None)
        if db is None:
            db = local.db = sqlite3.connect(home / "gigneo.db", isolation_level=None, timeout=30, cached_statements=256)
            for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "query_only=ON"):
                db.execute(f"PRAGMA {pragma}")
        return db

    def person(db: sqlite3.Connection) -> Any:
        now = datetime.now(UTC).replace(tzinfo=None)
        found = db.execute(
            LOGIN,
            (
                sha256(session.get("_user_id", "").encode()).hexdigest(),
                str(now - timedelta(days=30)),
                str(now - timedelta(days=14)),
            ),
        ).fetchone()
        return found or abort(401)

    def answer(viewer: Any, title: str, main: str) -> Response:
        before = frame.before % {
            "title": title,
            "token": tokens.dumps(session["csrf_token"]),
            "avatar": avatar(viewer[1]),
            "name": text(viewer[1]),
            "email": text(viewer[2]),
        }
        return Response(
            f"{before}{main}{frame.after}",
            headers={
                "X-Gigneo-Revision": "1",
                "X-Request-ID": secrets.token_hex(8),
                "Cache-Control": "no-store",
                "Vary": "Cookie",
            },
            content_type="text/html; charset=utf-8",
        )

    @app.get("/orders/<number>/overview")
    def page(number: str) -> Response:
        db = database()
        db.execute("BEGIN")
        try:
            viewer = person(db)
            title, main = order_page(db, number, viewer[0], frame.sprite) or abort(404)
        finally:
            db.execute("ROLLBACK")
        return answer(viewer, title, main)

    @app.get("/dashboard/orders/services")
    def listed() -> Response:
        db = database()
        db.execute("BEGIN")
        try:
            viewer = person(db)
            title, main = order_list(db, viewer[0], frame.sprite)
        finally:
            db.execute("ROLLBACK")
        return answer(viewer, title, main)

    @app.get("/readyz")
    def ready() -> str:
        return "ready"

    return app


def load() -> Any:
    """Return the WSGI callable, inside the server's worker."""
    frame = Frame(**json.loads(Path(os.environ[FRAME]).read_text(encoding="utf-8")))
    app = make_limit(Path(os.environ[HOME]), frame)

    def application(environ: dict[str, Any], start_response: Any) -> Any:
        return app.wsgi_app(environ, hardened(start_response, environ, https=False))

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

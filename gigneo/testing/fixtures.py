"""pytest fixtures for the marketplace and for module authors: ``pytest_plugins = ["gigneo.testing.fixtures"]``.

They give real things: a migrated database, a Runtime whose clock can be moved, a site behind its dispatcher, people who
log in through the form.
"""

import contextlib
import os
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text
from werkzeug.test import Client, TestResponse

from gigneo.core.accounts.admin import create_user
from gigneo.core.clock import MovableClock
from gigneo.core.config import load_config
from gigneo.core.dispatch import Dispatcher
from gigneo.core.modules.discovery import discover
from gigneo.core.modules.graph import resolve
from gigneo.core.modules.lifecycle import enable_defaults
from gigneo.core.runtime import Runtime
from gigneo.core.tasks.loop import TaskLoop
from gigneo.testing.databases import postgres_database, sqlite_database
from gigneo.testing.endings import end
from gigneo.testing.thrift import cheap_passwords as cheap_passwords
from gigneo.testing.thrift import real_passwords as real_passwords

PASSWORD = "a-long-enough-pass-phrase"
_TOKEN = re.compile(r'name="(csrf_token|form_key|version)"[^>]*value="([^"]*)"')


def pytest_unconfigure() -> None:
    """Clear away what the tests made for all of them together."""
    end()


@pytest.fixture(params=["sqlite"])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """A database of its own, with the modules of a new site switched on.

    SQLite, or what ``@pytest.mark.parametrize("database", …, indirect=True)`` says.
    """
    owners = tuple(bundled_migrations())
    if request.param == "sqlite":
        yield sqlite_database(tmp_path, owners, switch_on_defaults)
    else:
        with postgres_database(owners, switch_on_defaults, durable=False) as url:
            yield url


def switch_on_defaults(url: str, home: Path) -> None:
    """Switch on the modules that a new site has, in the database that all others of this process are copied from."""
    runtime = Runtime(load_config(environ={"GIGNEO_HOME": str(home), "GIGNEO_DATABASE__URL": url, "GIGNEO_LOG__LEVEL": "error"}))
    enable_defaults(runtime)
    runtime.close()


both_databases = pytest.mark.parametrize("database", ["sqlite", "postgresql"], indirect=True)
"""Run a test on SQLite and on PostgreSQL."""


def bundled_migrations() -> list[tuple[str, Path]]:
    """Return the migrations of the modules that Gigneo ships, in the order of their requirements."""
    manifests = {name: manifest for name, manifest in discover().manifests.items() if manifest.bundled}
    order = resolve(manifests, set(manifests)).order
    return [(name, manifests[name].path / "migrations") for name in order]


@pytest.fixture
def runtime(database: str, tmp_path: Path) -> Iterator[Runtime]:
    """A Runtime on a database of its own, with the modules that a new site has, and a clock that can be moved."""
    environment = {
        "GIGNEO_HOME": str(tmp_path),
        "GIGNEO_DATABASE__URL": database,
        "GIGNEO_MODULES__POLL_SECONDS": "2",
        "GIGNEO_LOG__LEVEL": os.environ.get("GIGNEO_LOG__LEVEL", "error"),
    }
    ground = Runtime(load_config(environ=environment), MovableClock())
    try:
        yield ground
    finally:
        ground.close()


@pytest.fixture
def dispatcher(runtime: Runtime) -> Dispatcher:
    """The WSGI callable that a server would run."""
    return Dispatcher(runtime)


class Browser(Client):
    """A person's browser without the window: keeps cookies, sends the hidden fields of the page that it saw last."""

    def __init__(self, application: Any) -> None:
        super().__init__(application)
        self.fields: dict[str, str] = {}

    def open(self, *arguments: Any, **options: Any) -> TestResponse:
        """Ask for a page, and remember the hidden fields of its form."""
        answer = super().open(*arguments, **options)
        if answer.mimetype == "text/html":
            self.fields.update(dict(_TOKEN.findall(answer.text)))
        return answer

    def submit(self, url: str, data: dict[str, Any] | None = None, *, page: str | None = None, **options: Any) -> TestResponse:
        """Post a form the way that a person would: from its page, with its hidden fields.

        Args:
            url: where the form is posted.
            data: what was typed.
            page: the page that shows the form, when it is another address.
            options: for werkzeug's client, as in ``follow_redirects``.
        """
        if page is not None:
            self.get(page)
        return self.post(url, data={**self.fields, **(data or {})}, **options)

    def log_in(self, email: str, password: str = PASSWORD) -> "Browser":
        """Log in through the form."""
        answer = self.submit("/login", {"email": email, "password": password}, page="/login")
        assert answer.status_code in {302, 303}, f"log-in of {email} failed: {answer.status_code}\n{answer.text[:2000]}"
        return self


@dataclass(frozen=True)
class Someone:
    """A person of a test.

    Attributes:
        id: the key in the database.
        email: to log in with; the password is ``PASSWORD``.
        browser: logged in.
    """

    id: int
    email: str
    browser: Browser


@pytest.fixture
def anonymous(dispatcher: Dispatcher) -> Browser:
    """A browser that nobody is logged in with."""
    return Browser(dispatcher)


@pytest.fixture
def people(runtime: Runtime, dispatcher: Dispatcher) -> Callable[..., Someone]:
    """Make people: ``people("employer")``, ``people("administrator", name="ada")``; each is logged in."""

    def make(*roles: str, name: str | None = None) -> Someone:
        name = name or roles[0]
        email = f"{name}@people.example"
        user_id = create_user(runtime, email, name.title(), PASSWORD, roles)
        return Someone(int(user_id), email, Browser(dispatcher).log_in(email))

    return make


@pytest.fixture
def run_tasks(runtime: Runtime, dispatcher: Dispatcher) -> Callable[[], int]:
    """Run whatever is due by the Runtime's clock, here and now."""
    return lambda: TaskLoop(runtime).run_due(10_000)


@pytest.fixture
def fingerprint(runtime: Runtime) -> Callable[[], dict[str, Any]]:
    """Give the content of every table, so that a test can say: nothing was changed."""

    def read_all() -> dict[str, Any]:
        with runtime.read() as session:
            tables = _table_names(session, runtime.engines.is_sqlite)
            return {
                name: sorted(map(str, session.execute(text(f'SELECT * FROM "{name}"')).all()))  # noqa: S608
                for name in tables
                if name not in {"account_session", "sqlite_sequence"}
            }

    return read_all


def _table_names(session: Any, is_sqlite: bool) -> list[str]:
    source = (
        "SELECT name FROM sqlite_master WHERE type = 'table'"
        if is_sqlite
        else "SELECT tablename FROM pg_tables WHERE schemaname = 'public'"
    )
    return sorted(session.execute(text(source)).scalars())


@pytest.fixture
def app_context(dispatcher: Dispatcher) -> Iterator[None]:
    """The present site's application context, for calling use cases and queries directly."""
    with contextlib.ExitStack() as stack:
        stack.enter_context(dispatcher.site.app.app_context())
        yield

"""The real site on a real, migrated database, and browsers that fill in its forms."""

import email
import email.policy
import re
from collections.abc import Callable, Iterator
from email.message import EmailMessage
from html import unescape
from types import SimpleNamespace
from typing import Any

import pytest
from flask import Blueprint, request
from werkzeug.test import Client, TestResponse

import gigneo.core.app
from gigneo.core.access import permission, signed_in
from gigneo.core.accounts.admin import create_user
from gigneo.core.clock import MovableClock
from gigneo.core.config import load_config
from gigneo.core.dispatch import Dispatcher
from gigneo.core.runtime import Runtime
from gigneo.core.tasks.loop import TaskLoop
from gigneo.testing.databases import postgres_database, sqlite_database

PASSWORD = "a long pass phrase"

views = Blueprint("tests", __name__)


@views.get("/admin/things")
@permission("settings.manage")
def things() -> str:
    return "things"


@views.route("/danger", methods=["GET", "POST"])
@signed_in(fresh=True)
def danger() -> str:
    return f"did it with {request.form.get('reason')!r} and {request.form.getlist('many')!r}"


@pytest.fixture(params=["sqlite"])
def database(request, tmp_path) -> Iterator[str]:
    if request.param == "sqlite":
        yield sqlite_database(tmp_path)
    else:
        with postgres_database() as url:
            yield url


@pytest.fixture
def settings() -> dict[str, str]:
    """More of the deployment's configuration; a test module overrides it."""
    return {}


@pytest.fixture
def runtime(monkeypatch, database, tmp_path, settings) -> Iterator[Runtime]:
    monkeypatch.setattr(gigneo.core.app, "KERNEL_BLUEPRINTS", (*gigneo.core.app.KERNEL_BLUEPRINTS, views))
    environment = {
        "GIGNEO_HOME": str(tmp_path),
        "GIGNEO_DATABASE__URL": database,
        "GIGNEO_SITE__BASE_URL": "http://work.example",
        "GIGNEO_LOG__LEVEL": "error",
        **settings,
    }
    ground = Runtime(load_config(environ=environment), MovableClock())
    Dispatcher(ground)
    yield ground
    ground.close()


class Browser(Client):
    """Fills in forms: posts with the hidden fields of the page."""

    def fields_of(self, page: str) -> dict[str, str]:
        found = re.findall(r"<input[^>]*>", self.get(page).text)
        fields = {}
        for tag in found:
            kind, name, value = (re.search(rf'{what}="([^"]*)"', tag) for what in ("type", "name", "value"))
            if kind and kind[1] == "hidden" and name:
                fields[name[1]] = unescape(value[1]) if value else ""
        return fields

    def submit(self, url: str, data: dict[str, Any] | None = None, *, page: str | None = None, **options: Any) -> TestResponse:
        return self.post(url, data={**self.fields_of(page or url), **(data or {})}, **options)

    def log_in(self, address: str, password: str = PASSWORD) -> TestResponse:
        return self.submit("/login", {"email": address, "password": password})

    @property
    def token_cookie(self) -> str:
        cookie = self.get_cookie("gigneo")
        assert cookie is not None
        return cookie.value

    def shown_name(self) -> str:
        found = re.search(r'name="name"[^>]*value="([^"]*)"', self.get("/account").text)
        return unescape(found[1]) if found else ""

    def is_in(self) -> bool:
        return self.get("/dashboard").status_code == 200


@pytest.fixture
def new_browser(runtime) -> Callable[[], Browser]:
    def make() -> Browser:
        return Browser(runtime.dispatcher)

    return make


@pytest.fixture
def browser(new_browser) -> Browser:
    return new_browser()


@pytest.fixture
def ada(runtime) -> SimpleNamespace:
    user_id = create_user(runtime, "ada@people.example", "Ada", PASSWORD, ["employer"])
    return SimpleNamespace(id=user_id, email="ada@people.example")


@pytest.fixture
def bob(runtime) -> SimpleNamespace:
    user_id = create_user(runtime, "bob@people.example", "Bob", PASSWORD, ["freelancer"])
    return SimpleNamespace(id=user_id, email="bob@people.example")


@pytest.fixture
def sent(runtime) -> Callable[[], list[EmailMessage]]:
    """Run the tasks, and give the mails that this made."""

    def run() -> list[EmailMessage]:
        folder = runtime.config.mail_folder
        before = set(folder.glob("*.eml"))
        TaskLoop(runtime).run_due(1000)
        return [
            email.message_from_bytes(path.read_bytes(), policy=email.policy.default)  # type: ignore[misc]
            for path in sorted(set(folder.glob("*.eml")) - before)
        ]

    return run


def link_in(message: EmailMessage) -> str:
    """The address in the text part of a mail."""
    part = message.get_body(("plain",))
    assert part is not None
    found = re.search(r"http://work\.example(/(?:reset|confirm)/\S+)", part.get_content())
    assert found, part.get_content()
    return found[1]


@pytest.fixture
def link() -> Callable[[EmailMessage], str]:
    return link_in

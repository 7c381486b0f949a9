"""A real Flask application with accounts on a real, migrated database, and browsers that fill in its forms."""

import email
import email.policy
import re
from collections.abc import Callable, Iterator
from email.message import EmailMessage
from html import unescape
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pluggy
import pytest
from flask import Flask, g
from flask_babel import Babel
from jinja2 import ChoiceLoader, DictLoader, FileSystemLoader
from werkzeug.test import Client, TestResponse

from gigneo.contributions import Permission
from gigneo.core.access import permission, public, signed_in
from gigneo.core.accounts.admin import create_user
from gigneo.core.accounts.security import init_accounts
from gigneo.core.accounts.sessions import load_request_person
from gigneo.core.clock import MovableClock
from gigneo.core.config import load_config
from gigneo.core.current import SITE_KEY
from gigneo.core.guard import csrf, guard_request
from gigneo.core.requests import close_read_session
from gigneo.core.runtime import Runtime
from gigneo.testing.databases import postgres_database, sqlite_database

PASSWORD = "a long pass phrase"


@pytest.fixture(params=["sqlite"])
def database(request, tmp_path) -> Iterator[str]:
    if request.param == "sqlite":
        yield sqlite_database(tmp_path)
    else:
        with postgres_database() as url:
            yield url


@pytest.fixture
def runtime(database, tmp_path) -> Iterator[Runtime]:
    environment = {"GIGNEO_HOME": str(tmp_path), "GIGNEO_DATABASE__URL": database, "GIGNEO_SITE__BASE_URL": "http://work.example"}
    ground = Runtime(load_config(environ=environment), MovableClock())
    ground.rebuild = lambda: stand_in(ground)  # type: ignore[method-assign]
    ground.__dict__["_site"] = stand_in(ground)
    yield ground
    ground.close()


def stand_in(runtime: Runtime) -> Any:
    app = Flask("accounts-test", static_folder=None)
    app.config.update(SECRET_KEY="x" * 40, WTF_CSRF_CHECK_DEFAULT=False, SESSION_COOKIE_NAME="gigneo", TESTING=False)
    site = SimpleNamespace(
        app=app,
        runtime=runtime,
        revision=1,
        modules=frozenset(),
        manager=pluggy.PluginManager("gigneo"),
        contributions=SimpleNamespace(
            permissions=(Permission("orders.manage", "Manage orders"),), task_handlers=(), periodic_tasks=()
        ),
    )
    app.extensions[SITE_KEY] = site
    csrf.init_app(app)
    Babel(app)
    core = Path(__file__).parents[3] / "gigneo" / "core" / "templates"
    app.jinja_env.globals.update(site=SimpleNamespace(name="Gigneo"))
    app.jinja_env.globals.update(_=lambda text, **values: text % values if values else text)
    app.jinja_env.filters["datetime"] = str
    macros = """
        {% macro hidden(key="") %}<input type="hidden" name="csrf_token" value="{{ csrf_token() }}">{% endmacro %}
        {% macro form_errors(form) %}{{ form.errors }}{% endmacro %}{% macro field(f, help="", optional="") %}{{ f() }}{% endmacro %}
        {% macro submit(label, primary=true) %}<button>{{ label }}</button>{% endmacro %}
        {% macro note(text, tone="") %}{{ text }}{% endmacro %}"""
    page = "{% block title %}{% endblock %}{% block heading %}{% endblock %}{% block content %}{% endblock %}"
    mail = (
        "{% macro button(url, label) %}<a href='{{ url }}'>{{ label }}</a>{% endmacro %}<html><head><style>p { color: red }</style>"
        "</head><body><h1>{% block heading %}{% endblock %}</h1>{% block content %}{% endblock %}</body></html>"
    )
    app.jinja_env.loader = ChoiceLoader(
        [
            DictLoader(
                {
                    "macros/form.html": macros,
                    "macros/ui.html": macros,
                    "layout/page.html": page,
                    "layout/dashboard.html": page,
                    "email/base.html": mail,
                }
            ),
            DictLoader(
                {
                    f"security/{name}.html": "{% for n in get_flashed_messages() %}{{ n }} {% endfor %}<form>{{ FORM.errors }}"
                    "{% for f in FORM %}{{ f() }}{% endfor %}</form>".replace("FORM", f"{form}_form")
                    for name, form in {
                        "login_user": "login_user",
                        "register_user": "register_user",
                        "forgot_password": "forgot_password",
                        "reset_password": "reset_password",
                        "send_confirmation": "send_confirmation",
                    }.items()
                }
            ),
            FileSystemLoader(core),
        ]
    )
    app.context_processor(lambda: {"person": g.get("person")})

    @app.before_request
    def begin() -> None:
        g.person = load_request_person()

    app.before_request(guard_request)
    app.teardown_appcontext(close_read_session)
    init_accounts(app, runtime)

    @app.get("/")
    @public
    def home() -> str:
        return "home"

    @app.get("/dashboard")
    @signed_in
    def dashboard() -> str:
        return f"dashboard of {g.person.name}"

    @app.get("/admin/things")
    @permission("orders.manage")
    def things() -> str:
        return "things"

    @app.route("/danger", methods=["GET", "POST"])
    @signed_in(fresh=True)
    def danger() -> str:
        from flask import request

        return f"did it with {request.form.get('reason')!r} and {request.form.getlist('many')!r}"

    return site


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

    def is_in(self) -> bool:
        return self.get("/dashboard").status_code == 200


@pytest.fixture
def new_browser(runtime) -> Callable[[], Browser]:
    def make() -> Browser:
        return Browser(lambda environ, start: runtime.site.app(environ, start), use_cookies=True)

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
    from gigneo.core.tasks.loop import TaskLoop

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

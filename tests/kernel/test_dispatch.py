"""The dispatcher: one site per request, the fence before every write, headers on every answer."""

import io
import threading
from collections.abc import Callable
from typing import Any

import pytest
from flask import request
from sqlalchemy import event, text
from sqlalchemy.exc import DBAPIError
from werkzeug.test import create_environ, run_wsgi_app

from gigneo.core.access import public
from gigneo.core.db.uow import SiteMoved
from gigneo.core.dispatch import Dispatcher
from gigneo.core.requests import write
from gigneo.core.revision import bump_revision
from gigneo.core.runtime import Runtime
from gigneo.testing.fixtures import Browser, both_databases


def move(runtime: Runtime) -> None:
    """Do what a toggle does to the revision."""
    with runtime.write(toggling=True) as session:
        bump_revision(session)


@pytest.fixture
def noting(dispatcher: Dispatcher, monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """A view that writes, on every site that is built; ``before_write`` is called inside its first run."""
    from gigneo.core import app as assembling

    state: dict[str, Any] = {"runs": [], "before_write": lambda: None}

    def note() -> str:
        with_revision = request.environ["gigneo.revision_seen"] = len(state["runs"])
        state["runs"].append(request.form["body"])
        if with_revision == 0:
            state["before_write"]()
        with write() as session:
            session.execute(
                text("INSERT INTO setting_value (plugin, key, value) VALUES ('test', 'note', :value)"),
                {"value": request.form["body"]},
            )
        return "noted"

    public(note)
    original = assembling._add_plugin_routes

    def with_note(app: Any, site: Any) -> None:
        original(app, site)
        app.add_url_rule("/note", "note", note, methods=["POST"])

    monkeypatch.setattr(assembling, "_add_plugin_routes", with_note)
    move(dispatcher._runtime)
    dispatcher.refresh_now()
    return state


def notes(runtime: Runtime) -> list[str]:
    with runtime.read() as session:
        return list(session.execute(text("SELECT value FROM setting_value WHERE plugin = 'test'")).scalars())


@both_databases
def test_a_write_that_a_toggle_overtakes_runs_again_whole_on_the_new_site(
    runtime: Runtime, dispatcher: Dispatcher, noting: dict[str, Any]
) -> None:
    browser = Browser(dispatcher)
    browser.get("/login")
    before = dispatcher.site.revision
    noting["before_write"] = lambda: move(runtime)
    answer = browser.submit("/note", {"body": "typed once", "file": (io.BytesIO(b"x" * 400_000), "large.txt")})
    assert (answer.status_code, answer.text) == (200, "noted")
    assert noting["runs"] == ["typed once", "typed once"]
    assert notes(runtime) == ["typed once"]
    assert int(answer.headers["X-Gigneo-Revision"]) == dispatcher.site.revision == before + 1


def test_a_request_that_writes_catches_up_before_it_begins(
    runtime: Runtime, dispatcher: Dispatcher, noting: dict[str, Any]
) -> None:
    browser = Browser(dispatcher)
    browser.get("/login")
    move(runtime)
    answer = browser.submit("/note", {"body": "late"})
    assert answer.status_code == 200
    assert noting["runs"] == ["late"]


def test_no_view_can_swallow_that_the_site_has_moved() -> None:
    assert not issubclass(SiteMoved, Exception)


def test_a_toggle_waits_for_writers_and_keeps_new_ones_out(runtime: Runtime, dispatcher: Dispatcher) -> None:
    order: list[str] = []
    inside, go_on = threading.Event(), threading.Event()

    def slow_writer() -> None:
        with runtime.write(revision=dispatcher.site.revision):
            inside.set()
            go_on.wait(10)
            order.append("writer")

    def toggle() -> None:
        move(runtime)
        order.append("toggle")

    threads = [threading.Thread(target=slow_writer), threading.Thread(target=toggle)]
    threads[0].start()
    assert inside.wait(10)
    threads[1].start()
    threads[1].join(0.3)
    assert order == []
    go_on.set()
    for thread in threads:
        thread.join(10)
    assert order == ["writer", "toggle"]


def test_the_watcher_follows_a_revision_that_another_process_moved(runtime: Runtime, dispatcher: Dispatcher) -> None:
    before = dispatcher.site
    move(runtime)
    deadline = threading.Event()
    for _ in range(80):
        if dispatcher.site is not before:
            break
        deadline.wait(0.05)
    assert dispatcher.site.revision == before.revision + 1


def test_a_site_that_can_not_be_built_leaves_the_former_one_serving(
    runtime: Runtime, dispatcher: Dispatcher, monkeypatch: pytest.MonkeyPatch, anonymous: Browser
) -> None:
    before = dispatcher.site

    def fails(*_arguments: object) -> None:
        raise RuntimeError("no")

    monkeypatch.setattr("gigneo.core.dispatch.build_site", fails)
    move(runtime)
    dispatcher.refresh_now()
    assert dispatcher.site is before
    assert anonymous.get("/healthz").status_code == 200


@pytest.mark.parametrize("path", ["/", "/healthz", "/no-such-page", "/login", "/dashboard"])
def test_every_answer_carries_the_headers(anonymous: Browser, path: str) -> None:
    headers = anonymous.get(path).headers
    policy = headers.getlist("Content-Security-Policy")
    assert len(policy) == 1
    assert policy[0].startswith("default-src 'none'")
    assert "unsafe-inline" not in policy[0]
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert "Server" not in headers


def test_an_announced_body_beyond_every_limit_is_not_read(dispatcher: Dispatcher) -> None:
    class Untouched(io.RawIOBase):
        def readinto(self, _buffer: Any) -> int:
            raise AssertionError("the body was read")

    environ = {
        **create_environ("/login", method="POST"),
        "CONTENT_LENGTH": str(10**11),
        "CONTENT_TYPE": "multipart/form-data; boundary=x",
        "wsgi.input": Untouched(),
    }
    _, status, _ = run_wsgi_app(dispatcher, environ)
    assert status.startswith("413")


def test_a_method_that_no_page_has_is_refused(anonymous: Browser) -> None:
    assert anonymous.open("/", method="TRACE").status_code == 405
    assert anonymous.open("/", method="DELETE").status_code == 405


def test_an_unforeseen_error_is_a_page_without_a_traceback(
    dispatcher: Dispatcher, noting: dict[str, Any], caplog: pytest.LogCaptureFixture
) -> None:
    def breaks() -> None:
        raise ZeroDivisionError("secret detail")

    noting["before_write"] = breaks
    browser = Browser(dispatcher)
    browser.get("/login")
    answer = browser.submit("/note", {"body": "x"})
    assert answer.status_code == 500
    assert "secret detail" not in answer.text
    assert "Traceback" not in answer.text
    assert answer.headers["X-Request-ID"] in answer.text


def test_a_form_of_another_origin_is_refused_and_one_of_ours_can_be_sent_again(
    dispatcher: Dispatcher, noting: dict[str, Any], fingerprint: Callable[[], Any]
) -> None:
    browser = Browser(dispatcher)
    before = fingerprint()
    foreign = browser.post("/note", data={"body": "my words"}, headers={"Sec-Fetch-Site": "cross-site"})
    assert foreign.status_code == 403
    assert "my words" not in foreign.text
    own = browser.post("/note", data={"body": "my words"}, headers={"Sec-Fetch-Site": "same-origin"})
    assert own.status_code == 400
    assert 'name="body" value="my words"' in own.text
    assert fingerprint() == before


def test_a_transaction_that_lost_a_race_is_run_again(app_context: None) -> None:
    class Deadlock(Exception):
        sqlstate = "40P01"

    with pytest.raises(SiteMoved), write():
        raise DBAPIError("UPDATE", None, Deadlock())


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
def test_whoever_waits_too_long_for_a_lock_is_told_that_the_site_is_busy_and_nothing_was_written(
    noting: dict[str, Any], dispatcher: Dispatcher, runtime: Runtime
) -> None:
    taken = "INSERT INTO setting_value (plugin, key, value) VALUES ('test', 'note', 'theirs')"
    with runtime.engines.write.connect() as other:
        other.execute(text(taken))  # the view's own row has to wait for this one
        event.listen(runtime.engines.write, "begin", _wait_for_a_moment)
        answer = Browser(dispatcher).submit("/note", {"body": "mine"}, page="/login")
        other.rollback()
    assert answer.status_code == 503 and "The site is busy" in answer.text and "Nothing was written" in answer.text
    assert answer.headers["Retry-After"] == "5"
    assert notes(runtime) == []


def _wait_for_a_moment(connection: Any) -> None:
    connection.exec_driver_sql("SET LOCAL lock_timeout = '100ms'")


@pytest.mark.parametrize(("address", "status"), [("/?q=%00", 400), ("/login?%00=1", 400), ("/%00", 404), ("/files/%001", 404)])
def test_a_nul_in_an_address_is_refused(anonymous: Browser, address: str, status: int) -> None:
    assert anonymous.get(address).status_code == status


def test_a_nul_in_a_field_is_refused_by_name(dispatcher: Dispatcher, noting: dict[str, Any]) -> None:
    browser = Browser(dispatcher)
    browser.get("/login")
    answer = browser.submit("/note", {"body": "a\0b"})
    assert answer.status_code == 400
    assert "body" in answer.text
    assert noting["runs"] == []


def test_a_stranger_may_not_send_much(dispatcher: Dispatcher) -> None:
    browser = Browser(dispatcher)
    answer = browser.post("/login", data={"email": "x" * 3_000_000})
    assert answer.status_code == 413

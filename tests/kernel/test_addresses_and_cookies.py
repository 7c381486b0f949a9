"""Addresses and the session cookie are Flask's own, made once and kept."""

from typing import Any

import pytest
import time_machine
from flask import Flask, Response, flash, get_flashed_messages, session, url_for
from werkzeug.routing import BuildError, Rule

from gigneo.core.flask_app import SiteFlask


def _nothing(**_values: object) -> str:
    return ""


def make(kind: type[Flask]) -> Flask:
    app = kind("test", static_folder=None)
    app.secret_key = "test"
    for rule, endpoint, methods in (
        ("/", "home", ["GET"]),
        ("/orders/<number>/<tab>", "tab", ["GET"]),
        ("/files/<int:file_id>", "file", ["GET"]),
        ("/two", "both", ["GET"]),
        ("/two/<part>", "both", ["GET"]),
        ("/page", "page", ["GET"]),
        ("/page/<int:number>", "page", ["POST"]),
    ):
        app.add_url_rule(rule, endpoint, _nothing, methods=methods)
    return app


ASKED: list[tuple[str, dict[str, Any]]] = [
    ("home", {}),
    ("home", {"show": "a b", "after": 3, "none": None}),
    ("home", {"show": ["a", "b"]}),
    ("home", {"_anchor": "x"}),
    ("home", {"_external": True}),
    ("tab", {"number": "12/3", "tab": "über sicht"}),
    ("tab", {"number": 12, "tab": "overview", "more": "&"}),
    ("file", {"file_id": 1}),
    ("file", {"file_id": True}),
    ("file", {"file_id": "7"}),
    ("both", {}),
    ("both", {"part": "x"}),
    ("page", {"number": 4}),
    ("page", {"number": 4, "_method": "POST"}),
]


def test_what_builds_an_address_is_compiled_when_the_first_one_is_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    compiled: list[str] = []
    compile_builder = Rule._compile_builder
    monkeypatch.setattr(
        Rule,
        "_compile_builder",
        lambda rule, *how: compiled.append(rule.rule) or compile_builder(rule, *how),  # type: ignore[func-returns-value]
    )
    with make(SiteFlask).test_request_context("/"):
        assert compiled == []
        assert [url_for("file", file_id=number) for number in (1, 2)] == ["/files/1", "/files/2"]
    assert compiled == ["/files/<int:file_id>"]


def test_a_default_that_its_rule_can_not_take_is_told_when_the_rule_is_added() -> None:
    for kind in (Flask, SiteFlask):
        with pytest.raises(ValueError, match="first"):
            kind("test", static_folder=None).add_url_rule("/list/<int:page>", "list", _nothing, defaults={"page": "first"})


@pytest.mark.parametrize("root", ["", "/below"])
@pytest.mark.parametrize(("endpoint", "values"), ASKED)
def test_an_address_is_the_one_that_flask_builds(endpoint: str, values: dict[str, Any], root: str) -> None:
    told = []
    for kind in (Flask, SiteFlask):
        with make(kind).test_request_context("/", base_url=f"http://localhost{root}"):
            told.append([url_for(endpoint, **values) for _ in range(2)])
    assert told[0] == told[1]


def test_an_address_that_can_not_be_built_is_an_error_at_each_try() -> None:
    with make(SiteFlask).test_request_context("/"):
        for wrong in ({"number": "1"}, {"number": "1", "tab": None}):
            for _ in range(2):
                with pytest.raises(BuildError):
                    url_for("tab", **wrong)
        with pytest.raises(BuildError):
            url_for("nowhere")


@pytest.fixture
def app() -> SiteFlask:
    app = make(SiteFlask)
    assert isinstance(app, SiteFlask)
    app.add_url_rule("/say", "say", lambda: (session.update(who="mara"), flash("Saved."), "")[-1])
    app.add_url_rule("/hear", "hear", lambda: f"{session.get('who')} {get_flashed_messages()}")
    app.add_url_rule("/look", "look", lambda: f"{session.get('who')} {session.get('_flashes')}")
    return app


def test_what_a_request_takes_out_of_its_session_stays_in_the_cookie_that_another_sends(app: SiteFlask) -> None:
    client = app.test_client()
    client.get("/say")
    cookie = client.get_cookie("session")
    assert cookie is not None
    sent = {"Cookie": f"session={cookie.value}"}
    for _ in range(2):
        answer = app.test_client(use_cookies=False).get("/hear", headers=sent)
        assert answer.text == "mara ['Saved.']"
    assert "Saved." in app.test_client(use_cookies=False).get("/look", headers=sent).text


def test_a_cookie_that_is_forged_or_too_old_counts_for_nothing_though_it_was_good_before(app: SiteFlask) -> None:
    client = app.test_client(use_cookies=False)
    with time_machine.travel("2026-01-01T00:00:00Z", tick=False) as traveller:
        cookie = client.get("/say").headers["Set-Cookie"].partition(";")[0]
        assert client.get("/look", headers={"Cookie": cookie}).text.startswith("mara")
        assert client.get("/look", headers={"Cookie": cookie + "x"}).text.startswith("None")
        traveller.shift(app.permanent_session_lifetime.total_seconds() + 1)
        assert client.get("/look", headers={"Cookie": cookie}).text.startswith("None")
        traveller.move_to("2025-12-31T00:00:00Z")
        assert client.get("/look", headers={"Cookie": cookie}).text.startswith("None")


def test_an_answer_says_that_it_depends_on_the_cookie_as_soon_as_the_session_was_looked_at(app: SiteFlask) -> None:
    app.after_request(_varied)
    client = app.test_client()
    assert client.get("/look").headers["Vary"] == "Cookie"
    app.after_request_funcs.clear()
    assert client.get("/look").headers["Vary"] == "Cookie"
    assert "Vary" not in client.get("/").headers


def _varied(response: Response) -> Response:
    response.headers["Vary"] = "Cookie"
    return response

"""Logging in and out: log-ins are rows, tokens are new each time, and a copied cookie dies."""

import threading
from datetime import timedelta

import pytest
from flask import session as cookie
from sqlalchemy import event, update
from sqlmodel import col, select
from werkzeug.test import Client

from gigneo.core.accounts.admin import grant
from gigneo.core.accounts.models import Login, User
from gigneo.core.accounts.people import hash_of
from gigneo.core.config import load_config
from gigneo.core.runtime import Runtime
from gigneo.testing.databases import sqlite_database


def logins(runtime):
    with runtime.read() as session:
        return session.exec(select(Login).order_by(col(Login.id))).all()


def cookie_content(runtime, browser):
    with runtime.site.app.test_request_context(headers={"Cookie": f"gigneo={browser.token_cookie}"}):
        return dict(cookie)


def test_a_log_in_opens_the_dashboard_and_keeps_nothing_but_a_token_in_the_cookie(runtime, browser, ada):
    answer = browser.log_in(ada.email)
    assert (answer.status_code, answer.location) == (302, "/dashboard")
    assert browser.shown_name() == "Ada"
    content = cookie_content(runtime, browser)
    assert set(content) <= {"_user_id", "_permanent", "csrf_token"}
    (row,) = logins(runtime)
    assert row.token_hash == hash_of(content["_user_id"])
    assert (row.user_id, row.revoked_at) == (ada.id, None)


def test_the_address_may_be_written_in_any_case(browser, ada):
    browser.log_in(" Ada@People.EXAMPLE ".strip())
    assert browser.is_in()


def test_a_wrong_password_leaves_everything_shut(runtime, browser, ada):
    answer = browser.log_in(ada.email, "not the pass phrase")
    assert answer.status_code == 200
    assert not browser.is_in()
    assert logins(runtime) == []


def test_a_log_in_without_its_csrf_token_is_refused(runtime, browser, ada):
    answer = browser.post("/login", data={"email": ada.email, "password": "a long pass phrase"})
    assert answer.status_code == 400
    assert logins(runtime) == []


def test_logging_out_kills_a_copied_cookie(runtime, browser, new_browser, ada):
    browser.log_in(ada.email)
    thief = new_browser()
    thief.set_cookie("gigneo", browser.token_cookie)
    assert thief.is_in()
    assert browser.submit("/logout", page="/account").status_code == 302
    assert not browser.is_in()
    assert not thief.is_in()
    assert logins(runtime)[0].revoked_at is not None


def test_logging_out_needs_the_persons_own_form(browser, ada):
    browser.log_in(ada.email)
    assert browser.post("/logout").status_code == 400
    assert browser.get("/logout").status_code in {404, 405}
    assert browser.is_in()


def test_log_out_everywhere_ends_every_log_in_of_this_person_only(runtime, new_browser, ada, bob):
    here, there, other = new_browser(), new_browser(), new_browser()
    for who, address in ((here, ada.email), (there, ada.email), (other, bob.email)):
        who.log_in(address)
    answer = here.submit("/account/log-out-everywhere", page="/account")
    assert (answer.status_code, answer.location) == (303, "/login")
    assert not here.is_in()
    assert not there.is_in()
    assert other.is_in()


def test_each_log_in_has_a_new_token_and_what_was_in_the_cookie_before_is_gone(runtime, browser, new_browser, ada):
    browser.get("/login")
    before = browser.token_cookie
    planted = cookie_content(runtime, browser)
    browser.log_in(ada.email)
    after = cookie_content(runtime, browser)
    assert after.get("csrf_token") != planted["csrf_token"]
    fixed = new_browser()
    fixed.set_cookie("gigneo", before)
    assert not fixed.is_in()
    first = after["_user_id"]
    browser.submit("/logout", page="/account")
    browser.log_in(ada.email)
    assert cookie_content(runtime, browser)["_user_id"] != first


def test_a_token_that_nobody_was_given_is_nobody(runtime, browser, ada):
    serializer = runtime.site.app.session_interface.get_signing_serializer(runtime.site.app)
    for forged in ("", "1", str(ada.id), ["x"], {"a": 1}, None, "x" * 5000):
        browser.set_cookie("gigneo", serializer.dumps({"_user_id": forged}))
        assert not browser.is_in()


@pytest.mark.parametrize(("step", "stays"), [(timedelta(days=13), True), (timedelta(days=14, minutes=1), False)])
def test_a_log_in_ends_when_it_is_idle_for_two_weeks(runtime, browser, ada, step, stays):
    browser.log_in(ada.email)
    runtime.clock.move_by(step)
    assert browser.is_in() is stays


def test_a_log_in_ends_after_thirty_days_even_when_it_is_used_every_day(runtime, browser, ada):
    browser.log_in(ada.email)
    for _ in range(7):
        runtime.clock.move_by(timedelta(days=4))
        assert browser.is_in()
    runtime.clock.move_by(timedelta(days=2, minutes=1))
    assert not browser.is_in()


def test_using_a_log_in_writes_at_most_once_a_day(runtime, browser, ada):
    browser.log_in(ada.email)
    seen = logins(runtime)[0].last_seen_at
    runtime.clock.move_by(timedelta(hours=23))
    browser.is_in()
    assert logins(runtime)[0].last_seen_at == seen
    runtime.clock.move_by(timedelta(hours=2))
    browser.is_in()
    assert logins(runtime)[0].last_seen_at > seen


def test_somebody_who_was_switched_off_is_out_at_once(runtime, browser, ada):
    browser.log_in(ada.email)
    with runtime.write() as session:
        session.execute(update(User).where(col(User.id) == ada.id).values(active=False))
    assert not browser.is_in()
    browser.log_in(ada.email)
    assert not browser.is_in()


def test_rights_that_are_taken_are_gone_with_the_next_request(runtime, browser, ada):
    browser.log_in(ada.email)
    assert browser.get("/admin/things").status_code == 403
    grant(runtime, ada.email, "settings.manage")
    assert browser.get("/admin/things").text == "things"
    grant(runtime, ada.email, "settings.manage", allowed=False)
    assert browser.get("/admin/things").status_code == 403
    for role in ("employer", "freelancer"):
        grant(runtime, ada.email, role, allowed=False)
    grant(runtime, ada.email, "administrator")
    assert browser.get("/admin/things").status_code == 403, "what was taken from a person stays taken, whatever the role"


def test_a_request_finds_its_person_in_one_statement(runtime, browser, ada):
    browser.log_in(ada.email)
    seen = []

    def executed(_connection, _cursor, statement, *_more):
        if threading.current_thread() is threading.main_thread() and not statement.startswith("BEGIN"):
            seen.append(statement)

    engines = runtime.engines
    for engine in (engines.read, engines.auth, engines.write) if engines.is_sqlite else (engines.write,):
        event.listen(engine, "before_cursor_execute", executed)
    assert browser.is_in()
    assert len(seen) == 1, seen


def test_no_way_in_besides_the_form(runtime, browser, ada):
    """Flask-Security's tokens, basic authentication and JSON would be second doors without our locks."""
    app = runtime.site.app
    with app.app_context():
        user = app.extensions["security"].datastore.find_user(email=ada.email)
        token = user.get_auth_token()
    for attempt in (
        {"headers": {"Authentication-Token": token}},
        {"query_string": {"auth_token": token}},
        {"headers": {"Authorization": "Basic YWRhQHBlb3BsZS5leGFtcGxlOmEgbG9uZyBwYXNzIHBocmFzZQ=="}},
    ):
        assert browser.get("/dashboard", **attempt).status_code == 303
    rules = {rule.rule for rule in app.url_map.iter_rules() if rule.endpoint.startswith("security.")}
    assert rules == {"/login", "/logout", "/register", "/confirm", "/confirm/<token>", "/reset", "/reset/<token>"}


@pytest.mark.parametrize(("scheme", "name"), [("https", "__Host-gigneo"), ("http", "gigneo")])
def test_the_cookie_is_for_this_site_and_for_no_script(tmp_path, scheme, name):
    folder = tmp_path / scheme
    folder.mkdir()
    environment = {
        "GIGNEO_HOME": str(folder),
        "GIGNEO_DATABASE__URL": sqlite_database(folder),
        "GIGNEO_SITE__BASE_URL": f"{scheme}://work.example",
        "GIGNEO_LOG__LEVEL": "error",
    }
    ground = Runtime(load_config(environ=environment))
    try:
        answer = Client(ground.site.wsgi).get("/login", base_url=f"{scheme}://work.example")
    finally:
        ground.close()
    (cookie_line,) = [line for line in answer.headers.getlist("Set-Cookie") if line.startswith(f"{name}=")]
    parts = set(cookie_line.split("; ")[1:])
    assert {"HttpOnly", "Path=/", "SameSite=Lax"} <= parts
    assert ("Secure" in parts) is (scheme == "https")
    assert not any(part.startswith("Domain") for part in parts)


def test_log_ins_that_ended_long_ago_are_swept(runtime, browser, ada, sent):
    browser.log_in(ada.email)
    runtime.clock.move_by(timedelta(days=59))
    sent()
    assert len(logins(runtime)) == 1
    runtime.clock.move_by(timedelta(days=2))
    sent()
    assert logins(runtime) == []

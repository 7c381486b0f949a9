"""A fresh log-in: the password again after ten minutes, and nothing that was typed is lost."""

import re
from datetime import timedelta
from html import unescape

import pytest

STALE = timedelta(minutes=10, seconds=1)
FORM = {"reason": 'line one\nline <two> & "three"', "many": ["a", "b"]}


@pytest.fixture
def signed_in(browser, ada):
    browser.log_in(ada.email)
    return browser


def post(browser, **fields):
    token = browser.fields_of("/account")["csrf_token"]
    return browser.post("/danger", data={"csrf_token": token, **FORM, **fields})


def hidden_fields(page):
    found = re.findall(r'<input type="hidden" name="([^"]*)" value="([^"]*)">', page)
    return [(name, unescape(value)) for name, value in found]


def test_within_ten_minutes_nothing_is_asked(runtime, signed_in):
    runtime.clock.move_by(timedelta(minutes=9))
    assert post(signed_in).text.startswith("did it")


def test_later_the_password_is_asked_and_the_whole_form_is_carried_along(runtime, signed_in):
    runtime.clock.move_by(STALE)
    page = post(signed_in)
    assert page.status_code == 403
    assert 'action="/danger"' in page.text
    carried = hidden_fields(page.text)
    assert [value for name, value in carried if name == "many"] == ["a", "b"]
    assert dict(carried)["reason"] == FORM["reason"]
    data = {"fresh_password": "a long pass phrase", **{name: [v for n, v in carried if n == name] for name, _ in carried}}
    answer = signed_in.post("/danger", data=data)
    assert answer.text == f"did it with {FORM['reason']!r} and ['a', 'b']"
    assert post(signed_in).text.startswith("did it"), "the proof holds for the next ten minutes"
    runtime.clock.move_by(STALE)
    assert post(signed_in).status_code == 403


def test_a_wrong_password_does_nothing_and_is_told(runtime, signed_in):
    runtime.clock.move_by(STALE)
    page = post(signed_in, fresh_password="wrong")
    assert page.status_code == 403
    assert "This is not your password." in page.text
    assert "wrong" not in [value for _, value in hidden_fields(page.text)]


def test_the_password_in_the_address_is_not_looked_at(runtime, signed_in):
    runtime.clock.move_by(STALE)
    assert "did it" not in signed_in.get("/danger?fresh_password=a long pass phrase").text


def test_without_the_csrf_token_the_password_is_not_looked_at(runtime, signed_in):
    runtime.clock.move_by(STALE)
    assert signed_in.post("/danger", data={**FORM, "fresh_password": "a long pass phrase"}).status_code == 400
    assert post(signed_in).status_code == 403


def test_tries_count_like_log_ins(runtime, signed_in):
    runtime.clock.move_by(STALE)
    assert [post(signed_in, fresh_password="wrong").status_code for _ in range(6)] == [403] * 5 + [429]


def test_a_page_is_opened_after_the_password(runtime, signed_in):
    runtime.clock.move_by(STALE)
    page = signed_in.get("/danger?x=1")
    assert page.status_code == 200
    action = unescape(re.search(r'action="(/account/prove[^"]*)"', page.text)[1])
    token = dict(hidden_fields(page.text))["csrf_token"]
    answer = signed_in.post(action, data={"csrf_token": token, "fresh_password": "a long pass phrase"})
    assert (answer.status_code, answer.location) == (303, "/danger?x=1")
    assert signed_in.get("/danger").text.startswith("did it")


def test_proving_the_password_gives_the_log_in_a_new_token_and_the_old_one_is_dead(runtime, signed_in, new_browser):
    thief = new_browser()
    thief.set_cookie("gigneo", signed_in.token_cookie)
    runtime.clock.move_by(STALE)
    assert thief.is_in()
    post(signed_in, fresh_password="a long pass phrase")
    assert signed_in.is_in()
    assert not thief.is_in()


def test_a_fresh_log_in_is_fresh_in_its_own_browser_only(runtime, signed_in, new_browser, ada):
    runtime.clock.move_by(STALE)
    other = new_browser()
    other.log_in(ada.email)
    assert post(other).text.startswith("did it")
    assert post(signed_in).status_code == 403

"""A form whose log-in ended while it was typed: kept on the page, sent by the same person after a new log-in, by nobody else."""

import re
from html import unescape

import pytest

SAME = {"Sec-Fetch-Site": "same-origin"}
TYPED = {"name": "Ada \u201cL\u201d Lovelace", "locale": "en_GB", "time_zone": ""}


@pytest.fixture
def ended(browser, ada, runtime):
    """A browser whose log-in was ended from elsewhere while its form was open."""
    browser.log_in(ada.email)
    fields = browser.fields_of("/account")
    with runtime.write() as session:
        session.connection().exec_driver_sql("UPDATE account_session SET revoked_at = created_at")
    return browser, {**fields, **TYPED}


def hidden(page):
    found = re.findall(r'<input type="hidden" name="([^"]*)" value="([^"]*)">', page)
    return {name: unescape(value) for name, value in found}


def test_what_was_typed_stays_on_the_page_and_is_sent_after_logging_in_again(ended, ada, runtime):
    browser, typed = ended
    page = browser.post("/account", data=typed, headers=SAME)
    assert page.status_code == 403 and "nothing that you typed is lost" in page.text
    assert 'action="/account"' in page.text and 'target="_blank"' in page.text and "/login?next=" in page.text
    kept = hidden(page.text)
    assert {name: kept[name] for name in TYPED} == TYPED
    again = browser.post("/account", data=kept, headers=SAME)
    assert again.status_code == 403 and hidden(again.text)["name"] == TYPED["name"], "too early: still kept"
    browser.log_in(ada.email)
    offered = browser.post("/account", data=kept, headers=SAME)
    assert offered.status_code == 400 and hidden(offered.text)["name"] == TYPED["name"], "a new log-in has a new token"
    assert browser.post("/account", data=hidden(offered.text), headers=SAME).status_code == 303
    assert browser.shown_name() == TYPED["name"]


@pytest.mark.parametrize("mark", ["its own", "forged", ""])
def test_nobody_else_can_send_it(ended, bob, mark):
    browser, typed = ended
    kept = hidden(browser.post("/account", data=typed, headers=SAME).text)
    browser.log_in(bob.email)
    token = browser.fields_of("/account")["csrf_token"]
    sent = {**kept, "csrf_token": token, **({} if mark == "its own" else {"typed_by": mark})}
    answer = browser.post("/account", data=sent, headers=SAME)
    assert answer.status_code == 400 and "Somebody else typed this form" in answer.text
    assert "Lovelace" not in answer.text
    assert browser.shown_name() != TYPED["name"]


def test_passwords_are_not_kept_and_other_sites_and_strangers_keep_nothing(ended, browser):
    _browser, typed = ended
    page = browser.post("/account/password", data={**typed, "password": "a new pass phrase", "again": "x"}, headers=SAME)
    assert "a new pass phrase" not in page.text
    assert browser.post("/account", data=typed).status_code == 303
    browser.delete_cookie("gigneo")
    assert browser.post("/account", data=typed, headers=SAME).status_code == 303

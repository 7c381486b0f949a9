"""How often something may be tried: counted by account and by trusted address, across rebuilt sites."""

import threading

import pytest
from werkzeug.exceptions import TooManyRequests

from gigneo.core.accounts.limits import limit
from gigneo.core.revision import bump_revision


def wrong(browser, address, **options):
    return browser.submit("/login", {"email": address, "password": "not it at all"}, **options)


def test_the_sixth_wrong_log_in_in_a_minute_is_refused_even_with_the_right_password(browser, ada):
    assert [wrong(browser, ada.email).status_code for _ in range(5)] == [200] * 5
    answer = browser.log_in(ada.email)
    assert answer.status_code == 429
    assert 1 <= int(answer.headers["Retry-After"]) <= 60
    assert not browser.is_in()


def test_an_unknown_address_is_limited_in_the_same_way(browser, ada):
    statuses = [wrong(browser, "nobody@people.example").status_code for _ in range(6)]
    assert statuses == [200] * 5 + [429]


def test_writing_the_address_differently_does_not_help(browser, ada):
    spellings = ["ada@people.example", "ADA@people.example", " ada@people.example", "Ada@People.Example ", "aDa@people.EXAMPLE"]
    for spelling in spellings:
        wrong(browser, spelling)
    assert wrong(browser, "ada@People.example").status_code == 429


def test_a_made_up_address_in_a_header_does_not_help(monkeypatch, browser, ada):
    """pretix, CVE-2023-44463."""
    monkeypatch.setattr("gigneo.core.accounts.steps.WRONG_LOGINS_BY_ADDRESS", (4, 60))
    names = ("X-Forwarded-For", "X-Real-IP", "Forwarded", "CF-Connecting-IP", "True-Client-IP")
    statuses = [
        wrong(browser, f"somebody{n}@people.example", headers={name: f"10.0.0.{n}" for name in names}).status_code
        for n in range(6)
    ]
    assert statuses == [200] * 4 + [429] * 2


def test_a_log_in_that_succeeds_starts_the_count_again(browser, ada):
    for _ in range(4):
        wrong(browser, ada.email)
    browser.log_in(ada.email)
    browser.submit("/logout", page="/account")
    assert [wrong(browser, ada.email).status_code for _ in range(5)] == [200] * 5


def test_twenty_tries_at_once_are_five_tries(new_browser, ada):
    pairs = [(one, one.fields_of("/login")) for one in (new_browser() for _ in range(20))]
    barrier, statuses = threading.Barrier(20), []

    def attempt(one, fields):
        barrier.wait(20)
        statuses.append(one.post("/login", data={**fields, "email": ada.email, "password": "not it"}).status_code)

    threads = [threading.Thread(target=attempt, args=pair) for pair in pairs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(statuses) == [200] * 5 + [429] * 15


@pytest.mark.parametrize("path", ["/reset", "/confirm"])
@pytest.mark.parametrize("address", ["ada@people.example", "nobody@people.example"])
def test_the_fourth_mail_to_an_address_in_an_hour_is_refused(new_browser, ada, path, address):
    answers = [new_browser().submit(path, {"email": address}) for _ in range(4)]
    assert [answer.status_code for answer in answers] == [200, 200, 200, 429]
    assert 60 < int(answers[3].headers["Retry-After"]) <= 3600


def test_a_rebuilt_site_keeps_the_log_ins_and_the_counts(runtime, browser, new_browser, ada):
    browser.log_in(ada.email)
    attacker = new_browser()
    for _ in range(5):
        wrong(attacker, ada.email)
    before = runtime.site.app
    with runtime.write(toggling=True) as session:
        bump_revision(session)
    runtime.dispatcher.refresh_now()
    assert runtime.site.app is not before
    assert browser.is_in()
    assert wrong(attacker, ada.email).status_code == 429


def test_a_view_of_a_module_can_limit_what_it_offers(runtime):
    with runtime.site.app.test_request_context():
        for _ in range(10):
            limit("messages.send", "7", 10, 60)
        limit("messages.send", "8", 10, 60)
        with pytest.raises(TooManyRequests):
            limit("messages.send", "7", 10, 60)

"""Nobody finds out who has an account: same status, same words, same work for known and unknown addresses."""

import re
import threading
from collections import Counter

import pytest
from sqlalchemy import event

KNOWN, UNKNOWN = "ada@people.example", "eve@people.example"


def forms(address):
    phrase = "some long pass phrase"
    return {
        "/login": {"email": address, "password": phrase},
        "/reset": {"email": address},
        "/confirm": {"email": address},
        "/register": {"email": address, "name": "Eve", "role": "employer", "password": phrase, "password_confirm": phrase},
    }


def without_noise(text, address):
    return re.sub(r'value="[^"]{40,}"', "", text).replace(address, "ADDRESS")


@pytest.mark.parametrize("path", ["/login", "/reset", "/confirm", "/register"])
def test_a_known_and_an_unknown_address_get_the_same_answer(new_browser, ada, path):
    answers = []
    for address in (KNOWN, UNKNOWN):
        browser = new_browser()
        answer = browser.submit(path, forms(address)[path])
        told = browser.get("/confirm").text if answer.location else ""
        answers.append((answer.status_code, answer.location, without_noise(answer.text, address), without_noise(told, address)))
    assert answers[0] == answers[1]


@pytest.mark.parametrize("path", ["/login", "/reset", "/confirm", "/register"])
def test_a_known_and_an_unknown_address_cost_the_same_hashing_and_as_many_transactions(
    monkeypatch, runtime, new_browser, ada, path
):
    """Timing follows from the work; the work can be counted without the noise of a clock."""
    import argon2

    counts = []
    for address in (KNOWN, UNKNOWN):
        browser = new_browser()
        fields = browser.fields_of(path)
        work: Counter[str] = Counter()
        low = argon2.low_level
        for name in ("hash_secret", "verify_secret"):
            original = getattr(low, name)

            def counted(*arguments, _original=original, _work=work, **options):
                _work["argon2"] += 1
                return _original(*arguments, **options)

            monkeypatch.setattr(low, name, counted)

        def began(_connection, work=work):
            if threading.current_thread() is threading.main_thread():  # another one watches the revision
                work["transaction"] += 1

        event.listen(runtime.engines.write, "begin", began)
        browser.post(path, data={**fields, **forms(address)[path]})
        event.remove(runtime.engines.write, "begin", began)
        monkeypatch.undo()
        counts.append(work)
    assert counts[0] == counts[1]
    assert counts[0]["argon2"] == (0 if path == "/confirm" else 1)


def test_an_unknown_address_gets_no_mail_and_a_known_one_is_told_of_a_second_sign_up(new_browser, ada, sent):
    for path in ("/reset", "/confirm"):
        new_browser().submit(path, forms(UNKNOWN)[path])
    assert sent() == []
    new_browser().submit("/register", forms(KNOWN)["/register"])
    (mail,) = sent()
    assert mail["Subject"] == "You have an account already"
    assert "http://work.example/reset" in mail.get_body(("plain",)).get_content()


def test_no_page_shows_what_is_secret_of_an_account(runtime, browser, ada):
    browser.log_in(ada.email)
    from sqlmodel import select

    from gigneo.core.accounts.models import Login, User

    with runtime.read() as session:
        user, login = session.exec(select(User)).one(), session.exec(select(Login)).one()
    for path in ("/account", "/account/password", "/dashboard"):
        text = browser.get(path).text
        for secret in (user.password, user.fs_uniquifier, login.token_hash):
            assert secret not in text

"""Log-ins never wait for the writer, and the writer never waits for a password (trap 1)."""

import threading
import time

import argon2
import pytest
from sqlalchemy import event, text

PEOPLE = 48

both = pytest.mark.parametrize("database", ["sqlite", "postgresql"], indirect=True)


@pytest.fixture
def open_transactions(runtime):
    """Which threads are inside a transaction now."""
    inside: dict[int, int] = {}

    def began(connection):
        if connection.get_execution_options().get("isolation_level") != "AUTOCOMMIT":
            inside[threading.get_ident()] = inside.get(threading.get_ident(), 0) + 1

    def ended(_connection):
        inside.pop(threading.get_ident(), None)

    event.listen(runtime.engines.write, "begin", began)
    for name in ("commit", "rollback"):
        event.listen(runtime.engines.write, name, ended)
    return inside


@both
def test_48_log_ins_at_once_while_another_thread_writes(
    real_passwords, monkeypatch, runtime, new_browser, ada, open_transactions
):
    low, hashed_inside, hashings = argon2.low_level, [], []
    original = low.verify_secret

    def watched(*arguments, **options):
        hashings.append(1)
        if open_transactions.get(threading.get_ident()):
            hashed_inside.append(threading.get_ident())
        return original(*arguments, **options)

    monkeypatch.setattr(low, "verify_secret", watched)
    pairs = [(one, one.fields_of("/login")) for one in (new_browser() for _ in range(PEOPLE))]
    barrier, answers, errors, stop, written = threading.Barrier(PEOPLE), [], [], threading.Event(), []

    def log_in(one, fields):
        barrier.wait(30)
        answers.append(one.post("/login", data={**fields, "email": ada.email, "password": "a long pass phrase"}))

    def write():
        while not stop.is_set():
            try:
                with runtime.write() as session:
                    session.execute(text("UPDATE site_state SET demo = demo"))
                written.append(1)
                time.sleep(0.01)
            except Exception as error:
                errors.append(error)

    monkeypatch.setattr("gigneo.core.accounts.steps.WRONG_LOGINS", (10_000, 60))  # they are all the same account here
    writer = threading.Thread(target=write)
    writer.start()
    threads = [threading.Thread(target=log_in, args=pair) for pair in pairs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    stop.set()
    writer.join()
    assert errors == []
    assert [answer.status_code for answer in answers] == [302] * PEOPLE
    assert all(one.is_in() for one, _ in pairs)
    assert len(hashings) == PEOPLE
    assert hashed_inside == [], "a password was hashed inside a writing transaction"
    assert len(written) > 3


@both
def test_no_password_is_hashed_inside_a_transaction_whatever_the_page(
    monkeypatch, runtime, new_browser, ada, sent, link, open_transactions
):
    low, seen = argon2.low_level, []
    for name in ("hash_secret", "verify_secret"):
        original = getattr(low, name)

        def watched(*arguments, _original=original, **options):
            seen.append(bool(open_transactions.get(threading.get_ident())))
            return _original(*arguments, **options)

        monkeypatch.setattr(low, name, watched)
    phrase = "yet another pass phrase"
    browser = new_browser()
    browser.submit(
        "/register",
        {"email": "n@people.example", "name": "N", "role": "employer", "password": phrase, "password_confirm": phrase},
    )
    browser.submit("/reset", {"email": ada.email})
    mails = {mail["To"]: mail for mail in sent()}
    browser.submit(link(mails[ada.email]), {"password": phrase, "password_confirm": phrase})
    browser.log_in(ada.email, phrase)
    browser.submit("/account/password", {"password": phrase + "!", "again": phrase + "!"})
    assert browser.is_in()
    assert len(seen) >= 5
    assert not any(seen)


def test_a_transaction_of_the_accounts_begins_immediate_and_under_the_writer_lock(runtime, browser, ada):
    held = []
    lock = runtime.engines.writer_lock

    def executed(_connection, _cursor, statement, *_more):
        if statement.startswith(("BEGIN", "INSERT", "UPDATE")):
            held.append((statement.split(" ", 2)[:2], lock._thread_lock.locked()))

    event.listen(runtime.engines.write, "before_cursor_execute", executed)
    browser.log_in(ada.email)
    assert held
    assert all(locked for _, locked in held)
    assert held[0][0] == ["BEGIN", "IMMEDIATE"]
    assert sum(words[0] == "BEGIN" for words, _ in held) == 1

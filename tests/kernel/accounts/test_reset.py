"""A new password by mail: for whoever reads the mailbox, once, for an hour, through a link of ours."""

import re
import threading
from datetime import timedelta

import pytest
from sqlmodel import col, select

from gigneo.core.accounts.models import User
from gigneo.core.db.models import AuditEntry, Task

NEW = {"password": "an even longer phrase", "password_confirm": "an even longer phrase"}


def hash_of(runtime, person):
    with runtime.read() as session:
        return session.exec(select(User.password).where(col(User.id) == person.id)).one()


def ask(browser, address, **options):
    return browser.submit("/reset", {"email": address}, **options)


def test_a_reset_sets_the_password_ends_every_log_in_and_tells_the_owner(runtime, browser, new_browser, ada, sent, link):
    elsewhere = new_browser()
    elsewhere.log_in(ada.email)
    ask(browser, ada.email)
    (mail,) = sent()
    answer = browser.submit(link(mail), NEW)
    assert (answer.status_code, answer.location) == (302, "/login")
    assert not elsewhere.is_in()
    assert not browser.is_in(), "a link in a mail logs nobody in"
    browser.log_in(ada.email, NEW["password"])
    assert browser.is_in()
    (notice,) = sent()
    assert notice["Subject"] == "Your password was changed"
    with runtime.read() as session:
        assert "account.password_reset" in session.exec(select(AuditEntry.action)).all()


@pytest.mark.parametrize(
    "options",
    [
        {"headers": {"Host": "evil.example"}},
        {"headers": {"X-Forwarded-Host": "evil.example"}},
        {"headers": {"X-Forwarded-Host": "evil.example", "X-Forwarded-Proto": "https", "Forwarded": "host=evil.example"}},
        {"headers": {"X-Host": "evil.example", "X-Original-URL": "http://evil.example/"}},
        {"base_url": "http://evil.example/"},
        {"query_string": {"next": "http://evil.example/"}},
    ],
)
def test_the_mailed_link_has_the_configured_address_whatever_the_request_says(browser, ada, sent, options):
    """Indico, CVE-2021-30185; CVE-2026-9273."""
    host = options.get("base_url") or f"http://{options.get('headers', {}).get('Host', 'localhost')}/"
    page = browser.get("/reset", base_url=host).text
    token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page)[1]
    answer = browser.post("/reset", data={"csrf_token": token, "email": ada.email, "next": "http://evil.example"}, **options)
    assert answer.status_code in {200, 400}
    mails = sent()
    if answer.status_code == 400:
        assert mails == []
        return
    (mail,) = mails
    text = mail.get_body(("plain",)).get_content() + mail.get_body(("html",)).get_content()
    assert "evil" not in text
    assert "http://work.example/reset/" in text


def test_a_reset_link_works_once(runtime, browser, ada, sent, link):
    ask(browser, ada.email)
    (mail,) = sent()
    browser.submit(link(mail), NEW)
    after = hash_of(runtime, ada)
    other = {"password": "a third long phrase", "password_confirm": "a third long phrase"}
    assert browser.submit(link(mail), other, page="/login").status_code == 302
    assert hash_of(runtime, ada) == after


def test_a_reset_link_expires_after_an_hour(runtime, browser, ada, sent, link):
    ask(browser, ada.email)
    (mail,) = sent()
    before = hash_of(runtime, ada)
    runtime.clock.move_by(timedelta(hours=1, seconds=5))
    browser.submit(link(mail), NEW, page="/login")
    assert hash_of(runtime, ada) == before


def test_a_reset_link_changes_its_owners_password_only(runtime, browser, ada, bob, sent, link):
    """Exertio, CVE-2024-13373: the account came from the form."""
    ask(browser, ada.email)
    (mail,) = sent()
    before = hash_of(runtime, bob)
    browser.submit(link(mail), {**NEW, "email": bob.email, "user_id": bob.id, "id": bob.id})
    assert hash_of(runtime, bob) == before


@pytest.mark.parametrize("token", ["x", "WyIxIiwieCJd.aaa.bbb", "..", "%00", "a" * 5000])
def test_made_up_tokens_change_nothing(runtime, browser, ada, token):
    before = hash_of(runtime, ada)
    browser.submit(f"/reset/{token}", NEW, page="/login")
    assert hash_of(runtime, ada) == before


def test_a_link_used_twice_at_once_sets_one_password(runtime, new_browser, ada, sent, link):
    ask(new_browser(), ada.email)
    (mail,) = sent()
    browsers = [new_browser() for _ in range(4)]
    fields = [one.fields_of(link(mail)) for one in browsers]
    barrier, answers = threading.Barrier(4), []

    def use(one, own, number):
        phrase = f"the phrase of thread {number}"
        barrier.wait(10)
        answers.append((number, one.post(link(mail), data={**own, "password": phrase, "password_confirm": phrase})))

    threads = [threading.Thread(target=use, args=(*pair, n)) for n, pair in enumerate(zip(browsers, fields, strict=True))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(answer.location for _, answer in answers) == ["/login", "/reset", "/reset", "/reset"]
    (winner,) = [number for number, answer in answers if answer.location == "/login"]
    browser = new_browser()
    browser.log_in(ada.email, f"the phrase of thread {winner}")
    assert browser.is_in()


def test_the_database_holds_no_link_and_no_token(runtime, browser, ada, sent, link):
    ask(browser, ada.email)
    with runtime.read() as session:
        (payload,) = session.exec(select(Task.payload).where(Task.kind == "kernel.mail")).all()
    (mail,) = sent()
    assert link(mail).rpartition("/")[2] not in payload
    assert "/reset" not in payload.replace("account/reset", "")


def test_a_closed_account_gets_no_link(runtime, browser, ada, sent):
    with runtime.write() as session:
        session.get(User, ada.id).active = False
    ask(browser, ada.email)
    assert sent() == []

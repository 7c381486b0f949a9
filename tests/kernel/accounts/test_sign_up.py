"""Signing up: a proven address, a chosen role, and nothing that the form does not have."""

import threading
from datetime import timedelta

import pytest
from sqlmodel import col, select

from gigneo.core.accounts.models import Role, User, UserRole

FORM = {
    "email": "New@People.example",
    "name": "  New   Person ",
    "role": "freelancer",
    "password": "a long pass phrase",
    "password_confirm": "a long pass phrase",
}


def users(runtime):
    with runtime.read() as session:
        rows = session.exec(select(User).order_by(col(User.id))).all()
        roles = session.exec(select(UserRole.user_id, Role.name).join(Role, col(Role.id) == col(UserRole.role_id))).all()
        return [(row, sorted(role for user_id, role in roles if user_id == row.id)) for row in rows]


def test_signing_up_confirming_and_logging_in(real_passwords, runtime, browser, sent, link):
    answer = browser.submit("/register", FORM)
    assert (answer.status_code, answer.location) == (302, "/login")
    ((user, roles),) = users(runtime)
    assert (user.email, user.name, roles, user.confirmed_at) == ("new@people.example", "New Person", ["freelancer"], None)
    assert user.password.startswith("$argon2id$v=19$m=19456,t=2,p=1$")
    assert "confirm" in browser.log_in("new@people.example").text.lower()
    assert not browser.is_in()
    (mail,) = sent()
    assert mail["To"] == "new@people.example"
    answer = browser.get(link(mail))
    assert (answer.status_code, answer.location) == (302, "/login")
    assert not browser.is_in(), "a link in a mail logs nobody in"
    browser.log_in("new@people.example")
    assert browser.is_in()


def test_fields_that_the_form_does_not_have_do_not_exist(runtime, browser):
    """Doctreat, CVE-2025-6254: a role from a registration parameter."""
    extra = {
        "roles": "administrator", "is_admin": "1", "active": "", "confirmed_at": "2020-01-01", "fs_uniquifier": "x", "id": "77",
        "created_at": "2020-01-01", "locale": "de", "time_zone": "Mars", "tf_totp_secret": "x", "permissions": "admin.enter",
        "price": "1", "balance": "1000000", "version": "9", "employer_id": "1", "state": "completed",
    }  # fmt: skip
    browser.submit("/register", {**FORM, **extra})
    ((user, roles),) = users(runtime)
    assert roles == ["freelancer"]
    assert (user.id, user.active, user.confirmed_at, user.locale, user.time_zone) == (1, True, None, None, None)
    assert user.fs_uniquifier != "x"


@pytest.mark.parametrize("role", ["administrator", "admin", "", "employer,administrator", "1", "0"])
def test_no_other_role_than_the_two_can_be_chosen(runtime, browser, role):
    answer = browser.submit("/register", {**FORM, "role": role})
    assert answer.status_code == 200
    assert users(runtime) == []


@pytest.mark.parametrize(
    "password", ["short", "password1", "PASSWORD1", "aaaaaaaaaaaa", "new@people.example", "x" * 257, "        ", "qwertyuiop"]
)
def test_weak_passwords_are_refused(runtime, browser, password):
    browser.submit("/register", {**FORM, "password": password, "password_confirm": password})
    assert users(runtime) == []


@pytest.mark.parametrize("password", ["x1y2z3w4", "ein langes passwort mit ümläuten 🗝", "abc" * 43, "demo-demo-demo"])
def test_long_and_odd_passwords_are_taken_and_work(runtime, browser, sent, link, password):
    browser.submit("/register", {**FORM, "password": password, "password_confirm": password})
    (mail,) = sent()
    browser.get(link(mail))
    browser.log_in("new@people.example", password)
    assert browser.is_in()


@pytest.mark.parametrize(
    "name", ["", "   ", "x" * 81, "a\r\nBcc: evil@evil.example", "<script>", "tab\tbed", 'say "x"', "a\x00b"]
)
def test_names_are_plain_lines(runtime, browser, name):
    browser.submit("/register", {**FORM, "name": name})
    assert users(runtime) == []


@pytest.mark.parametrize(
    "address",
    ["", "x", "x@", "@y.example", "a@b.example,c@d.example", "a@b.example\r\nBcc: x@y.example", "a b@c.example"],
)
def test_addresses_are_one_address(runtime, browser, address):
    browser.submit("/register", {**FORM, "email": address})
    assert users(runtime) == []


def test_what_was_typed_stays_when_something_is_wrong(browser):
    answer = browser.submit("/register", {**FORM, "password_confirm": "something else"})
    assert "New Person" in answer.text
    assert "a long pass phrase" not in answer.text


def test_two_sign_ups_with_one_address_at_once_make_one_account_and_no_error(runtime, new_browser):
    browsers = [new_browser() for _ in range(4)]
    fields = [one.fields_of("/register") for one in browsers]
    barrier, answers = threading.Barrier(4), []

    def sign_up(one, own):
        barrier.wait(10)
        answers.append(one.post("/register", data={**own, **FORM, "email": "same@people.example"}))

    # The limit per receiver is three in an hour; the fourth is told so.
    threads = [threading.Thread(target=sign_up, args=pair) for pair in zip(browsers, fields, strict=True)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(answer.status_code for answer in answers) == [302, 302, 302, 429]
    assert len(users(runtime)) == 1


def test_a_confirmation_link_works_once_for_its_owner_and_expires(runtime, browser, sent, link):
    browser.submit("/register", FORM)
    (mail,) = sent()
    runtime.clock.move_by(timedelta(days=3, minutes=1))
    browser.get(link(mail))
    assert users(runtime)[0][0].confirmed_at is None
    browser.submit("/confirm", {"email": "new@people.example"})
    (again,) = sent()
    browser.get(link(again)[:-3] + "abc")
    assert users(runtime)[0][0].confirmed_at is None
    browser.get(link(again))
    confirmed_at = users(runtime)[0][0].confirmed_at
    assert confirmed_at is not None
    runtime.clock.move_by(timedelta(minutes=1))
    browser.get(link(again))
    assert users(runtime)[0][0].confirmed_at == confirmed_at


def test_somebody_elses_confirmation_link_changes_nothing_about_who_is_logged_in(runtime, browser, new_browser, ada, sent, link):
    """Workreap, CVE-2025-4973."""
    new_browser().submit("/register", FORM)
    (mail,) = sent()
    browser.log_in(ada.email)
    browser.get(link(mail))
    assert browser.shown_name() == "Ada"
    assert users(runtime)[1][0].confirmed_at is not None


def test_a_confirmation_link_is_no_reset_link(runtime, browser, sent, link):
    browser.submit("/register", FORM)
    (mail,) = sent()
    token = link(mail).rpartition("/")[2]
    before = users(runtime)[0][0].password
    assert browser.get(f"/reset/{token}").status_code == 302
    browser.submit(f"/reset/{token}", {"password": "another long one", "password_confirm": "another long one"}, page="/login")
    assert users(runtime)[0][0].password == before

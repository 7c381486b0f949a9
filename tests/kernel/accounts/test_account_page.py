"""The account page: name, language and time zone, the password, and the open log-ins."""

import pytest
from sqlmodel import col, select

from gigneo.core.accounts.models import Login, User
from gigneo.core.db.models import AuditEntry


def user(runtime, person):
    with runtime.read() as session:
        return session.exec(select(User).where(col(User.id) == person.id)).one()


@pytest.fixture
def signed_in(browser, ada):
    browser.log_in(ada.email)
    return browser


def save(browser, **fields):
    return browser.submit("/account", {"name": "Ada", "locale": "", "time_zone": "", **fields})


def test_name_language_and_time_zone_are_kept(runtime, signed_in, ada):
    assert save(signed_in, name="Ada Lovelace", locale="en_GB", time_zone="Europe/Lisbon").status_code == 303
    row = user(runtime, ada)
    assert (row.name, row.locale, row.time_zone) == ("Ada Lovelace", "en_GB", "Europe/Lisbon")
    assert signed_in.shown_name() == "Ada Lovelace"


def test_languages_are_offered_that_the_site_speaks(signed_in):
    page = signed_in.get("/account").text
    assert 'value="en_GB"' in page and 'value="de"' not in page


def test_what_the_form_does_not_have_can_not_be_changed(runtime, signed_in, ada):
    before = user(runtime, ada)
    save(
        signed_in, email="x@y.example", password="x", active="", confirmed_at="", fs_uniquifier="x", roles="administrator",
        role="administrator", id="9", is_admin="1",
    )  # fmt: skip
    assert user(runtime, ada) == before


@pytest.mark.parametrize(
    "fields",
    [
        {"name": ""},
        {"name": "a\r\nb"},
        {"name": " gigneo "},
        {"name": "YOU"},
        {"name": "Y\u200bou."},
        {"name": "\uff39\uff4f\uff55"},
        {"name": "The Administrator"},
        {"name": "Gigneo-Support"},
        {"locale": "de"},
        {"locale": "xx"},
        {"locale": "../../etc"},
        {"time_zone": "Mars/Olympus"},
    ],
)
def test_wrong_values_are_refused_and_nothing_is_changed(runtime, signed_in, ada, fields):
    before = user(runtime, ada)
    assert save(signed_in, **fields).status_code == 422
    assert user(runtime, ada) == before


def test_a_new_password_ends_the_other_log_ins_and_their_owner_is_told(runtime, signed_in, new_browser, ada, sent):
    other = new_browser()
    other.log_in(ada.email)
    answer = signed_in.submit("/account/password", {"password": "quite another phrase", "again": "quite another phrase"})
    assert answer.status_code == 303
    assert signed_in.is_in()
    assert not other.is_in()
    other.log_in(ada.email, "quite another phrase")
    assert other.is_in()
    (mail,) = sent()
    assert (mail["To"], mail["Subject"]) == ("ada@people.example", "Your password was changed")
    with runtime.read() as session:
        entry = session.exec(select(AuditEntry).where(AuditEntry.action == "account.password_changed")).one()
    assert (entry.actor_id, entry.subject) == (ada.id, f"user:{ada.id}")


@pytest.mark.parametrize(("password", "again"), [("short", "short"), ("password1", "password1"), ("long enough one", "other")])
def test_a_weak_or_mistyped_password_changes_nothing(runtime, signed_in, ada, password, again):
    before = user(runtime, ada)
    assert signed_in.submit("/account/password", {"password": password, "again": again}).status_code == 422
    assert user(runtime, ada) == before


def test_the_open_log_ins_are_shown_and_only_ones_own(signed_in, new_browser, ada, bob):
    phone = new_browser()
    phone.submit("/login", {"email": ada.email, "password": "a long pass phrase"}, headers={"User-Agent": "A phone <b>"})
    new_browser().submit("/login", {"email": bob.email, "password": "a long pass phrase"}, headers={"User-Agent": "Bob's"})
    text = signed_in.get("/account").text
    assert "A phone &lt;b&gt;" in text
    assert "Bob's" not in text.replace("&#39;", "'")


def test_nobody_who_is_logged_out_sees_any_of_it(runtime, browser, ada):
    for path in ("/account", "/account/password", "/account/prove"):
        answer = browser.get(path)
        assert (answer.status_code, answer.location) == (303, f"/login?next={path}".replace("/account", "/account"))
    with runtime.read() as session:
        assert session.exec(select(Login)).all() == []


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("\u200b\u2060", "Tell us the name that others will see."),
        ("\u3164", "Tell us the name that others will see."),
        ("Ada\u202e", "hidden signs"),
        ("\u2067Ada", "hidden signs"),
    ],
)
def test_a_name_that_nobody_sees_or_that_turns_its_surroundings_is_refused(runtime, signed_in, ada, name, said):
    before = user(runtime, ada)
    answer = save(signed_in, name=name)
    assert answer.status_code == 422 and said in answer.text
    assert user(runtime, ada) == before

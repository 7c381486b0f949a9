"""Numbers of modules beside the person of a request: one statement with them, and the page goes on when one fails."""

import pytest
from sqlalchemy import func, literal_column, select

from gigneo.core.accounts import sessions
from gigneo.core.accounts.models import UserRole
from gigneo.core.accounts.people import load_person
from gigneo.core.places import place_of


def nobody_may(_roles: frozenset[str], _granted: frozenset[str], _denied: frozenset[str]) -> frozenset[str]:
    return frozenset()


@pytest.mark.parametrize("database", ["sqlite", "postgresql"], indirect=True)
def test_a_badge_that_fails_leaves_the_page_as_it_is(monkeypatch, runtime, browser, ada):
    def broken(person_id, place):
        return literal_column("no_such_column")

    browser.log_in(ada.email)
    monkeypatch.setattr(sessions, "_badges_of", lambda found: (("broken", broken),))
    assert browser.get("/dashboard").status_code == 200
    assert browser.get("/account").status_code == 200


@pytest.mark.parametrize("database", ["sqlite", "postgresql"], indirect=True)
def test_a_badge_is_about_the_person_and_the_place(monkeypatch, runtime, ada, bob):
    def own(person_id, place):
        own_roles = select(UserRole.role_id).where(UserRole.user_id == person_id, place == "/orders/7").subquery()
        return select(func.count()).select_from(own_roles).scalar_subquery()

    now = runtime.clock.now()
    with runtime.write() as session:
        token, row = sessions.new_login(ada.id, now, "", "")
        session.add(row)
    with runtime.read() as session:
        for path, expected in (("/orders/7/overview", 1), ("/orders/8", 0), ("/", 0)):
            person = load_person(session, token, now, nobody_may, badges=(("own", own),), place=place_of(path))
            assert (person.id, person.badges) == (ada.id, {"own": expected}), path
        assert load_person(session, token, now, nobody_may).badges == {}


@pytest.mark.parametrize(
    ("path", "place"),
    [("/", "/"), ("/orders/1/overview", "/orders/1"), ("/admin/orders/1/activity", "/admin/orders/1"), ("/wallet/", "/wallet")],
)
def test_the_pages_of_one_thing_are_one_place(path, place):
    assert place_of(path) == place

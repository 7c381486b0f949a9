"""Searches and what they find, written by hand: words, people and numbers, in every filter and order, for each who looks."""

from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
from sqlalchemy import text

from gigneo.core.accounts.use_cases import change_profile
from gigneo.plugins.orders import api as orders
from gigneo.plugins.orders import lists, searching
from gigneo.testing.fixtures import Someone, both_databases
from tests.plugins.orders.conftest import Market

PLACED = (
    # key  number     state              employer  freelancer  days  title
    ("a", "1234501", "active",           "jonas",  "mara",     11,   "Logo for a lighthouse"),
    ("b", "1234511", "delivered",        "jonas",  "mara",     9,    "Logo and letters for a library"),
    ("c", "1298765", "completed",        "jonas",  "mara",     7,    "Brochure about light-houses"),
    ("d", "2123450", "active",           "jonas",  "zoe",      1,    "A long brochure, with a logo"),
    ("e", "1234999", "cancelled",        "nadia",  "zoe",      5,    "Logo for Jónsson’s bakery"),
    ("f", "9123451", "active",           "nadia",  "mara",     4,    "LETTERS and LIGHT"),
    ("g", "1234560", "pending_payment",  "jonas",  "zoe",      2,    "Poster 12345 for a lighthouse"),
    ("h", "1234561", "active",           "nadia",  "zoe",      2,    "Poster of a logo"),
)  # fmt: skip
"""Oldest first. Three days later, d and h are late; a is flagged, and d stands on hold."""
NAMES = {"jonas": "Jonas Lightfoot", "mara": "Mara Ødegård", "zoe": "Zoë Grönroos", "nadia": "Nadia Jonsson"}

FOUND = (
    # who      filter       order     typed                expected, in this order
    ("admin",  "all",       "newest", "",                  "hgfedcba"),
    ("admin",  "all",       "newest", "logo",              "hedba"),
    ("admin",  "all",       "newest", "LOGO",              "hedba"),
    ("admin",  "all",       "newest", "lo",                "hedba"),
    ("admin",  "all",       "newest", "light",             "gfdcba"),
    ("admin",  "all",       "newest", "lighthouse",        "ga"),
    ("admin",  "all",       "newest", "light houses",      "c"),
    ("admin",  "all",       "newest", "ogo",               ""),
    ("admin",  "all",       "newest", "jon",               "hgfedcba"),
    ("admin",  "all",       "newest", "jonsson",           "hfe"),
    ("admin",  "all",       "newest", "jonas",             "gdcba"),
    ("admin",  "all",       "newest", "zoe logo",          "hed"),
    ("admin",  "all",       "newest", "GRÖN log",          "hed"),
    ("admin",  "all",       "newest", "zoe mara",          ""),
    ("admin",  "all",       "newest", "nadia zoe",         "he"),
    ("admin",  "all",       "newest", "poster light zoe",  "g"),
    ("admin",  "all",       "newest", "123",               "hgeba"),
    ("admin",  "all",       "newest", "#12345",            "hgba"),
    ("admin",  "all",       "newest", "123456",            "hg"),
    ("admin",  "all",       "newest", "1234501",           "a"),
    ("admin",  "all",       "newest", "12345 poster",      "g"),
    ("admin",  "active",    "newest", "logo",              "hda"),
    ("admin",  "active",    "due",    "logo",              "dha"),
    ("admin",  "open",      "newest", "logo",              "hdba"),
    ("admin",  "open",      "due",    "light",             "dfba"),
    ("admin",  "open",      "newest", "1234",              "hba"),
    ("admin",  "late",      "newest", "",                  "hd"),
    ("admin",  "late",      "due",    "",                  "dh"),
    ("admin",  "late",      "newest", "poster",            "h"),
    ("admin",  "late",      "newest", "jonas",             "d"),
    ("admin",  "cancelled", "newest", "logo",              "e"),
    ("admin",  "completed", "newest", "logo",              ""),
    ("admin",  "completed", "newest", "mara",              "c"),
    ("admin",  "flagged",   "newest", "",                  "a"),
    ("admin",  "flagged",   "newest", "logo",              "a"),
    ("admin",  "flagged",   "newest", "poster",            ""),
    ("admin",  "held",      "newest", "12",                ""),
    ("admin",  "held",      "newest", "brochure",          "d"),
    ("jonas",  "all",       "newest", "",                  "gdcba"),
    ("jonas",  "all",       "newest", "logo",              "dba"),
    ("jonas",  "all",       "newest", "jonas",             ""),
    ("jonas",  "all",       "newest", "light",             "gca"),
    ("jonas",  "all",       "newest", "nadia",             ""),
    ("jonas",  "all",       "newest", "zoe",               "gd"),
    ("jonas",  "all",       "newest", "ode logo",          ""),
    ("jonas",  "all",       "newest", "mara logo",         "ba"),
    ("jonas",  "all",       "newest", "1234",              "gba"),
    ("jonas",  "active",    "newest", "brochure",          "d"),
    ("jonas",  "active",    "due",    "logo",              "da"),
    ("jonas",  "late",      "newest", "logo",              "d"),
    ("jonas",  "needs-me",  "newest", "logo",              "b"),
    ("jonas",  "needs-me",  "newest", "lighthouse",        "g"),
    ("jonas",  "delivered", "newest", "mara",              "b"),
    ("mara",   "all",       "newest", "jon",               "fcba"),
    ("mara",   "all",       "newest", "jonsson",           "f"),
    ("mara",   "all",       "newest", "light",             "fcba"),
    ("mara",   "all",       "newest", "mara",              ""),
    ("mara",   "needs-me",  "newest", "letters",           ""),
    ("mara",   "open",      "due",    "l",                 "fba"),
    ("zoe",    "all",       "newest", "logo nadia",        "he"),
    ("zoe",    "all",       "newest", "12345",             "hg"),
    ("zoe",    "late",      "due",    "logo",              "dh"),
    ("nadia",  "all",       "newest", "logo",              "he"),
    ("nadia",  "all",       "newest", "jonas",             ""),
    ("nadia",  "all",       "newest", "1298765",           ""),
)  # fmt: skip


@pytest.fixture
def placed(market: Market, people: Callable[..., Someone]) -> dict[str, Someone]:
    """The orders of the table, and the people by name."""
    somebody = {"jonas": market.employer, "mara": market.freelancer, "zoe": people("freelancer", name="zoe")}
    somebody["nadia"] = people("employer", name="nadia")
    market.top_up(somebody["nadia"])
    ids = {}
    for key, number, state, employer, freelancer, days, title in PLACED:
        sides = {"employer_id": somebody[employer].id, "freelancer_id": somebody[freelancer].id}
        ids[key] = market.order(state, title=title, days=days, **sides).id
        with market.writing() as session:
            session.execute(text("UPDATE orders_order SET number = :number WHERE id = :id"), {"number": number, "id": ids[key]})
    with market.writing() as session:
        for key, name in NAMES.items():
            change_profile(session, somebody[key].id, name, None, None)
        orders.place_hold(session, ids["d"], "orders", "Somebody looks at it.", ["approve"])
        session.execute(
            text(
                "INSERT INTO orders_request (order_id, kind, asked_by_id, reason, text, asked_at, stops_review, state, answer)"
                " VALUES (:order_id, 'administrator', :person, '', 'Please look.', :at, false, 'open', '')"
            ),
            {"order_id": ids["a"], "person": somebody["jonas"].id, "at": market.runtime.clock.now()},
        )
    return somebody


@pytest.fixture(autouse=True)
def new_statements() -> Iterator[None]:
    """Statements keep the size of pages and walks that they were made with."""
    yield
    forget_statements()


def forget_statements() -> None:
    for cached in (lists._own_statement, lists._every_statement):
        cached.cache_clear()


@both_databases
def test_every_search_of_the_table_finds_what_it_says_by_either_way(
    market: Market, placed: dict[str, Someone], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lists, "PAGE_SIZE", 2)
    wrong = []
    for window in (searching.WINDOW, 3, 0):  # all is walked along, some of it, nothing: then the index has to find it
        monkeypatch.setattr(lists, "WINDOW", window)
        monkeypatch.setattr(lists, "WIDE_WINDOW", window)
        forget_statements()
        for *asked, expected in FOUND:
            seen = "".join(found(market, placed, *asked))
            if seen != expected:
                wrong.append((window, *asked, expected, seen))
    assert not wrong, "\n".join(map(str, wrong))


def found(market: Market, placed: dict[str, Someone], who: str, name: str, sort: str, typed: str) -> Iterator[str]:
    """Read every page of a list, and give the keys of its orders."""
    keys, at = {row[1]: row[0] for row in PLACED}, market.runtime.clock.now() + timedelta(days=3)
    search, cursor = searching.read_search(typed), None
    with market.runtime.read() as session, market.dispatcher.site.app.app_context():
        while True:
            if who == "admin":
                page = lists.every_order(session, lists.ADMIN_FILTERS[name], sort, cursor, at, search)
            else:
                page = lists.own_orders(session, placed[who].id, "service", lists.FILTERS[name], sort, cursor, at, search)
            yield from (keys[row.number] for row in page.rows)
            cursor = page.older
            if cursor is None:
                return

"""Each action × person × situation over HTTP, as the table in matrix.py says: page and form alike, and nothing else written."""

import itertools
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import text

from gigneo.core.dispatch import Dispatcher
from gigneo.core.runtime import Runtime
from gigneo.hooks import OrderFacts
from gigneo.plugins.orders import api as orders
from gigneo.testing.fixtures import Browser, Someone
from tests.plugins.orders.conftest import Market
from tests.plugins.orders.matrix import ADDRESSES, DECIDED, DECISIONS, OUTSIDERS, SITUATIONS, TABLE, TYPED

PRICE = 1000
CHANGED = {"reason": "Something else", "rating": "1"}
_keys = itertools.count(1)


@pytest.fixture
def dispatcher(runtime: Runtime) -> Dispatcher:
    """Orders and the wallet, with the module whose action stands in the table, too."""
    with runtime.write() as session:
        session.execute(text("UPDATE site_state SET demo = true"))
        session.execute(text("UPDATE module_state SET wanted = false WHERE name NOT IN ('orders', 'wallet', 'reviews')"))
    return Dispatcher(runtime)


def order_in(market: Market, situation: str) -> OrderFacts:
    """Bring a new order into a situation."""
    employer, freelancer = market.employer.id, market.freelancer.id
    state = {
        "pending": "pending_payment", "delivered": "delivered", "last": "in_revision", "revision": "in_revision",
        "completed": "completed", "cancelled": "cancelled", "held": "delivered",
    }.get(situation, "active")  # fmt: skip
    order = market.order(state, price_minor=PRICE, revisions=1 if situation == "last" else 3)
    if situation == "draft":
        market.step(order, "draft")
    elif situation == "extension":
        market.do(orders.request_extension, order.id, freelancer, days=2, reason="The printer is ill.")
    elif situation == "last":
        market.step(order, "deliver")
    elif situation in {"asked", "rejected", "flagged"}:
        asked = {"reason": "The work is no longer needed", "description": "The bakery closes."}
        market.do(orders.request_cancellation, order.id, employer, **asked)
        if situation != "asked":
            market.do(orders.reject_cancellation, order.id, freelancer, answer_text="It is nearly done.")
        if situation == "flagged":
            market.do(orders.ask_administrator, order.id, employer, text="Please look.")
    elif situation == "held":
        market.do(orders.place_hold, order.id, "acme", "Acme looks into it.", ["approve", "request_revision", "cancel"])
    return market.facts(order)


def send(browser: Browser, address: str, order: OrderFacts, typed: dict[str, str], key: str = "") -> int:
    """Post a form as its page would send it, whether or not the page was shown."""
    key = key or f"matrix-{next(_keys)}"
    fields = {"csrf_token": browser.fields["csrf_token"], "form_key": key, "version": str(order.version)}
    return browser.post(address, data={**fields, **typed}).status_code


@pytest.fixture
def browsers(market: Market, stranger: Someone, people: Callable[..., Someone], anonymous: Browser) -> dict[str, Browser]:
    """Everybody's browser, each with a token of its own."""
    anonymous.get("/login")
    found = {
        "employer": market.employer.browser,
        "freelancer": market.freelancer.browser,
        "stranger": stranger.browser,
        "administrator": people("administrator", name="ada").browser,
        "logged out": anonymous,
    }
    for browser in found.values():
        browser.get("/")
    return found


def cells(situation: str) -> list[tuple[str, str, bool]]:
    """The table's column of a situation: action, person, allowed."""
    column = SITUATIONS.index(situation)
    return [(action, person, row.split()[column] == "+") for (action, person), row in TABLE.items()]


def place_of(action: str, person: str) -> tuple[str, dict[str, str]]:
    if person == "administrator":
        return DECISIONS[action], DECIDED[action]
    return ADDRESSES[action], TYPED.get(action, {})


def test_the_table_has_a_cell_for_each_action_of_each_party_in_each_situation() -> None:
    assert all(len(row.split()) == len(SITUATIONS) and set(row.split()) <= {"+", "."} for row in TABLE.values())
    parties = {(action, person) for action in ADDRESSES for person in ("employer", "freelancer")}
    assert set(TABLE) == parties | {(action, "administrator") for action in DECISIONS}


@pytest.mark.parametrize("situation", SITUATIONS)
def test_what_the_table_refuses_is_refused_with_a_reason_and_writes_nothing(
    situation: str, market: Market, browsers: dict[str, Browser], fingerprint: Callable[[], dict[str, Any]]
) -> None:
    order = order_in(market, situation)
    before, wrong = fingerprint(), []
    for action, person, allowed in cells(situation):
        if allowed:
            continue
        template, typed = place_of(action, person)
        address = template.format(number=order.number)
        got = browsers[person].get(address).status_code
        if got != 409:
            wrong.append(f"GET {address} by the {person}: {got}")
        if (got := send(browsers[person], address, order, typed)) != 409:
            wrong.append(f"{action} by the {person}: {got}")
        if fingerprint() != before:
            wrong.append(f"{action} by the {person} wrote")
            before = fingerprint()
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("situation", SITUATIONS)
def test_what_the_table_allows_is_offered_by_its_page_and_done_once_however_often_it_is_sent(
    situation: str, market: Market, browsers: dict[str, Browser], fingerprint: Callable[[], dict[str, Any]]
) -> None:
    wrong = []
    for action, person, allowed in cells(situation):
        if not allowed:
            continue
        order = order_in(market, situation)
        template, typed = place_of(action, person)
        address = template.format(number=order.number)
        if (got := browsers[person].get(address).status_code) != 200:
            wrong.append(f"GET {address} by the {person}: {got}")
        before = fingerprint()
        key = f"twice-{next(_keys)}"
        if (got := send(browsers[person], address, order, typed, key)) != 303:
            wrong.append(f"{action} by the {person}: {got}")
        after = fingerprint()
        if market.facts(order).version <= order.version or after == before:
            wrong.append(f"{action} by the {person} changed nothing")
        if (got := send(browsers[person], address, order, typed, key)) != 303:
            wrong.append(f"{action} by the {person}, the same form again: {got}")
        for name in typed.keys() - {"type", "days", "amount_minor"}:
            other = {**typed, name: CHANGED.get(name, "Other words.")}
            if (got := send(browsers[person], address, order, other, key)) != 409:
                wrong.append(f"{action} by the {person}, the same key with another {name}: {got}")
        if fingerprint() != after:
            wrong.append(f"{action} by the {person}, the same key again, wrote")
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("situation", SITUATIONS)
def test_for_everybody_else_no_address_of_the_order_exists_and_nothing_is_written(
    situation: str, market: Market, browsers: dict[str, Browser], fingerprint: Callable[[], dict[str, Any]]
) -> None:
    order = order_in(market, situation)
    before, wrong = fingerprint(), []
    for (area, person), status in OUTSIDERS.items():
        browser = browsers[person]
        for action, template in (ADDRESSES if area == "orders" else DECISIONS).items():
            address = template.format(number=order.number)
            typed = (TYPED if area == "orders" else DECIDED).get(action, {})
            seen = browser.get(address)
            if seen.status_code != status or (status == 303 and "/login" not in seen.location):
                wrong.append(f"GET {address} by the {person}: {seen.status_code}")
            if (got := send(browser, address, order, typed)) != status:
                wrong.append(f"POST {address} by the {person}: {got}")
        if fingerprint() != before:
            wrong.append(f"the {person} wrote")
            before = fingerprint()
    assert not wrong, "\n".join(wrong)


def test_an_administrator_who_is_a_party_decides_nothing_about_the_own_order(
    market: Market, fingerprint: Callable[[], dict[str, Any]]
) -> None:
    for someone in (market.employer, market.freelancer):
        with market.runtime.write() as session:
            session.execute(
                text("INSERT INTO account_user_role (user_id, role_id) SELECT :who, id FROM account_role WHERE name = :role"),
                {"who": someone.id, "role": "administrator"},
            )
    active, completed, flagged = (order_in(market, situation) for situation in ("active", "completed", "flagged"))
    before, wrong = fingerprint(), []
    for someone in (market.employer, market.freelancer):
        for action, order in (("answer", flagged), ("complete", active), ("cancel", active), ("refund", completed)):
            address = DECISIONS[action].format(number=order.number)
            seen, sent = someone.browser.get(address).status_code, send(someone.browser, address, order, DECIDED[action])
            if (seen, sent) != (409, 409):
                wrong.append(f"{action} by {someone.email}: the page {seen}, the form {sent}")
    assert fingerprint() == before
    assert not wrong, "\n".join(wrong)

"""Gigneo → Orders: all orders as a file, and several decided at once."""

import csv
import io
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import text

from gigneo.plugins.orders import admin_many, exporting, lists
from gigneo.plugins.orders import api as orders
from gigneo.testing.fixtures import Someone, both_databases
from tests.plugins.orders.conftest import Market, upload

LISTING = "/admin/orders"


@pytest.fixture
def ada(market: Market, people: Callable[..., Someone]) -> Someone:
    return people("administrator", name="ada")


def exported(someone: Someone, **wanted: str) -> list[dict[str, str]]:
    answer = someone.browser.submit(f"{LISTING}/export", wanted, page=LISTING)
    assert answer.status_code == 200, answer.text[:300]
    body = answer.data.decode()
    assert body.startswith("\ufeff")
    return list(csv.DictReader(io.StringIO(body.removeprefix("\ufeff"))))


def rows(market: Market, query: str) -> list[Any]:
    with market.runtime.read() as session:
        return [tuple(row) for row in session.execute(text(query))]


@both_databases
def test_the_file_has_what_the_list_shows_in_as_many_pieces_as_it_takes(
    market: Market, ada: Someone, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(exporting, "CHUNK", 2)
    made = [market.order("active", title=f"Poster {index}") for index in range(5)]
    done = market.order("completed", title="A logo")
    found = exported(ada)
    assert [row["Number"] for row in found] == [order.number for order in reversed([*made, done])]
    assert found[0] | {"State": "Completed", "Title": "A logo", "Amount": "480.00", "Currency": "EUR"} == found[0]
    assert found[0]["Placed"].endswith("Z") and found[1]["Finished"] == ""
    assert [row["Number"] for row in exported(ada, show="completed")] == [done.number]
    assert len(exported(ada, q="poster")) == 5
    assert len(exported(ada, show="open", sort="due")) == 5
    assert len(lists.ADMIN_FILTERS) >= 9 and all(exported(ada, show=name) is not None for name in lists.ADMIN_FILTERS)


@pytest.mark.parametrize("title", ["=1+1", "+1", "-1", "@SUM(A1)", '=cmd|"/c calc"!A1, "x"'])
def test_no_cell_is_a_formula(market: Market, ada: Someone, title: str) -> None:
    market.order("active", title=title)
    [row] = exported(ada)
    assert row["Title"] == f"'{title}"
    assert exporting.harmless("\t=1") == "'\t=1" and exporting.harmless("\r=1") == "'\r=1" and exporting.harmless("a=1") == "a=1"


def test_taking_the_file_is_audited_and_only_for_who_manages_orders(market: Market, ada: Someone) -> None:
    market.order("active")
    assert market.employer.browser.submit(f"{LISTING}/export", {}, page="/account").status_code == 403
    assert rows(market, "SELECT count(*) FROM audit_entry WHERE action = 'orders.exported'") == [(0,)]
    exported(ada, show="late", q="jon")
    [(actor, detail)] = rows(market, "SELECT actor_id, detail FROM audit_entry WHERE action = 'orders.exported'")
    assert actor == ada.id and "late" in detail and "jon" in detail
    assert ada.browser.post(f"{LISTING}/export").status_code in {400, 403, 409}


def ticked(decision: str, *orders: Any) -> str:
    return f"{LISTING}/many/{decision}?" + "&".join(f"order={order.number}" for order in orders)


def seen(*orders: Any) -> dict[str, list[str]]:
    return {"seen": [f"{order.number}.{order.version}" for order in orders]}


@both_databases
def test_several_orders_are_decided_each_by_itself_and_what_fails_says_why(market: Market, ada: Someone) -> None:
    first, second, moved, done = (market.order(state) for state in ("active", "delivered", "active", "completed"))
    page = ada.browser.get(ticked("cancel", first, second, moved, done)).text
    assert page.count('name="seen"') == 3 and "These stay as they are" in page
    market.do(orders.deliver, moved.number, market.freelancer.id, final=False, description="A draft.", uploads=[upload()])
    form = {**seen(first, second, moved), "reason": "The site closes."}
    answer = ada.browser.submit(f"{LISTING}/many/cancel", form)
    assert answer.status_code == 409
    assert f"#{moved.number}" in answer.text and f"#{first.number}" not in answer.text
    states = dict(rows(market, "SELECT number, state FROM orders_order"))
    assert [states[each.number] for each in (first, second, moved, done)] == ["cancelled", "cancelled", "active", "completed"]
    assert rows(market, "SELECT count(*) FROM audit_entry WHERE action = 'orders.cancelled'") == [(2,)]
    again = ada.browser.post(f"{LISTING}/many/cancel", data={**ada.browser.fields, **form})
    assert again.status_code == 409 and f"#{first.number}" not in again.text
    assert rows(market, "SELECT count(*) FROM audit_entry WHERE action = 'orders.cancelled'") == [(2,)]


def test_all_that_went_well_leads_back_to_the_list(market: Market, ada: Someone) -> None:
    made = [market.order("active") for _ in range(3)]
    ada.browser.get(ticked("complete", *made))
    answer = ada.browser.submit(f"{LISTING}/many/complete", {**seen(*made), "reason": "Agreed by phone."}, follow_redirects=True)
    assert "3 orders are decided" in answer.text
    assert {state for (state,) in rows(market, "SELECT state FROM orders_order")} == {"completed"}


def test_a_reason_is_required_and_what_was_chosen_stays(market: Market, ada: Someone) -> None:
    made = [market.order("active") for _ in range(2)]
    ada.browser.get(ticked("cancel", *made))
    answer = ada.browser.submit(f"{LISTING}/many/cancel", {**seen(*made), "reason": " "})
    assert answer.status_code == 409 and answer.text.count('name="seen"') == 2
    assert {state for (state,) in rows(market, "SELECT state FROM orders_order")} == {"active"}


def test_no_more_than_a_hundred_and_nothing_that_is_not_there(
    market: Market, ada: Someone, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(admin_many, "MOST", 2)
    made = [market.order("active") for _ in range(3)]
    page = ada.browser.get(ticked("complete", *made)).text
    assert page.count('name="seen"') == 2 and "At most 2 orders" in page
    ada.browser.submit(f"{LISTING}/many/complete", {**seen(*made), "reason": "Agreed."})
    assert sorted(state for (state,) in rows(market, "SELECT state FROM orders_order")) == ["active", "completed", "completed"]
    assert "No order was chosen" in ada.browser.get(f"{LISTING}/many/cancel?order=1&order=%27").text
    assert ada.browser.get(f"{LISTING}/many/refund?order={made[0].number}").status_code == 404
    assert market.employer.browser.get(ticked("cancel", *made)).status_code == 403

"""An order belongs to two people: for everybody else its pages, actions and files do not exist, and nothing changes."""

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import text

from gigneo.core.runtime import Runtime
from gigneo.plugins.orders import api as orders
from gigneo.plugins.orders.searching import read_search
from gigneo.testing.fixtures import Browser, Someone, both_databases
from tests.plugins.orders.conftest import Market, pdf, upload

GETS = ("", "/overview", "/activity", "/attachments", "/payments", "/deliver", "/approve", "/cancel", "/pay", "/drop",
        "/request-revision", "/confirm/approve", "/nothing")  # fmt: skip
POSTS = ("/deliver", "/approve", "/cancel", "/pay", "/drop", "/request-revision", "/attachments")


def test_strangers_and_administrators_get_404_on_every_address_of_an_order_and_no_row_changes(
    market: Market,
    stranger: Someone,
    people: Callable[..., Someone],
    fingerprint: Callable[[], dict[str, Any]],
) -> None:
    found = [market.order(state) for state in ("pending_payment", "active", "delivered")]
    ada = people("administrator", name="ada")
    before = fingerprint()
    for someone in (stranger, ada):
        for order in found:
            for path in GETS:
                assert someone.browser.get(f"/orders/{order.number}{path}").status_code == 404, path
            for path in POSTS:
                data = {**someone.browser.fields, "type": "final", "description": "x", "instructions": "x", "kind": "reference"}
                answer = someone.browser.post(f"/orders/{order.number}{path}", data={**data, "files": [pdf()]})
                assert answer.status_code in {400, 404}, path
    assert fingerprint() == before


def test_somebody_who_is_not_logged_in_is_sent_to_log_in_and_comes_back(market: Market, anonymous: Browser) -> None:
    order = market.order("active")
    for path in ("/overview", "/deliver", "/nothing"):
        answer = anonymous.get(f"/orders/{order.number}{path}")
        assert answer.status_code == 303 and answer.location.startswith("/login?next=")
    assert anonymous.get("/dashboard/orders/services").status_code == 303


@both_databases
def test_nonsense_in_the_address_is_404(market: Market) -> None:
    for number in ("0", "abc", "1" * 13, "٣", "%00", "7'--", "-1"):
        assert market.employer.browser.get(f"/orders/{number}/overview").status_code == 404


def test_files_are_read_by_both_sides_and_by_who_manages_orders(
    market: Market, stranger: Someone, people: Callable[..., Someone]
) -> None:
    order = market.order("active")
    market.do(orders.deliver, order.id, market.freelancer.id, final=True, uploads=[upload("a.pdf")])
    market.do(orders.add_files, order.id, market.employer.id, "reference", [upload("b.pdf")])
    ada = people("administrator", name="ada")
    ids = [row[0] for row in market.rows("SELECT id FROM file_stored")]
    assert len(ids) == 2
    for file_id in ids:
        for someone in (market.employer, market.freelancer, ada):
            assert someone.browser.get(f"/files/{file_id}").status_code == 200
        assert stranger.browser.get(f"/files/{file_id}").status_code == 404


def test_only_who_manages_orders_enters_the_area_of_all_orders(
    market: Market, stranger: Someone, people: Callable[..., Someone]
) -> None:
    order = market.order("active")
    ada = people("administrator", name="ada")
    for path in ("/admin/orders", f"/admin/orders/{order.number}"):
        assert ada.browser.get(path).status_code == 200
        for someone in (market.employer, stranger):
            assert someone.browser.get(path).status_code == 403
    assert ada.browser.get("/admin/orders/1").status_code == 404


@pytest.mark.parametrize("collation", ["C", "und-x-icu"])
@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
def test_a_number_is_found_by_its_beginning_however_the_database_sorts(runtime: Runtime, collation: str) -> None:
    between = f'(number COLLATE "{collation}") >= :from AND (number COLLATE "{collation}") <= :to'
    asked = text(f"SELECT number FROM (VALUES ('4122'), ('4123'), ('41239876'), ('4124')) AS found (number) WHERE {between}")
    with runtime.engines.read.connect() as connection:
        found = connection.execute(asked, read_search("#4123").values)
        assert [number for (number,) in found] == ["4123", "41239876"]


def test_the_administrator_reads_an_order_and_its_payments_in_one_area(market: Market, people: Callable[..., Someone]) -> None:
    order = market.order("in_revision")
    ada = people("administrator", name="ada")
    page = ada.browser.get(f"/admin/orders/{order.number}").text
    for told in (
        "Jonas",
        "Mara",
        "Here it is.",
        "Heavier, please.",
        "requested a revision",
        f"/admin/orders/{order.number}/payments",
    ):
        assert told in page, told
    assert "In escrow" in ada.browser.get(f"/admin/orders/{order.number}/payments").text
    assert ada.browser.get(f"/admin/orders/{order.number}/attachments").status_code == 404
    for query, shown in (
        ("q=" + order.number[:4], True),
        ("q=bakery+jon", True),
        ("q=%25", False),
        ("q=9999999999", False),
        ("q=bakery+nobody", False),
        ("show=held", False),
    ):
        assert (f"/admin/orders/{order.number}" in ada.browser.get(f"/admin/orders?{query}").text) == shown, query

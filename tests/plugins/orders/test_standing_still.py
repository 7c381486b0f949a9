"""What happens where rules meet: requests under a hold, and administrators in front of one."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from gigneo.core.refusals import RefusedBase
from gigneo.plugins.orders import api as orders
from gigneo.testing.fixtures import Someone, both_databases
from tests.plugins.orders.conftest import Market, page_of

ASKED = {"reason": "The work is no longer needed", "description": "The bakery closes."}


def test_a_cancellation_request_made_under_a_hold_keeps_the_review_time_still_after_it(
    market: Market, run_tasks: Callable[[], int]
) -> None:
    order = market.order("delivered")
    hold = market.do(orders.place_hold, order.id, "acme", "Acme looks into it.", [])
    market.do(orders.request_cancellation, order.id, market.employer.id, **ASKED)
    market.do(orders.lift_hold, order.id, hold)
    after = market.facts(order)
    assert after.request("cancellation") is not None and after.review_until is None and after.review_left_seconds
    market.runtime.clock.move_by(timedelta(days=4))  # type: ignore[attr-defined]
    run_tasks()
    assert market.facts(order).state == "delivered", "money moved although the employer has asked to cancel"


@both_databases
@pytest.mark.parametrize("lifted_first", [0, 1])
def test_holds_that_overlap_give_back_the_whole_time_for_which_one_stood(market: Market, lifted_first: int) -> None:
    order = market.order("active", days=10)
    asked = market.do(orders.request_cancellation, order.id, market.employer.id, **ASKED).request("cancellation")
    clock, start = market.runtime.clock, order.started_at
    assert start is not None and order.due_at is not None and asked is not None and asked.answer_by is not None
    holds = []
    for hour in (10, 20):
        with clock.standing_at(start + timedelta(hours=hour)):  # type: ignore[attr-defined]
            holds.append(market.do(orders.place_hold, order.id, "acme", "Acme looks into it.", ["deliver_final"]))
    with clock.standing_at(start + timedelta(hours=30)):  # type: ignore[attr-defined]
        market.do(orders.lift_hold, order.id, holds[lifted_first])
        assert market.facts(order).due_at == order.due_at, "one hold still stands"
    with clock.standing_at(start + timedelta(hours=60)):  # type: ignore[attr-defined]
        market.do(orders.lift_hold, order.id, holds[1 - lifted_first])
    after = market.facts(order)
    assert (after.held_at, after.undeliverable_at) == (None, None)
    assert after.due_at == order.due_at + timedelta(hours=50)
    answer = after.request("cancellation")
    assert answer is not None and answer.answer_by == asked.answer_by + timedelta(hours=50)


def test_an_order_whose_delivery_is_blocked_is_not_late_and_can_not_be_cancelled_as_late(
    market: Market, run_tasks: Callable[[], int]
) -> None:
    order, late = market.order("active", days=1), market.order("active", days=1)
    assert order.due_at is not None and order.started_at is not None
    clock = market.runtime.clock
    with clock.standing_at(order.started_at + timedelta(hours=20)):  # type: ignore[attr-defined]
        market.do(orders.place_hold, order.id, "acme", "Acme looks into it.", ["deliver_final"])
    clock.move_by(timedelta(days=5))  # type: ignore[attr-defined]
    run_tasks()
    assert market.facts(order).late_at is None and market.facts(late).late_at is not None
    listed = market.freelancer.browser.get("/dashboard/orders/services?show=late").text
    assert f"#{late.number}" in listed and f"#{order.number}" not in listed
    page = page_of(market.freelancer.browser, order)
    assert "The time to deliver stands still, with 4 hours left when it goes on." in page and "days late" not in page


def test_no_hold_stands_in_the_administrators_way(market: Market, people: Callable[..., Someone]) -> None:
    ada = people("administrator", name="ada")
    for use_case, state in ((orders.complete_as_administrator, "completed"), (orders.cancel_as_administrator, "cancelled")):
        order = market.order("active", price_minor=1000)
        held = ["approve", "cancel", "complete", "administrator_complete", "administrator_cancel"]
        market.do(orders.place_hold, order.id, "acme", "Acme looks into it.", held)
        market.do(use_case, order.id, ada.id, reason="Nobody answers for it.")
        after = market.facts(order)
        assert (after.state, after.holds) == (state, ())


def test_only_who_manages_orders_decides_as_an_administrator_whoever_calls(market: Market, stranger: Someone) -> None:
    for use_case in (orders.complete_as_administrator, orders.cancel_as_administrator):
        order = market.order("active", price_minor=1000)
        with pytest.raises(RefusedBase):
            market.do(use_case, order.id, stranger.id, reason="Because.")
        assert market.facts(order) == order

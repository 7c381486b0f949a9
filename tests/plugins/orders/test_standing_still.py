"""What happens where rules meet: requests under a hold, and administrators in front of one."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from gigneo.core.refusals import RefusedBase
from gigneo.plugins.orders import api as orders
from gigneo.testing.fixtures import Someone
from tests.plugins.orders.conftest import Market

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

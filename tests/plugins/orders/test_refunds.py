"""An administrator gives money back while it is clearing: by the split rule, never more than there is, never later."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from gigneo.core.refusals import RefusedBase
from gigneo.hooks import OrderFacts
from gigneo.plugins.orders import api as orders
from gigneo.plugins.orders.decisions import choices
from gigneo.plugins.wallet import api as wallet
from gigneo.plugins.wallet.audit import prove
from gigneo.testing.fixtures import Someone
from tests.plugins.orders.conftest import Market

WALLET = 1_000_000
AFTER_CLEARING = timedelta(days=3, minutes=1)


@pytest.fixture
def ada(people: Callable[..., Someone]) -> Someone:
    """An administrator."""
    return people("administrator", name="ada")


def refund(market: Market, order: OrderFacts, ada: Someone, amount: int) -> None:
    market.do(orders.refund_as_administrator, order.id, ada.id, amount_minor=amount, reason="It was missing.")


def money(market: Market, order: OrderFacts) -> tuple[int, int, int]:
    """The employer's and the freelancer's wallet, and what is clearing."""
    with market.dispatcher.site.app.app_context(), market.runtime.read() as session:
        purse = wallet.purse_of(session, order.id)
        assert purse is not None
        employer, freelancer = (wallet.balance(session, who).available for who in (order.employer_id, order.freelancer_id))
        assert prove(session).ok
        return employer, freelancer, purse.clearing_minor


# price, refunded: the employer's wallet, what is clearing (the commission is a tenth of what is released)
SPLITS = {
    (1000, 1000): (WALLET, 0),
    (1000, 500): (WALLET - 500, 450),
    (1000, 1): (WALLET - 999, 899),
    (1, 1): (WALLET, 0),
    (48_000, 12_345): (WALLET - 35_655, 32_089),
}


@pytest.mark.parametrize(("price", "amount"), SPLITS)
def test_a_refund_gives_the_employer_the_part_and_takes_commission_on_the_rest_only(
    market: Market, ada: Someone, price: int, amount: int
) -> None:
    order = market.order("completed", price_minor=price)
    refund(market, order, ada, amount)
    employer, clearing = SPLITS[price, amount]
    assert market.facts(order).state == "completed"
    assert money(market, order) == (employer, 0, clearing)


def test_no_more_is_given_back_than_the_price_however_often(market: Market, ada: Someone) -> None:
    order = market.order("completed", price_minor=1000)
    refund(market, order, ada, 600)
    before = market.facts(order)
    for amount in (401, 1000, 600):
        with pytest.raises(RefusedBase):
            refund(market, order, ada, amount)
    assert market.facts(order) == before
    assert money(market, order) == (WALLET - 400, 0, 360)


def test_once_the_money_has_cleared_no_refund_is_offered_or_done(
    market: Market, ada: Someone, run_tasks: Callable[[], int]
) -> None:
    order = market.order("completed", price_minor=1000)
    market.runtime.clock.move_by(AFTER_CLEARING)  # type: ignore[attr-defined]
    run_tasks()
    assert money(market, order) == (WALLET - 1000, 900, 0)
    with market.dispatcher.site.app.app_context(), market.runtime.read() as session:
        assert not choices(market.facts(order), "administrator", session).all["administrator_refund"].offered
    with pytest.raises(RefusedBase):
        refund(market, order, ada, 1000)
    assert money(market, order) == (WALLET - 1000, 900, 0)


def test_a_refund_that_no_module_carries_out_is_refused(market: Market, ada: Someone) -> None:
    order = market.order("completed", price_minor=1000)
    if not market.dispatcher.site.hooks.subscribers("order_refunding"):
        with pytest.raises(RefusedBase):
            refund(market, order, ada, 500)
        assert market.facts(order) == order

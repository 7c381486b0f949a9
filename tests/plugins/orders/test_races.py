"""Two people act at once: exactly one wins, the other is told why, and the money is where the winner's action put it."""

import threading
from collections.abc import Callable

import pytest

from gigneo.core.refusals import RefusedBase
from gigneo.hooks import OrderFacts
from gigneo.testing.fixtures import both_databases
from tests.plugins.orders.conftest import Market

ROUNDS = 4


def at_once(*actions: Callable[[], object]) -> list[str]:
    """Run actions at the same moment; give ``won`` or the code of the refusal for each."""
    barrier = threading.Barrier(len(actions))
    results = [""] * len(actions)

    def run(index: int, action: Callable[[], object]) -> None:
        barrier.wait(10)
        try:
            action()
            results[index] = "won"
        except RefusedBase as refusal:
            results[index] = refusal.refusals[0].code

    threads = [threading.Thread(target=run, args=pair) for pair in enumerate(actions)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    return results


@both_databases
@pytest.mark.parametrize("pair", [("approve", "cancel"), ("approve", "revise"), ("approve", "approve"), ("revise", "revise")])
def test_of_two_actions_at_once_exactly_one_wins_and_the_other_is_refused(market: Market, pair: tuple[str, str]) -> None:
    after = {"approve": "completed", "cancel": "cancelled", "revise": "in_revision"}
    for _ in range(ROUNDS):
        order = market.order("delivered", revisions=1)
        results = at_once(*(_step(market, order, action) for action in pair))
        assert sorted(results) == ["won", "wrong_state"], results
        now = market.facts(order)
        assert now.state == after[pair[results.index("won")]]
        assert now.version == order.version + 1 and now.revisions_used <= 1
    violations = market.rows("SELECT count(*) FROM orders_activity GROUP BY order_id, order_version HAVING count(*) > 1")
    assert not violations, "one fact per version"


def _step(market: Market, order: OrderFacts, action: str) -> Callable[[], object]:
    return lambda: market.step(order, action)

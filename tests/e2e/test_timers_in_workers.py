"""What orders do by themselves happens in ``gigneo worker``, beside ``gigneo web``, without anybody asking for a page."""

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from gigneo.hooks import OrderFacts
from gigneo.plugins.orders.timetable import TIMERS
from gigneo.testing.servers import Server
from tests.load.actions import BY_TIME, SILENCE_AGREES, Action
from tests.load.gates import gate_of, until
from tests.load.judging import happened_once, history, violations
from tests.load.trading import DUE, Trade, trading
from tests.load.workers import Worker, worker_dies

ORDERS = 4
SECONDS = 30.0
Waiting = list[tuple[Action, OrderFacts]]


@pytest.fixture(params=["sqlite", "postgresql"])
def trade(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Trade]:
    with trading(tmp_path, request.param, {"GIGNEO_TASKS__LEASE_SECONDS": "10"}) as made:
        yield made


def overdue(trade: Trade, timers: list[Action], count: int) -> Waiting:
    """Return orders whose timers will be due as soon as :func:`let_be_due` says so, and nothing else for a worker to do."""
    found = [(timer, order) for timer in timers for order in trade.orders(timer.situation, count)]
    trade.forget_tasks()
    return found


def let_be_due(trade: Trade, waiting: Waiting) -> None:
    for timer, order in waiting:
        trade.let_be_due(order, timer.name)


def all_done(trade: Trade, waiting: Waiting) -> bool:
    return all(timer.kind in history(trade, order) for timer, order in waiting)


def test_every_timer_fires_once_under_two_workers_and_without_any_request(trade: Trade) -> None:
    waiting = overdue(trade, list(BY_TIME.values()), ORDERS)
    with ExitStack() as stack:
        stack.enter_context(Server(trade.home, ("web",), trade.environment))
        for _ in range(2):
            stack.enter_context(Worker(trade.home, trade.environment))
        let_be_due(trade, waiting)
        assert until(lambda: all_done(trade, waiting), SECONDS), "a timer did not fire"
        told = "SELECT 1 FROM task WHERE state IN ('waiting', 'running') AND due_at < CURRENT_TIMESTAMP"
        assert until(lambda: not trade.market.rows(told), SECONDS), "what follows from it was not told"
    assert [fault for timer, order in waiting for fault in happened_once(trade, timer, order)] == []
    assert violations(trade) == []
    assert trade.market.rows("SELECT key, attempts FROM task WHERE key LIKE 'orders.timer:%' AND attempts > 1") == []


def test_silence_agrees_once_where_the_operator_chose_so(trade: Trade) -> None:
    trade.choose(silence_approves=True)
    waiting = overdue(trade, [SILENCE_AGREES], ORDERS)
    let_be_due(trade, waiting)
    with Worker(trade.home, trade.environment), Worker(trade.home, trade.environment):
        assert until(lambda: all_done(trade, waiting), SECONDS)
    assert [fault for timer, order in waiting for fault in happened_once(trade, timer, order)] == []
    assert violations(trade) == []


def test_a_worker_that_is_killed_over_a_timer_and_started_again_has_fired_it_once(trade: Trade) -> None:
    waiting = overdue(trade, list(BY_TIME.values()), 1)
    let_be_due(trade, waiting)
    worker_dies(trade.home, trade.environment, "task-before-done")
    assert [trade.market.facts(order) for _, order in waiting] == [order for _, order in waiting], "nothing is half done"
    with Worker(trade.home, trade.environment):  # what the dead one had taken is free when its lease of ten seconds is over
        assert until(lambda: all_done(trade, waiting), SECONDS), "a timer was lost"
    assert [fault for timer, order in waiting for fault in happened_once(trade, timer, order)] == []
    assert violations(trade) == []


def test_a_worker_that_gets_sigkill_while_it_works_leaves_its_timer_to_another(trade: Trade) -> None:
    gate = gate_of(trade.home, trade.url)
    [(timer, order)] = waiting = overdue(trade, [BY_TIME["complete"]], 1)
    worker = Worker(trade.home, {**trade.environment, **gate.environment}).start()
    try:
        with gate.held([order.id]):
            trade.change_at_the_gate(DUE, key=f"orders.timer:{timer.name}:{order.id}")
            gate.let_claim(lambda: bool(trade.market.rows("SELECT 1 FROM task WHERE state = 'running'")))
            assert until(lambda: gate.waiting() > 0), "the worker is at the order"
            worker.kill()
    finally:
        worker.stop()
        gate.close()
    assert trade.market.facts(order) == order
    with Worker(trade.home, trade.environment):
        assert until(lambda: all_done(trade, waiting), SECONDS)
    assert happened_once(trade, timer, order) == [] and violations(trade) == []


def test_no_timer_is_left_out() -> None:
    assert set(BY_TIME) == {timer.name for timer in TIMERS}

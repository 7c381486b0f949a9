"""Every action of the process that a person can take, twice at once on four orders; tests/soak/test_twice.py takes 500."""

from collections.abc import Iterator

import pytest

from gigneo.plugins.orders.process import ACTIONS as PROCESS
from tests.load.actions import ACTIONS
from tests.load.buying import buy_twice_at_once
from tests.load.contending import Contest, contest
from tests.load.judging import violations
from tests.load.sites import audit_is_clean
from tests.load.twice import twice_at_once

ORDERS = 4


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def running(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Contest]:
    with contest(tmp_path_factory.mktemp("twice"), request.param) as served:
        yield served


@pytest.mark.parametrize("name", ACTIONS)
def test_an_action_twice_at_once_happens_once_per_order(running: Contest, name: str) -> None:
    report = twice_at_once(running, ACTIONS[name], ORDERS)
    assert not report.wrong, report.wrong[:5]
    assert (report.successes, report.same, report.uncertain) == (ORDERS // 2, ORDERS // 2, 0)
    assert violations(running.trade) == []


def test_a_checkout_sent_twice_at_once_makes_one_order(running: Contest) -> None:
    report = buy_twice_at_once(running, ORDERS)
    assert not report.wrong, report.wrong[:5]
    assert report.same == ORDERS


def test_the_ledger_is_proven_by_its_own_command_afterwards(running: Contest) -> None:
    audit_is_clean(running.servers[0])


def test_no_action_of_a_person_is_left_out() -> None:
    assert {*ACTIONS, "place"} == {action.name for action in PROCESS if action.actors != {"system"}}

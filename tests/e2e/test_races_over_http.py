"""Two people act on one order at the same moment, over HTTP: on three processes with PostgreSQL, on one with SQLite.

The long form is tests/soak/test_races.py.
"""

from collections.abc import Iterator

import pytest

from tests.load.actions import ACTIONS
from tests.load.contending import Contest, contest
from tests.load.judging import violations
from tests.load.racing import PAIRS, Report, race, race_with_time, submit_twice
from tests.load.sites import audit_is_clean
from tests.load.workers import Worker

ROUNDS = 2
"""Each of two comes first once; tests/soak/test_races.py has 200."""


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def running(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Contest]:
    with contest(tmp_path_factory.mktemp("races"), request.param) as served:
        yield served


@pytest.mark.parametrize(("situation", "first", "second"), PAIRS)
def test_of_two_actions_at_once_one_wins_and_the_other_person_is_told_what_happened(
    running: Contest, situation: str, first: str, second: str
) -> None:
    report = race(running, situation, (first, second), ROUNDS)
    holds(running, report, ROUNDS)
    assert set(report.winners) == {first, second}, "whoever comes first wins"


def test_an_approval_and_the_end_of_the_review_time_complete_an_order_once(running: Contest) -> None:
    with Worker(running.trade.home, running.trade.environment):
        report = race_with_time(running, ROUNDS)
    holds(running, report, ROUNDS)


@pytest.mark.parametrize("name", ACTIONS)
def test_a_double_click_acts_once_and_is_answered_alike(running: Contest, name: str) -> None:
    holds(running, submit_twice(running, ACTIONS[name], 1), 1)


def test_the_ledger_is_proven_by_its_own_command_afterwards(running: Contest) -> None:
    audit_is_clean(running.servers[0])


def holds(running: Contest, report: Report, rounds: int) -> None:
    assert not report.wrong, report.wrong[:5]
    assert (report.rounds, report.uncertain) == (rounds, 0)
    assert violations(running.trade) == []

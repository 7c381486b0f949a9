"""``make soak PART=races``: every race 200 times, on three processes with PostgreSQL and on one with SQLite."""

from pathlib import Path

import pytest

from tests.load.actions import ACTIONS
from tests.load.amounts import part_of
from tests.load.contending import contest
from tests.load.judging import violations
from tests.load.racing import PAIRS, Report, race, race_with_time, submit_twice
from tests.load.sites import audit_is_clean
from tests.load.workers import Worker

pytestmark = [pytest.mark.soak, pytest.mark.timeout(2400)]

ROUNDS = 200
DOUBLE_CLICKS = 20
"""Of each action; tests/soak/test_twice.py has 250 more."""


@pytest.mark.parametrize("database", ["sqlite", "postgresql"])
def test_of_two_actions_at_once_exactly_one_wins(database: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    rounds, clicks = part_of(ROUNDS), part_of(DOUBLE_CLICKS)
    reports: dict[str, Report] = {}
    with contest(tmp_path, database) as running:
        for situation, first, second in PAIRS:
            reports[f"{first} ∥ {second}"] = race(running, situation, (first, second), rounds)
        with Worker(running.trade.home, running.trade.environment):
            reports["approve ∥ complete by time"] = race_with_time(running, rounds)
        for action in ACTIONS.values():
            reports[f"{action.name}, double click"] = submit_twice(running, action, clicks)
        broken = violations(running.trade)
        audit_is_clean(running.servers[0])
    with capsys.disabled():
        print(f"\n{database}: {sum(report.rounds for report in reports.values())} rounds")
        for name, report in reports.items():
            print(f"  {name}: {report.rounds} rounds, {dict(report.winners)}, {report.uncertain} not certain")
    assert not broken, broken[:5]
    wrong = [fault for report in reports.values() for fault in report.wrong]
    assert not wrong, wrong[:5]
    assert sum(report.uncertain for report in reports.values()) == 0

"""``make soak PART=twice``: every action of a person twice at once, on 500 orders each, on both databases."""

from pathlib import Path

import pytest

from tests.load.actions import ACTIONS
from tests.load.amounts import part_of
from tests.load.buying import buy_twice_at_once
from tests.load.contending import contest
from tests.load.judging import violations
from tests.load.sites import audit_is_clean
from tests.load.twice import twice_at_once

pytestmark = [pytest.mark.soak, pytest.mark.timeout(2400)]

ORDERS = 500


@pytest.mark.parametrize("database", ["sqlite", "postgresql"])
def test_every_action_twice_at_once_happens_once_per_order(
    database: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    count = part_of(ORDERS)
    with contest(tmp_path, database) as running:
        reports = {action.name: twice_at_once(running, action, count) for action in ACTIONS.values()}
        reports["place"] = buy_twice_at_once(running, count)
        broken = violations(running.trade)
        audit_is_clean(running.servers[0])
    with capsys.disabled():
        orders, done = (sum(getattr(report, name) for report in reports.values()) for name in ("orders", "successes"))
        same, uncertain = (sum(getattr(report, name) for report in reports.values()) for name in ("same", "uncertain"))
        print(
            f"\n{database}: {len(reports)} actions, {orders} orders: {done} pairs of pages done once, "
            f"{same} double clicks answered alike, {uncertain} batches not certain"
        )
    assert not broken, broken[:5]
    wrong = [fault for report in reports.values() for fault in report.wrong]
    assert not wrong, wrong[:5]
    assert all(report.successes + report.same == report.orders == count for report in reports.values())

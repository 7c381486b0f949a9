"""Processes that die at each of their kill points with every action in flight; tests/soak/test_kill_points.py takes each alone.

What was not committed has left nothing, what was committed is whole, and the person who sends the same form again gets the
action once.
"""

from collections.abc import Iterator

import pytest

from gigneo.testing.servers import Server
from tests.load.actions import ACTIONS, BY_TIME
from tests.load.buying import buy_and_die
from tests.load.dying import FILE_POINTS, FORM_POINTS, Ward, points_of, ward
from tests.load.sites import audit_is_clean


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def dying(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ward]:
    with ward(tmp_path_factory.mktemp("ward"), request.param) as there:
        yield there


@pytest.mark.parametrize("point", FILE_POINTS)
def test_a_web_process_that_dies_over_every_action_of_people_leaves_each_of_them_whole_or_undone(dying: Ward, point: str) -> None:
    dying.act_and_die([([action for action in ACTIONS.values() if point in points_of(action)], point)])
    assert not dying.wrong, dying.wrong[:5]


@pytest.mark.parametrize("point", FORM_POINTS)
def test_a_checkout_at_a_web_process_that_dies_makes_one_order_when_it_is_sent_again(dying: Ward, point: str) -> None:
    buy_and_die(dying, point)
    assert not dying.wrong, dying.wrong[:5]


@pytest.mark.parametrize("point", ["task-claimed", "task-before-done"])
def test_a_worker_that_dies_over_timers_leaves_them_to_be_done_once(dying: Ward, point: str) -> None:
    dying.work_and_die(list(BY_TIME.values()), point)
    assert not dying.wrong, dying.wrong[:5]


def test_a_delivery_whose_process_dies_between_file_and_row_is_delivered_once_when_it_is_sent_again(dying: Ward) -> None:
    dying.act_and_die([([ACTIONS["deliver_final"]], "after-blob")])
    assert not dying.wrong, dying.wrong[:5]


def test_the_ledger_is_proven_by_its_own_command_afterwards(dying: Ward) -> None:
    audit_is_clean(Server(dying.trade.home, ("web",), dying.trade.environment))

"""``make soak PART=kill_points``: every kill point with every action of people and of timers, each alone, on both databases."""

from pathlib import Path

import pytest

from tests.load.actions import ACTIONS, BY_TIME, SILENCE_AGREES
from tests.load.amounts import part_of
from tests.load.buying import buy_and_die
from tests.load.dying import FORM_POINTS, WORKER_POINTS, points_of, ward

pytestmark = [pytest.mark.soak, pytest.mark.timeout(2400)]


@pytest.mark.parametrize("database", ["sqlite", "postgresql"])
def test_whatever_moment_a_process_dies_at_an_action_happens_once(
    database: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    forms = [([action], point) for action in ACTIONS.values() for point in points_of(action)]
    work = [([timer], point) for timer in (*BY_TIME.values(), SILENCE_AGREES) for point in WORKER_POINTS]
    forms, work = (every[:: max(1, len(every) // part_of(len(every)))] for every in (forms, work))
    with ward(tmp_path, database) as dying:
        dying.act_and_die(forms)
        for point in FORM_POINTS:
            buy_and_die(dying, point)
        for timers, point in work:
            dying.trade.choose(silence_approves=timers == [SILENCE_AGREES])
            dying.work_and_die(timers, point)
    with capsys.disabled():
        print(f"\n{database}: {len(forms) + len(FORM_POINTS)} web processes died over a form, {len(work)} workers over a timer")
    assert not dying.wrong, dying.wrong[:5]
    assert dying.deaths == len(forms) + len(FORM_POINTS) + len(work)

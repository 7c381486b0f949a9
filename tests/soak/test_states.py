"""``make soak PART=states``: 100,000 steps of the orders' state machine; GIGNEO_SOAK_STEPS says another number."""

import os
import time

import pytest
from hypothesis import HealthCheck, Phase, settings

from tests.plugins.orders.walking import walk

pytestmark = [pytest.mark.soak, pytest.mark.timeout(2400)]

STEPS = int(os.environ.get("GIGNEO_SOAK_STEPS", "100000"))
RARE = ("holds overlapped", "extended when late", "fault", "form twice", "bad input", "toggle", "note_silence: done")
LONG = settings(
    max_examples=100,
    stateful_step_count=100,
    deadline=None,
    database=None,
    phases=(Phase.generate,),
    suppress_health_check=list(HealthCheck),
)


def test_a_hundred_thousand_steps_leave_the_orders_as_the_rules_say(capsys: pytest.CaptureFixture[str]) -> None:
    began = time.monotonic()
    steps = walk(LONG, at_least=STEPS)
    with capsys.disabled():
        print(f"\n{steps.total()} steps in {time.monotonic() - began:.0f} s: {dict(steps.most_common())}")
    assert steps.total() >= STEPS
    assert not [each for each in RARE if not steps[each]], "the walk never came there"

"""Any sequence of steps by anybody leaves the real order as the model says; ``make soak PART=states`` walks longer."""

import pytest
from hypothesis import HealthCheck, Phase, settings

from tests.plugins.orders.walking import walk

SHORT = settings(
    max_examples=12,
    stateful_step_count=60,
    deadline=None,
    derandomize=True,
    database=None,
    phases=(Phase.generate,),  # the failure tells every step; shrinking it takes minutes
    suppress_health_check=list(HealthCheck),
)


@pytest.mark.timeout(600)
def test_whatever_anybody_does_in_any_order_the_site_does_what_the_rules_say() -> None:
    steps = walk(SHORT, at_least=200)
    assert steps.total() >= 200, steps

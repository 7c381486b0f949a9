"""Walking the state machine until enough steps were taken."""

import logging
import tempfile
from collections import Counter
from pathlib import Path

import structlog
from hypothesis import settings
from hypothesis.stateful import run_state_machine_as_test

from tests.plugins.orders.real import Real
from tests.plugins.orders.states import Orders

MEMORY = Path("/dev/shm")


def walk(how: settings, at_least: int) -> Counter[str]:
    """Walk, and return what was done, and how often.

    Args:
        how: examples, steps and randomness of one round.
        at_least: the steps after which no other round begins.
    """
    Orders.steps = Counter()
    told = structlog.get_config()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))  # faults are meant
    with tempfile.TemporaryDirectory(dir=MEMORY if MEMORY.is_dir() else None) as home:
        Orders.real = Real.make(Path(home))
        try:
            while Orders.steps.total() < at_least:
                run_state_machine_as_test(Orders, settings=how)
        finally:
            Orders.real.close()
            structlog.configure(**told)
    return Orders.steps

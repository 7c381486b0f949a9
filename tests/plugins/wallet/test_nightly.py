"""The ledger is proven every day, without anybody asking."""

from collections.abc import Callable
from datetime import timedelta

from sqlalchemy import text

from gigneo.core.clock import MovableClock
from gigneo.core.runtime import Runtime


def test_every_day_an_audit_row_says_that_the_ledger_is_proven(runtime: Runtime, run_tasks: Callable[[], int]) -> None:
    assert isinstance(runtime.clock, MovableClock)
    for _ in range(3):
        runtime.clock.move_by(timedelta(days=1, minutes=1))
        run_tasks()
        run_tasks()
    with runtime.read() as session:
        rows = session.execute(text("SELECT action FROM audit_entry WHERE subject = 'ledger'")).scalars().all()
    assert len(rows) >= 2
    assert set(rows) == {"ledger.proven"}

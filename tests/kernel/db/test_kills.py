"""A machine that fails at the worst moment: what was committed is delivered, once, after the restart."""

import time

import pytest

from gigneo.core.db.uow import writing
from gigneo.core.tasks.store import schedule
from tests.kernel.db.conftest import NOON
from tests.kernel.db.processes import Machine
from tests.kernel.db.small import Account, count

KILLED = 137


@pytest.fixture
def machine(url, engines, tmp_path) -> Machine:
    with writing(engines, revision=None) as session:
        session.add(Account(id=1, name="one"))
    return Machine(url, tmp_path / "writer.lock")


def test_a_kill_before_the_commit_leaves_nothing(machine, engines):
    assert machine.run("toss", "7", crash_at="before-commit#1") == KILLED
    assert machine.run("drain", later=True) == 0
    assert count(engines, "ledger_entry") == 0


# The draining process writes three times: it arms the kernel's periodic work, it claims, it runs the handler.
@pytest.mark.parametrize(
    "point", ["before-commit#2", "after-commit#2", "task-claimed#1", "task-before-done#1", "before-commit#3", "after-commit#3"]
)
def test_a_kill_between_commit_and_handler_delivers_once_after_the_restart(machine, engines, point):
    assert machine.run("toss", "7", crash_at="after-commit#1") == KILLED
    assert machine.run("drain", crash_at=point) == KILLED
    assert count(engines, "ledger_entry") == (1 if point == "after-commit#3" else 0)
    assert machine.run("drain", later=True) == 0
    assert machine.run("drain", later=True) == 0
    assert count(engines, "ledger_entry", "amount_minor = 7") == 1
    assert count(engines, "task", "kind = 'event:coin_tossed' AND state = 'done'") == 1


def test_sigkill_inside_the_handler_delivers_once_after_the_restart(machine, engines):
    assert machine.run("toss", "7") == 0
    with machine.started("stall") as process:
        assert process.heard() == "inside"
        process.process.kill()
    assert count(engines, "ledger_entry") == 0
    assert machine.run("drain", later=True) == 0
    assert count(engines, "ledger_entry", "amount_minor = 7") == 1


def test_loops_of_several_processes_claim_each_task_once(machine, engines, tmp_path):
    """The handler works outside the database, so nothing but the claim keeps it from running twice."""
    notes = tmp_path / "notes"
    notes.touch()
    with machine.started("note", str(notes)) as one, machine.started("note", str(notes)) as two:
        for process in (one, two):
            assert process.heard() == "started"
        with writing(engines, revision=None) as session:
            for number in range(40):
                schedule(session, "ledger.note", f"note:{number}", NOON, {"number": number})
        for _ in range(300):
            if count(engines, "task", "state = 'done'") == 40:
                break
            time.sleep(0.1)
        for process in (one, two):
            process.line.send("stop")
            assert process.ended() == 0
    assert sorted(map(int, notes.read_text().split())) == list(range(40))

"""Units of work: one writing transaction per action, fenced, never two writers at once, nothing lost."""

import fcntl
import os
import sqlite3
import threading
from contextlib import ExitStack
from pathlib import Path

import pytest
from sqlalchemy import event
from sqlalchemy.exc import DBAPIError
from sqlmodel import Session, text

from gigneo.core.db.engines import Engines, open_engines
from gigneo.core.db.locks import WriterBusy
from gigneo.core.db.uow import NestedWrite, SiteMoved, current_revision, reading, writing
from gigneo.core.once import once
from gigneo.core.revision import bump_revision
from gigneo.core.tasks.loop import TaskLoop
from gigneo.core.tasks.store import schedule
from tests.kernel.db.conftest import NOON
from tests.kernel.db.processes import Machine
from tests.kernel.db.small import Account, Entry, Plugin, SmallRuntime, count

WRITES = ("INSERT", "UPDATE", "DELETE", "REPLACE")


def test_no_writing_transaction_begins_other_than_immediate(sqlite_engines, clock):
    seen: list[tuple[int, str]] = []

    def trace(connection: sqlite3.Connection, _record: object) -> None:
        connection.set_trace_callback(lambda statement: seen.append((id(connection), statement)))

    for engine in (sqlite_engines.write, sqlite_engines.read):
        event.listen(engine, "connect", trace)
    sqlite_engines.dispose()

    runtime = SmallRuntime(sqlite_engines, clock)
    runtime.use(ledger=Plugin())
    with writing(sqlite_engines, revision=1) as session:
        session.add(Account(name="one"))
        schedule(session, "kernel.sweep", "now", clock.now())
        once(session, "key", {"a": 1}, lambda: "done")
    TaskLoop(runtime).run_due()
    with reading(sqlite_engines) as session:
        session.execute(text("SELECT count(*) FROM task")).scalar_one()

    open_with: dict[int, str] = {}
    wrote = 0
    for connection, statement in seen:
        verb = statement.lstrip().upper()
        if verb.startswith("BEGIN"):
            open_with[connection] = verb
        elif verb.startswith(("COMMIT", "ROLLBACK")):
            open_with.pop(connection, None)
        elif verb.startswith(WRITES):
            wrote += 1
            assert open_with.get(connection) == "BEGIN IMMEDIATE", statement
    assert wrote > 5


def test_processes_that_count_together_lose_nothing(url, engines, tmp_path):
    with writing(engines, revision=None) as session:
        session.add(Account(id=1, name="counter"))
        session.flush()
        session.add(Entry(id=1, account_id=1, amount_minor=0, at=NOON))
    machine = Machine(url, tmp_path / "writer.lock")
    with ExitStack() as stack:
        processes = [stack.enter_context(machine.started("increment", "40")) for _ in range(3)]
        for process in processes:
            assert process.ended() == 0
    with reading(engines) as session:
        assert session.get(Entry, 1).amount_minor == 120


def test_a_writer_in_another_process_is_waited_for(sqlite_url, tmp_path):
    """The lock file, not SQLite's own lock, is what keeps a second writer (and its checkpoint) away."""
    engines = open_engines(sqlite_url, tmp_path / "writer.lock")
    with writing(engines, revision=None) as session:
        session.add(Account(id=1, name="counter"))
        session.flush()
        session.add(Entry(id=1, account_id=1, amount_minor=0, at=NOON))
    other = Machine(sqlite_url, tmp_path / "writer.lock")
    with ExitStack() as stack:
        holding = stack.enter_context(ExitStack())
        holding.enter_context(engines.writer_lock.held())
        process = stack.enter_context(other.started("increment", "1"))
        process.process.join(2)
        assert process.process.is_alive()
        assert count(engines, "ledger_entry", "amount_minor = 1") == 0
        holding.close()
        assert process.ended() == 0
    assert count(engines, "ledger_entry", "amount_minor = 1") == 1
    engines.dispose()


def test_a_read_session_refuses_to_write(engines):
    with reading(engines) as session, pytest.raises(DBAPIError, match=r"readonly|read-only"):
        session.execute(text("UPDATE site_state SET demo = :yes"), {"yes": True})
    assert count(engines, "site_state", "NOT demo") == 1


def test_a_write_inside_a_write_is_refused_and_the_outer_one_goes_on(engines):
    with writing(engines, revision=None) as session:
        session.add(Account(name="outer"))
        with pytest.raises(NestedWrite), writing(engines, revision=None):
            pass
    assert count(engines, "ledger_account") == 1


def test_an_error_rolls_everything_back(engines):
    with pytest.raises(ZeroDivisionError), writing(engines, revision=None) as session:
        session.add(Account(name="gone"))
        session.flush()
        raise ZeroDivisionError
    assert count(engines, "ledger_account") == 0
    with writing(engines, revision=None):
        pass


def test_a_write_on_a_former_revision_is_refused_before_it_begins(engines):
    with writing(engines, revision=None, toggling=True) as session:
        assert bump_revision(session) == 2
    with pytest.raises(SiteMoved), writing(engines, revision=1) as session:
        session.add(Account(name="stale"))
    with writing(engines, revision=2) as session:
        session.add(Account(name="fresh"))
    assert count(engines, "ledger_account", "name = 'stale'") == 0
    assert count(engines, "ledger_account", "name = 'fresh'") == 1


def test_no_view_can_swallow_that_the_site_moved():
    assert not issubclass(SiteMoved, Exception)


def test_a_toggle_waits_for_writers_and_keeps_new_ones_out(engines):
    """A writer that has begun ends before the revision moves; one that comes during the toggle sees the new revision."""
    story: list[str] = []
    writer_is_in, toggler_is_in, go_on = threading.Event(), threading.Event(), threading.Event()

    def write() -> None:
        with writing(engines, revision=1) as session:
            writer_is_in.set()
            go_on.wait(5)
            session.add(Account(name="before"))
            story.append("written")

    def toggle() -> None:
        writer_is_in.wait(5)
        with writing(engines, revision=None, toggling=True) as session:
            story.append("toggling")
            toggler_is_in.set()
            threading.Event().wait(0.3)
            bump_revision(session)
            story.append("toggled")

    def come_late() -> None:
        toggler_is_in.wait(5)
        try:
            with writing(engines, revision=1) as session:
                session.add(Account(name="late"))
        except SiteMoved:
            story.append("refused")

    threads = [threading.Thread(target=target) for target in (write, toggle, come_late)]
    for thread in threads:
        thread.start()
    writer_is_in.wait(5)
    threading.Event().wait(0.3)
    assert story == []
    go_on.set()
    for thread in threads:
        thread.join(10)
    assert story == ["written", "toggling", "toggled", "refused"]
    assert count(engines, "ledger_account", "name = 'late'") == 0


@pytest.mark.parametrize("url", ["postgres"], indirect=True)
def test_writers_on_postgresql_do_not_wait_for_each_other(engines):
    with writing(engines, revision=1) as first:
        first.add(Account(name="first"))
        first.flush()
        done = threading.Event()

        def write() -> None:
            with writing(engines, revision=1) as second:
                second.add(Account(name="second"))
            done.set()

        thread = threading.Thread(target=write)
        thread.start()
        assert done.wait(5)
        thread.join()


def test_sqlite_is_durable_and_checks_references_on_every_connection(sqlite_engines: Engines):
    for engine, checkpoints in ((sqlite_engines.write, 1000), (sqlite_engines.read, 0), (sqlite_engines.auth, 0)):
        with engine.connect() as connection:
            asked = {
                name: connection.exec_driver_sql(f"PRAGMA {name}").scalar_one()
                for name in ("synchronous", "foreign_keys", "journal_mode", "wal_autocheckpoint")
            }
        assert asked == {"synchronous": 2, "foreign_keys": 1, "journal_mode": "wal", "wal_autocheckpoint": checkpoints}


def test_a_row_that_refers_to_nothing_is_refused(engines):
    with pytest.raises(DBAPIError, match=r"(?i)foreign key"), writing(engines, revision=None) as session:
        session.add(Entry(account_id=404, amount_minor=1, at=NOON))


def test_log_ins_read_without_a_transaction(engines):
    """Argon2 takes long; it must not run while a transaction, or even a snapshot, is open."""
    with Session(engines.auth) as session:
        assert current_revision(session) == 1
        with writing(engines, revision=1, toggling=True) as other:
            bump_revision(other)
        assert current_revision(session) == 2


def test_a_writer_that_inherits_the_lock_over_a_fork_opens_its_own(sqlite_engines: Engines, tmp_path: Path):
    lock = sqlite_engines.writer_lock
    with lock.held():
        before = lock._descriptor
    lock._pid = -1
    with lock.held():
        assert lock._descriptor != before


def test_a_lock_that_another_process_keeps_is_waited_for_no_longer_than_the_time_out(sqlite_engines: Engines, tmp_path: Path):
    lock = sqlite_engines.writer_lock
    with lock.held():
        pass
    other = os.open(lock._path, os.O_RDWR)  # a descriptor of its own stands for another process
    fcntl.flock(other, fcntl.LOCK_EX)
    try:
        with pytest.raises(WriterBusy), lock.held(timeout_seconds=0.1):
            pass
    finally:
        os.close(other)
    with lock.held(timeout_seconds=0.1):
        pass

"""What the processes of the tests do; see ``processes.py``."""

import os
import time
from datetime import UTC, datetime
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from sqlmodel import Session, text

from gigneo.contributions import TaskHandler
from gigneo.core import crash
from gigneo.core.clock import MovableClock
from gigneo.core.db.engines import open_engines
from gigneo.core.db.migrate import upgrade
from gigneo.core.db.uow import writing
from gigneo.core.tasks.events import emit
from gigneo.core.tasks.loop import TaskLoop
from tests.kernel.db.small import CoinTossed, Entry, Listener, SmallRuntime

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
LATER = datetime(2026, 3, 1, 18, tzinfo=UTC)


def increment(runtime: SmallRuntime, times: str, _line: Connection) -> None:
    """Read a number and write it back plus one, as often as asked."""
    lock = "" if runtime.engines.is_sqlite else " FOR UPDATE"
    for _ in range(int(times)):
        with writing(runtime.engines, revision=None) as session:
            amount = session.execute(text(f"SELECT amount_minor FROM ledger_entry WHERE id = 1{lock}")).scalar_one()
            session.execute(text("UPDATE ledger_entry SET amount_minor = :new WHERE id = 1"), {"new": amount + 1})


def toss(runtime: SmallRuntime, number: str, _line: Connection) -> None:
    """Emit one fact."""
    with writing(runtime.engines, revision=None) as session:
        emit(session, CoinTossed(int(number), runtime.clock.now()), runtime.site)


def drain(runtime: SmallRuntime, _argument: str, _line: Connection) -> None:
    """Run everything that is due."""
    TaskLoop(runtime).run_due()


def stall(runtime: SmallRuntime, _argument: str, line: Connection) -> None:
    """Run what is due, and stay inside the handler until somebody kills the process."""

    def heard(event: CoinTossed, session: Session) -> None:
        write_entry(event, session)
        session.flush()
        line.send("inside")
        time.sleep(60)

    runtime.use(ledger=Listener(heard=heard))
    TaskLoop(runtime).run_due()


def note(runtime: SmallRuntime, path: str, line: Connection) -> None:
    """Run what is due with a handler that works outside the database, and writes into a file whenever it runs."""

    def run(payload: dict[str, Any], key: str) -> None:
        descriptor = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT)
        os.write(descriptor, f"{payload['number']}\n".encode())
        os.close(descriptor)

    runtime.use(ledger=Listener((TaskHandler("ledger.note", run, transactional=False),)))
    loop = TaskLoop(runtime)
    loop.start()
    line.send("started")
    line.recv()
    loop.stop()


def migrate(runtime: SmallRuntime, folder: str, _line: Connection) -> None:
    """Upgrade the tables of a plugin ``tips``."""
    upgrade(runtime.engines, [("tips", Path(folder))])


def write_entry(event: CoinTossed, session: Session) -> None:
    """What the subscriber of these processes does."""
    session.add(Entry(account_id=1, amount_minor=event.number, at=event.at))


WORK = {work.__name__: work for work in (increment, toss, drain, stall, note, migrate)}


def main(url: str, lock: Path, work: str, argument: str, crash_at: str, later: bool, line: Connection) -> None:
    """Do the work, with a machine that fails where it is told to."""
    crash._wanted, _, crash._nth = crash_at.partition("#")
    runtime = SmallRuntime(open_engines(url, lock), MovableClock(LATER if later else NOON))
    runtime.use(ledger=Listener(heard=write_entry))
    WORK[work](runtime, argument, line)

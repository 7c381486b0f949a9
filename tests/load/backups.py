"""A site that is written to while it is backed up: drafts with files, money on its way; and what its backups came to."""

import hashlib
import json
import random
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from sqlalchemy import NullPool, create_engine, text

from gigneo.testing.commands import gigneo
from gigneo.testing.databases import empty_postgres_database
from gigneo.testing.http import Person
from gigneo.testing.servers import Server
from tests.load.actions import ACTIONS
from tests.load.sending import PDF
from tests.load.trading import Trade, new_key

SENDERS: Final = 3
LARGEST_BYTES: Final = 200_000


@dataclass
class Writing:
    """People who send drafts with files and put money into wallets until they are told to stop.

    Attributes:
        trade: the marketplace.
        server: that serves it.
        done: how many forms were accepted.
        unexpected: other answers.
    """

    trade: Trade
    server: Server
    done: int = 0
    unexpected: list[str] = field(default_factory=list)
    _stop: threading.Event = field(default_factory=threading.Event)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    @contextmanager
    def going_on(self) -> Iterator[None]:
        """Let them write while the block runs."""
        orders = self.trade.orders("active", SENDERS)
        threads = [threading.Thread(target=self._send_drafts, args=(order.number,)) for order in orders]
        threads.append(threading.Thread(target=self._top_up))
        for thread in threads:
            thread.start()
        try:
            yield
        finally:
            self._stop.set()
            for thread in threads:
                thread.join(60)

    def wait_for(self, count: int) -> None:
        """Wait until so many more forms were accepted."""
        wanted, deadline = self.done + count, time.monotonic() + 120
        while self.done < wanted:
            assert time.monotonic() < deadline, f"only {self.done} of {wanted}: {self.unexpected[:3]}"
            time.sleep(0.02)

    def _send_drafts(self, number: str) -> None:
        draft = ACTIONS["deliver_draft"]
        person = self.trade.person(draft.who, self.server.port)
        url = f"/orders/{number}/{draft.path}"
        chance = random.Random(number)
        while not self._stop.is_set():
            content = PDF + chance.randbytes(chance.randrange(LARGEST_BYTES))
            data = {**draft.typed, "form_key": new_key()}
            self._count(person.send_file(url, data, "files", draft.file, content, page=url).status)
        person.close()

    def _top_up(self) -> None:
        person: Person = self.trade.person("employer", self.server.port)
        while not self._stop.is_set():
            self._count(person.post("/wallet/top-up", {"amount": "10.00", "form_key": new_key()}, page="/wallet/top-up").status)
        person.close()

    def _count(self, status: int) -> None:
        with self._lock:
            if status == 303:
                self.done += 1
            elif status != 429:
                self.unexpected.append(str(status))


@dataclass(frozen=True, slots=True)
class Restored:
    """What a backup came to in an empty deployment.

    Attributes:
        files: how many rows of files there are.
        transfers: how many transfers of money.
        wrong: whatever is not as it must be.
    """

    files: int
    transfers: int
    wrong: tuple[str, ...]


def restored(trade: Trade, archive: Path, home: Path) -> Restored:
    """Restore an archive into an empty deployment, and look at it past the product."""
    with ExitStack() as stack:
        url = f"sqlite:///{home}/gigneo.db"
        if not trade.market.runtime.engines.is_sqlite:
            url = stack.enter_context(empty_postgres_database())
        environment = {"GIGNEO_DATABASE__URL": url, "GIGNEO_LOG__LEVEL": "error"}
        wrong = []
        for command in (("restore", str(archive)), ("doctor",), ("wallet", "audit"), ("db", "check")):
            done = gigneo(home, *command, environment=environment, timeout=600)
            if done.returncode:
                wrong.append(f"{command[0]} left with {done.returncode}: {done.stdout}{done.stderr}")
        engine = create_engine(url, poolclass=NullPool)
        with engine.connect() as connection:
            rows = connection.execute(text("SELECT storage_key, sha256 FROM file_stored")).all()
            transfers = connection.execute(text("SELECT count(*) FROM wallet_transfer")).scalar_one()
        engine.dispose()
        kept = {str(path.relative_to(home / "files")): path for path in (home / "files").rglob("*") if path.is_file()}
        wrong += [f"{key} has no bytes" for key, _ in rows if key not in kept]
        wrong += [f"{key} has other bytes" for key, sha256 in rows if key in kept and _hash(kept[key]) != sha256]
        wrong += [f"{key} belongs to no row" for key in kept.keys() - {key for key, _ in rows}]
        return Restored(len(rows), transfers, tuple(wrong))


def backed_up(trade: Trade, archive: Path) -> int:
    """Back up by the command; return how many files the archive has."""
    done = gigneo(trade.home, "backup", str(archive), "--json", environment=trade.environment, timeout=600)
    assert done.returncode == 0, done.stdout + done.stderr
    return int(json.loads(done.stdout)["files"])


def _hash(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()

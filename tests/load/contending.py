"""People at a gate: each sends a form, all wait for the same thing, and then all go at once."""

import itertools
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from gigneo.hooks import OrderFacts
from gigneo.testing.http import Answer, Person
from gigneo.testing.servers import Server
from tests.load.actions import Action
from tests.load.gates import WAIT_SECONDS, Gate, gate_of, until
from tests.load.sending import send
from tests.load.sites import start_at_once
from tests.load.trading import Trade, new_key, trading

THREADS = 24
JOIN_SECONDS = 60.0


@dataclass(frozen=True, slots=True)
class Contender:
    """Somebody, or a worker, who wants to act.

    Attributes:
        start: begins; a person's ends with the answer.
        claimed: of a worker: whether it has taken its task, which it does before anything else.
    """

    start: Callable[[], Answer | None]
    claimed: Callable[[], bool] | None = None


@dataclass
class Contest:
    """A marketplace with its web processes, and the gate to it.

    Attributes:
        trade: the marketplace.
        gate: what all actions wait for.
        servers: its web processes: three on PostgreSQL, one on SQLite.
    """

    trade: Trade
    gate: Gate
    servers: list[Server]

    def __post_init__(self) -> None:
        self._ports = itertools.cycle([server.port for server in self.servers])

    def person(self, role: str) -> Person:
        """Return somebody who comes to the next of the processes."""
        return self.trade.person(role, next(self._ports))

    def sender(self, action: Action, order: OrderFacts, key: str | None = None) -> Contender:
        """Return a person who sends a form."""
        person, form = self.person(action.who), key or new_key()
        return Contender(lambda: send(person, action, order, form))

    def one_after_the_other(self, order: OrderFacts, contenders: Sequence[Contender]) -> tuple[list[Answer | None], bool]:
        """Let them come to the gate in this order, each when the former waits there, and open it.

        Returns:
            Their answers, and whether all of them waited.
        """
        runs = [_Run(contender) for contender in contenders]
        certain = True
        with self.gate.held([order.id]):
            for number, run in enumerate(runs, 1):
                run.start()
                certain &= until(lambda: self.gate.waiting() >= number)  # noqa: B023 - it is called at once
                if run.contender.claimed is not None and number == 1:
                    self.gate.let_claim(run.contender.claimed)
                    certain &= until(lambda: self.gate.waiting() >= number)  # noqa: B023
        return [run.answer() for run in runs], certain

    def all_at_once(self, orders: Sequence[OrderFacts], contenders: Sequence[Contender]) -> tuple[list[Answer | None], bool]:
        """Let all come to the gate as they like, and open it when everybody waits there."""
        return all_at_once(self.gate, orders, contenders)


def all_at_once(
    gate: Gate, orders: Sequence[OrderFacts], contenders: Sequence[Contender], *, end_before: bool = False
) -> tuple[list[Answer | None], bool]:
    """Let all come to a gate as they like, and open it when everybody waits there.

    Args:
        gate: what they need.
        orders: what is held of it.
        contenders: who comes.
        end_before: they are to end while it is still closed, and never come so far.

    Returns:
        Their answers, and whether all of them waited, or ended before.
    """
    runs = [_Run(contender) for contender in contenders]
    with gate.held([order.id for order in orders]):
        for run in runs:
            run.start()
        there = (lambda: not any(run.is_alive() for run in runs)) if end_before else (lambda: gate.waiting() >= len(runs))
        certain = until(there, WAIT_SECONDS if orders else 0)
    return [run.answer() for run in runs], certain


class _Run(threading.Thread):
    """One contender's thread."""

    def __init__(self, contender: Contender) -> None:
        super().__init__()
        self.contender = contender
        self._answer: Answer | None = None
        self._error: Exception | None = None

    def run(self) -> None:
        try:
            self._answer = self.contender.start()
        except Exception as error:
            self._error = error

    def answer(self) -> Answer | None:
        """Wait for what came of it."""
        self.join(JOIN_SECONDS)
        assert not self.is_alive(), "no answer came"
        if self._error is not None:
            raise self._error
        return self._answer


@contextmanager
def contest(folder: Path, database: str) -> Iterator[Contest]:
    """Serve a marketplace by three processes on PostgreSQL, or by one with many threads on SQLite."""
    with ExitStack() as stack:
        trade = stack.enter_context(trading(folder, database, {"GIGNEO_WEB__THREADS": str(THREADS)}))
        gate = gate_of(trade.home, trade.url)
        stack.callback(gate.close)
        trade.environment |= gate.environment
        servers = [Server(trade.home, ("web",), trade.environment) for _ in range(3 if database == "postgresql" else 1)]
        start_at_once(servers, stack)
        yield Contest(trade, gate, servers)

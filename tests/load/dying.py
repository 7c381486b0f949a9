"""Servers that die at a kill point while people or timers act, and what people do then: they send the same form again."""

import http.client
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import pairwise
from pathlib import Path
from typing import Final

from gigneo.hooks import OrderFacts
from gigneo.testing.http import Answer
from gigneo.testing.servers import Server
from tests.load.actions import Action
from tests.load.contending import Contender, all_at_once
from tests.load.gates import Gate, gate_of
from tests.load.judging import bytes_without_row, everything, files_without_bytes, happened_once, violations
from tests.load.sending import PDF, is_done, send, where_now
from tests.load.trading import Trade, new_key, trading
from tests.load.workers import worker_dies

FORM_POINTS: Final = ("before-commit", "after-commit")
BEFORE_THE_GATE: Final = ("after-blob",)
"""Points that the form of a file passes before its transaction: a process dies there whoever holds the orders."""

FILE_POINTS: Final = (*FORM_POINTS, *BEFORE_THE_GATE)
WORKER_POINTS: Final = ("task-claimed", "task-before-done", *(f"{point}#{n}" for point in FORM_POINTS for n in (1, 2, 3)))
"""A worker's first transactions are those that take the task, keep it, and do what it is for."""

ROLLED_BACK: Final = frozenset({"before-commit", *BEFORE_THE_GATE, "task-before-done"})
"""Points before which nothing can have been written."""

LEASE_OVER: Final = timedelta(hours=1)
THREADS: Final = 48


def points_of(action: Action) -> tuple[str, ...]:
    """Return the points that the form of an action passes."""
    return FILE_POINTS if action.file else FORM_POINTS


@dataclass(frozen=True, slots=True)
class _Form:
    """A form that somebody has in front of them."""

    action: Action
    order: OrderFacts
    key: str


@dataclass
class Ward:
    """A marketplace whose servers die.

    Attributes:
        trade: the marketplace.
        gate: what its actions wait for.
        healthy: a server that lives through it all; on SQLite there is none, for only one may serve.
        wrong: whatever is not as it must be.
        deaths: how many processes died.
    """

    trade: Trade
    gate: Gate
    healthy: Server | None
    wrong: list[str] = field(default_factory=list)
    deaths: int = 0

    def act_and_die(self, deaths: Sequence[tuple[Sequence[Action], str]]) -> None:
        """Let people act at servers that die: on an order each, together, at a point; look, and let them send it again.

        A single action dies at the very point. Of several, one does, and the others wherever they are by then.
        """
        coming: Future[Server] | None = None
        with ThreadPoolExecutor(1) as starter:
            try:
                for (actions, point), after in pairwise([*deaths, None]):
                    server = coming.result() if coming is not None else self.mortal(point)
                    coming = starter.submit(self.mortal, after[1]) if after is not None and self.healthy is not None else None
                    try:
                        self._act_and_die(actions, point, server)
                    finally:
                        server.kill()
            finally:
                if coming is not None:
                    coming.result().kill()

    def work_and_die(self, timers: Sequence[Action], point: str) -> None:
        """Let a worker die over timers that are due, look, and let the work go on when its lease is over."""
        orders = [(timer, self.trade.order(timer.situation)) for timer in timers]
        self.trade.forget_tasks()
        for timer, order in orders:
            self.trade.let_be_due(order, timer.name)
        worker_dies(self.trade.home, self.trade.environment, point)
        self.deaths += 1
        for timer, order in orders:
            self._judge(point, timer, order, done=False if point in ROLLED_BACK else None)
        self._judge_all(point)
        self.trade.run_tasks(LEASE_OVER)
        for timer, order in orders:
            self._judge(point, timer, order, done=True)
        self._judge_all(point)

    def _act_and_die(self, actions: Sequence[Action], point: str, server: Server) -> None:
        forms = [_Form(action, self.trade.order(action.situation), new_key()) for action in actions]
        before, lost_before = everything(self.trade), bytes_without_row(self.trade)
        senders = [Contender(lambda form=form: self._send(form, server)) for form in forms]  # type: ignore[misc]
        orders, end_before = [form.order for form in forms], point in BEFORE_THE_GATE
        answers, certain = all_at_once(self.gate, orders, senders, end_before=end_before)
        server.kill()
        self.deaths += 1
        if not certain or any(answers):
            statuses = [one.status for one in answers if one is not None]
            self.wrong.append(f"{point}: all {'died before' if end_before else 'waited'}: {certain}; answered: {statuses}")
        after = everything(self.trade)
        if point in ROLLED_BACK and before != after:
            self.wrong.append(f"{point}: something is left in {[table for table in before if before[table] != after[table]]}")
        done = False if point in ROLLED_BACK else True if len(forms) == 1 else None
        for form in forms:
            self._judge(point, form.action, form.order, done=done)
        self._judge_all(point)
        files = sum(bool(form.action.file) for form in forms)
        lost = bytes_without_row(self.trade)
        self._judge_lost(point, files, [lost[key] for key in lost.keys() - lost_before.keys()], _rows(after) - _rows(before))
        with self.after_the_restart() as living:
            for form in forms:
                again = [self._send(form, living, where_now(form.action, form.order)) for _ in range(2)]
                if not all(one is not None and is_done(one) for one in again):
                    self.wrong.append(f"{point}, {form.action.name}: sent again: {[one and one.status for one in again]}")
        for form in forms:
            self._judge(point, form.action, form.order, done=True)
        self._judge_all(point)
        if (rows := _rows(everything(self.trade)) - _rows(before)) != files:
            self.wrong.append(f"{point}: {files} forms with a file made {rows} files")
        if bytes_without_row(self.trade) != lost:
            self.wrong.append(f"{point}: sending again has left bytes without a row, or taken others' away")

    def _judge_lost(self, point: str, files: int, lost: Sequence[bytes], rows: int) -> None:
        """Note it when what the dead process kept is not the whole file of each form that came so far, with a row or without."""
        least = min(files, 1) if point in BEFORE_THE_GATE else files
        if not least <= len(lost) + rows <= files or any(content != PDF for content in lost):
            self.wrong.append(f"{point}: of {files} files {rows} have a row, those of {[*map(len, lost)]} bytes have none")

    def _judge(self, point: str, action: Action, order: OrderFacts, *, done: bool | None) -> None:
        """Note what is wrong with an order on which an action must have happened once, or not at all, or either."""
        untouched = self.trade.market.facts(order) == order
        if done is False and not untouched:
            self.wrong.append(f"{point}, {action.name}: something of it was done")
        elif done or not untouched:
            self.wrong += [f"{point}, {fault}" for fault in happened_once(self.trade, action, order)]

    def _judge_all(self, point: str) -> None:
        """Note what is wrong with the whole."""
        self.wrong += [f"{point}, {fault}" for fault in violations(self.trade) + files_without_bytes(self.trade)]

    def _send(self, form: _Form, server: Server, page: str | None = None) -> Answer | None:
        person = self.trade.person(form.action.who, server.port)
        return nobody_answers(lambda: send(person, form.action, form.order, form.key, page))

    def mortal(self, point: str) -> Server:
        """Start a server that dies at a point."""
        return Server(self.trade.home, ("web",), {**self.trade.environment, "GIGNEO_CRASH_AT": point}).start()

    @contextmanager
    def after_the_restart(self) -> Iterator[Server]:
        """Give a server that lives."""
        if self.healthy is not None:
            yield self.healthy
            return
        with Server(self.trade.home, ("web",), self.trade.environment) as server:
            yield server


def _rows(tables: dict[str, list[str]]) -> int:
    """Return how many files have a row."""
    return len(tables["file_stored"])


def nobody_answers(ask: Callable[[], Answer]) -> Answer | None:
    """Ask, and return the answer if there is one after all."""
    try:
        return ask()
    except (OSError, http.client.HTTPException):
        return None


@contextmanager
def ward(folder: Path, database: str) -> Iterator[Ward]:
    """Set a marketplace up whose servers will die; on PostgreSQL another server goes on."""
    with ExitStack() as stack:
        trade = stack.enter_context(trading(folder, database, {"GIGNEO_WEB__THREADS": str(THREADS)}))
        gate = gate_of(trade.home, trade.url)
        stack.callback(gate.close)
        trade.environment |= gate.environment
        healthy = Server(trade.home, ("web",), trade.environment) if database == "postgresql" else None
        yield Ward(trade, gate, stack.enter_context(healthy) if healthy is not None else None)

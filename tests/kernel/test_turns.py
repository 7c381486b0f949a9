"""Pages take turns, and one that takes its time keeps nobody waiting for long."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from werkzeug.test import create_environ, run_wsgi_app

from gigneo.core.dispatch import Dispatcher
from gigneo.core.turns import Turns
from gigneo.testing.fixtures import Browser, both_databases

LONG_SECONDS = 60


def beside(work: Callable[[], object]) -> threading.Thread:
    thread = threading.Thread(target=work, daemon=True)
    thread.start()
    return thread


@contextmanager
def inside(turns: Turns, *, in_turn: bool = True) -> Iterator[None]:
    has_turn = turns.begin(in_turn=in_turn)
    try:
        yield
    finally:
        turns.end(has_turn)


@pytest.mark.parametrize(("turns", "in_turn"), [(Turns(8, LONG_SECONDS), True), (Turns(1, 0), False)], ids=["turn", "seat"])
def test_whoever_comes_second_waits_for_the_first_to_leave(turns: Turns, in_turn: bool) -> None:
    happened, asking = list[str](), threading.Event()

    def second() -> None:
        asking.set()
        with inside(turns, in_turn=in_turn):
            happened.append("second came")

    with inside(turns, in_turn=in_turn):
        thread = beside(second)
        assert asking.wait(LONG_SECONDS)
        happened.append("first left")
    thread.join(LONG_SECONDS)
    assert happened == ["first left", "second came"]


def test_whoever_waited_long_enough_goes_on_beside_the_first_and_leaves_the_turn_to_it() -> None:
    turns, came = Turns(8, 0.01), threading.Event()

    def second() -> None:
        with inside(turns):
            came.set()

    with inside(turns):
        thread = beside(second)
        assert came.wait(LONG_SECONDS), "it waits for a first that never leaves"
        thread.join(LONG_SECONDS)
        assert turns._turn.locked(), "the second gave back what was not its own"
    assert not turns._turn.locked()


def test_one_that_is_slow_is_waited_for_once() -> None:
    """The third doesn't wait at all; when the slow one has left, turns are taken again."""
    turns = Turns(8, 0.01)
    with inside(turns):
        with inside(turns):
            pass
        turns._wait_seconds = LONG_SECONDS
        with inside(turns):
            assert turns._slow
    with inside(turns):
        assert turns._turn.locked() and not turns._slow


def test_whoever_waits_for_the_turn_keeps_no_seat() -> None:
    turns, asking = Turns(2, LONG_SECONDS), threading.Event()

    def second() -> None:
        asking.set()
        with inside(turns):
            pass

    with inside(turns):
        thread = beside(second)
        assert asking.wait(LONG_SECONDS)
        with inside(turns, in_turn=False):
            assert turns._seats.qsize() == 0
    thread.join(LONG_SECONDS)


@pytest.mark.parametrize(("wait_seconds", "in_turn"), [(0, True), (LONG_SECONDS, False)])
def test_who_takes_no_turns_goes_at_once(wait_seconds: float, in_turn: bool) -> None:
    turns, together = Turns(2, wait_seconds), threading.Barrier(2)

    def go() -> None:
        with inside(turns, in_turn=in_turn):
            together.wait(LONG_SECONDS)

    thread = beside(go)
    go()
    thread.join(LONG_SECONDS)


def test_one_request_that_fails_gives_its_seat_and_its_turn_back(dispatcher: Dispatcher) -> None:
    dispatcher._turns = Turns(1, LONG_SECONDS)
    for _ in range(3):
        assert Browser(dispatcher).get("/nowhere").status_code == 404
    object.__setattr__(dispatcher.site, "wsgi", away)
    for method in ("GET", "POST"):
        with pytest.raises(OSError, match="away"):
            run_wsgi_app(dispatcher, create_environ("/", method=method))
    assert not dispatcher._turns._turn.locked() and dispatcher._turns._seats.qsize() == 1


def away(_environ: object, _start: object) -> None:
    raise OSError("away")


@both_databases
def test_pages_answer_while_one_never_ends(dispatcher: Dispatcher) -> None:
    """On SQLite they wait a moment for it; on PostgreSQL, where they wait for the server anyway, there are no turns."""
    with inside(dispatcher._turns):
        assert dispatcher._turns._turn.locked() == dispatcher._runtime.config.is_sqlite
        answers = [Browser(dispatcher).get("/healthz").status_code for _ in range(3)]
    assert answers == [200, 200, 200]

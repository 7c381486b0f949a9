"""Pages take turns, and one that takes its time keeps nobody waiting for long."""

import threading
from collections.abc import Callable

import pytest

from gigneo.core.dispatch import Dispatcher
from gigneo.core.turns import Turns
from gigneo.testing.fixtures import Browser, both_databases

LONG_SECONDS = 60


def beside(work: Callable[[], object]) -> threading.Thread:
    thread = threading.Thread(target=work, daemon=True)
    thread.start()
    return thread


def test_whoever_comes_second_waits_for_the_first_to_leave() -> None:
    turns, happened, asking = Turns(LONG_SECONDS), list[str](), threading.Event()

    def second() -> None:
        asking.set()
        with turns.taking():
            happened.append("second came")

    with turns.taking():
        thread = beside(second)
        assert asking.wait(LONG_SECONDS)
        happened.append("first left")
    thread.join(LONG_SECONDS)
    assert happened == ["first left", "second came"]


def test_whoever_waited_long_enough_goes_on_beside_the_first_and_leaves_the_turn_to_it() -> None:
    turns, came = Turns(0.01), threading.Event()

    def second() -> None:
        with turns.taking():
            came.set()

    with turns.taking():
        thread = beside(second)
        assert came.wait(LONG_SECONDS), "it waits for a first that never leaves"
        thread.join(LONG_SECONDS)
        assert turns._turn.locked(), "the second gave back what was not its own"
    assert not turns._turn.locked()


def test_without_turns_all_go_at_once() -> None:
    turns, together = Turns(0), threading.Barrier(2)

    def go() -> None:
        with turns.taking():
            together.wait(LONG_SECONDS)

    thread = beside(go)
    go()
    thread.join(LONG_SECONDS)


def test_a_page_that_fails_gives_its_turn_back() -> None:
    turns = Turns(LONG_SECONDS)
    with pytest.raises(OSError, match="away"), turns.taking():
        raise OSError("away")
    assert not turns._turn.locked()


@both_databases
def test_pages_answer_while_one_never_ends(dispatcher: Dispatcher) -> None:
    """On SQLite they wait a moment for it; on PostgreSQL, where they wait for the server anyway, there are no turns."""
    with dispatcher._turns.taking():
        assert dispatcher._turns._turn.locked() == dispatcher._runtime.config.is_sqlite
        answers = [Browser(dispatcher).get("/healthz").status_code for _ in range(3)]
    assert answers == [200, 200, 200]

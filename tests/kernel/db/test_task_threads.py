"""The loop in its threads: woken, patient with what runs, graceful at the end."""

import threading
import time
from collections.abc import Callable
from datetime import timedelta

from gigneo.contributions import TaskHandler
from gigneo.core.clock import SystemClock
from gigneo.core.db.uow import writing
from gigneo.core.tasks.loop import TaskLoop
from gigneo.core.tasks.store import schedule
from tests.kernel.db.small import Plugin, SmallRuntime, count


def until(true: Callable[[], bool], seconds: float = 10.0) -> bool:
    """Wait for something to become true."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if true():
            return True
        time.sleep(0.02)
    return False


def test_the_loop_is_woken_rather_than_polling(engines):
    ran = threading.Event()
    runtime = SmallRuntime(engines, SystemClock())
    runtime.config.tasks.poll_seconds = 600
    runtime.use(shop=Plugin((TaskHandler("shop.close", lambda payload, session: ran.set()),)))
    loop = TaskLoop(runtime)
    loop.start()
    try:
        assert until(lambda: count(engines, "task", "kind = 'kernel.sweep'") == 1)  # it armed the kernel's work, and waits
        with writing(engines, revision=None) as session:
            schedule(session, "shop.close", "shop:1", runtime.clock.now())
        loop.wake()
        assert ran.wait(120)
    finally:
        loop.stop()


def test_what_another_process_wrote_is_found_by_polling(engines):
    ran = threading.Event()
    runtime = SmallRuntime(engines, SystemClock())
    runtime.use(shop=Plugin((TaskHandler("shop.close", lambda payload, session: ran.set()),)))
    loop = TaskLoop(runtime)
    loop.start()
    try:
        with writing(engines, revision=None) as session:
            schedule(session, "shop.close", "shop:1", runtime.clock.now())
        assert ran.wait(120)
    finally:
        loop.stop()


def test_stopping_waits_for_what_runs_and_starts_nothing_more(engines):
    inside, ended = threading.Barrier(3), []
    runtime = SmallRuntime(engines, SystemClock(), threads=2)

    def run(payload, key):
        inside.wait(10)
        time.sleep(payload["seconds"])
        ended.append(key)

    runtime.use(shop=Plugin((TaskHandler("shop.close", run, transactional=False),)))
    with writing(engines, revision=None) as session:
        for number, seconds in enumerate((0.3, 1.2, 0.1)):
            due_at = runtime.clock.now() + timedelta(microseconds=number)
            schedule(session, "shop.close", f"shop:{number}", due_at, {"seconds": seconds})
    loop = TaskLoop(runtime)
    loop.start()
    inside.wait(10)
    loop.stop()
    assert ended == ["shop:0", "shop:1"]
    assert count(engines, "task", "state = 'done'") == 2
    assert count(engines, "task", "state = 'waiting' AND plugin = 'shop' AND attempts = 0") == 1


def test_a_lease_is_kept_up_for_as_long_as_the_handler_works(engines):
    starts = []
    runtime = SmallRuntime(engines, SystemClock(), lease_seconds=1)

    def run(payload, key):
        starts.append(key)
        time.sleep(3)

    runtime.use(shop=Plugin((TaskHandler("shop.close", run, transactional=False),)))
    with writing(engines, revision=None) as session:
        schedule(session, "shop.close", "shop:1", runtime.clock.now())
    loops = [TaskLoop(runtime), TaskLoop(runtime)]
    for loop in loops:
        loop.start()
    try:
        assert until(lambda: count(engines, "task", "plugin = 'shop' AND state = 'done'") == 1)
        assert starts == ["shop:1"]
    finally:
        for loop in loops:
            loop.stop()


def test_the_loop_goes_on_after_the_database_was_away(engines, monkeypatch):
    ran = threading.Event()
    runtime = SmallRuntime(engines, SystemClock())
    runtime.use(shop=Plugin((TaskHandler("shop.close", lambda payload, session: ran.set()),)))
    monkeypatch.setattr("gigneo.core.tasks.loop.PAUSE_AFTER_ERROR_SECONDS", 0.1)
    loop = TaskLoop(runtime)
    away = iter([OSError("away"), OSError("away")])
    real = loop._claim

    def claim(limit):
        for error in away:
            raise error
        return real(limit)

    monkeypatch.setattr(loop, "_claim", claim)
    loop.start()
    try:
        with writing(engines, revision=None) as session:
            schedule(session, "shop.close", "shop:1", runtime.clock.now() - timedelta(seconds=1))
        assert ran.wait(120)
    finally:
        loop.stop()

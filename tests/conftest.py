"""What the whole suite shares: the fixtures that Gigneo ships to module authors, the demo marketplace, and a place in memory."""

import gc
import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import structlog
from sqlalchemy import text

from gigneo.core.runtime import Runtime

pytest_plugins = ["gigneo.testing.fixtures", "tests.demos"]

MEMORY = Path("/dev/shm")
ROOM_BYTES = 2 << 30


def pytest_configure() -> None:
    """Keep what tests write in memory, where there is room, and what they log plain.

    Homes are synced hundreds of times, which on a disk takes minutes; one traceback with all its variables takes seconds.
    """
    plain = structlog.dev.ConsoleRenderer(colors=False, exception_formatter=structlog.dev.plain_traceback)
    structlog.configure([structlog.contextvars.merge_contextvars, structlog.processors.add_log_level, plain])
    if MEMORY.is_dir() and shutil.disk_usage(MEMORY).free > ROOM_BYTES:
        os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", str(MEMORY))


def pytest_collection_finish() -> None:
    """Collect garbage seldom, and never look at what is imported by now: a fifth of the run went into that."""
    gc.set_threshold(100_000, 10, 10)
    gc.collect()
    gc.freeze()


@pytest.fixture(scope="session")
def tables() -> Callable[[Runtime], dict[str, Any]]:
    """Give the content of every table but the log-ins', so that a test can say: nothing was changed."""

    def read_all(runtime: Runtime) -> dict[str, Any]:
        with runtime.read() as session:
            query = (
                "SELECT name FROM sqlite_master WHERE type = 'table'"
                if runtime.engines.is_sqlite
                else "SELECT tablename FROM pg_tables WHERE schemaname = 'public'"
            )
            names = set(session.execute(text(query)).scalars()) - {"account_session", "sqlite_sequence"}
            return {name: sorted(map(str, session.execute(text(f'SELECT * FROM "{name}"')))) for name in sorted(names)}

    return read_all

"""Fixtures: both databases, and a small runtime whose site is made of plain plugin objects."""

from collections.abc import Iterator, MutableMapping
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from structlog.testing import capture_logs

from gigneo.core.clock import MovableClock
from gigneo.core.db.engines import Engines, open_engines
from gigneo.core.tasks.loop import TaskLoop
from gigneo.testing.databases import postgres_database, sqlite_database
from tests.kernel.db.small import LEDGER, SmallRuntime

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


@pytest.fixture(autouse=True)
def logged() -> Iterator[list[MutableMapping[str, Any]]]:
    """What was logged, one mapping per line, instead of the lines themselves."""
    with capture_logs() as lines:
        yield lines


@pytest.fixture
def clock() -> MovableClock:
    return MovableClock(NOON)


@pytest.fixture(params=["sqlite", "postgres"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """A migrated database of each kind, with the tables of the small plugin ``ledger``."""
    with ExitStack() as stack:
        if request.param == "sqlite":
            yield sqlite_database(tmp_path, [LEDGER])
        else:
            yield stack.enter_context(postgres_database([LEDGER]))


@pytest.fixture
def sqlite_url(tmp_path: Path) -> str:
    return sqlite_database(tmp_path, [LEDGER])


@pytest.fixture
def engines(url: str, tmp_path: Path) -> Iterator[Engines]:
    opened = open_engines(url, tmp_path / "writer.lock")
    yield opened
    opened.dispose()


@pytest.fixture
def sqlite_engines(sqlite_url: str, tmp_path: Path) -> Iterator[Engines]:
    opened = open_engines(sqlite_url, tmp_path / "writer.lock")
    yield opened
    opened.dispose()


@pytest.fixture
def runtime(engines: Engines, clock: MovableClock) -> SmallRuntime:
    """A runtime without plugins; ``runtime.use(...)`` gives it some."""
    return SmallRuntime(engines, clock)


@pytest.fixture
def loop(runtime: SmallRuntime) -> TaskLoop:
    return TaskLoop(runtime)

"""Fixtures of the whole suite: those that Gigneo ships to module authors, and the demo marketplace."""

import fcntl
import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from gigneo.core.config import load_config
from gigneo.core.dispatch import Dispatcher
from gigneo.core.runtime import Runtime
from gigneo.testing.commands import gigneo

pytest_plugins = ["gigneo.testing.fixtures"]

MEMORY = Path("/dev/shm")
ROOM_BYTES = 2 << 30


def pytest_configure() -> None:
    """Keep what tests write in memory, where there is room: homes are synced hundreds of times, which on a disk takes minutes."""
    if MEMORY.is_dir() and shutil.disk_usage(MEMORY).free > ROOM_BYTES:
        os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", str(MEMORY))


@pytest.fixture(scope="session")
def demo_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with the demo marketplace, loaded once by its own command for all processes of a run; copy it."""
    shared = tmp_path_factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        shared = shared.parent
    home = shared / "demo-home"
    with (shared / "demo-home.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (home / "loaded").exists():
            done = gigneo(home, "demo", "load", timeout=600)
            assert done.returncode == 0, done.stdout + done.stderr
            (home / "loaded").touch()
    return home


@pytest.fixture(scope="module")
def demo_site(demo_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Dispatcher]:
    """The demo marketplace behind its dispatcher, on a copy for this file of tests."""
    home = tmp_path_factory.mktemp("site") / "home"
    shutil.copytree(demo_home, home)
    runtime = Runtime(load_config(environ={"GIGNEO_HOME": str(home), "GIGNEO_LOG__LEVEL": "error"}))
    try:
        yield Dispatcher(runtime)
    finally:
        runtime.close()


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

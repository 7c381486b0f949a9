"""The demo marketplace, loaded once for a whole run of tests, by its own command, on each database; tests get copies."""

import fcntl
import os
import shutil
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import pytest

from gigneo.core.config import load_config
from gigneo.core.dispatch import Dispatcher
from gigneo.core.runtime import Runtime
from gigneo.testing.commands import gigneo
from gigneo.testing.databases import copied_postgres_database, drop_postgres_database, lasting_postgres_database


@pytest.fixture(scope="session")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder that all processes of a run share."""
    folder = tmp_path_factory.getbasetemp()
    return folder.parent if "PYTEST_XDIST_WORKER" in os.environ else folder


@contextmanager
def one_at_a_time(folder: Path, what: str) -> Iterator[None]:
    """Keep the other processes of a run out of this block."""
    with (folder / f"{what}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def load_demo(home: Path, environment: Mapping[str, str] | None = None) -> None:
    """Load the demo marketplace by its own command."""
    done = gigneo(home, "demo", "load", environment=environment, timeout=900)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.fixture(scope="session")
def demo_home(shared: Path) -> Path:
    """A home with the demo marketplace on SQLite, loaded once for all processes of a run; copy it."""
    home = shared / "demo-home"
    with one_at_a_time(shared, "demo-home"):
        if not (home / "loaded").exists():
            load_demo(home)
            (home / "loaded").touch()
    return home


DemoOnPostgres = Callable[[Path], AbstractContextManager[dict[str, str]]]
"""Given a home that is to be made: a copy of the demo marketplace, as the variables that say where its database is."""


@pytest.fixture(scope="session")
def demo_on_postgres(shared: Path) -> Iterator[DemoOnPostgres]:
    """Copies of the demo marketplace on PostgreSQL, loaded once for all processes of a run; the last of them drops it."""
    home, users = shared / "postgres-demo", shared / "postgres-demo-users"
    with one_at_a_time(shared, "postgres-demo"):
        if not users.exists():
            url = lasting_postgres_database()
            load_demo(home, {"GIGNEO_DATABASE__URL": url})
            (home / "url").write_text(url)
            users.mkdir()
        ours = users / str(os.getpid())
        ours.touch()
        url = (home / "url").read_text()

    @contextmanager
    def copy(new_home: Path) -> Iterator[dict[str, str]]:
        shutil.copytree(home, new_home)
        with copied_postgres_database(url) as copied:
            yield {"GIGNEO_DATABASE__URL": copied}

    yield copy
    with one_at_a_time(shared, "postgres-demo"):
        ours.unlink()
        if not any(users.iterdir()):
            drop_postgres_database(url)
            users.rmdir()
            shutil.rmtree(home)


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

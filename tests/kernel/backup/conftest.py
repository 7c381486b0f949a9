"""The demo marketplace on both databases, an archive of it, and empty deployments to restore into."""

import json
import shutil
import subprocess
import tarfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest

from gigneo.core.backup.progress import Silent
from gigneo.core.backup.restoring import restore
from gigneo.core.config import ensure_home, load_config
from gigneo.core.refusals import Refused
from gigneo.core.runtime import Runtime
from gigneo.core.secret_files import KEY_FILE
from gigneo.testing.commands import gigneo
from gigneo.testing.databases import empty_postgres_database
from tests.demos import DemoOnPostgres

KINDS = ("sqlite", "postgresql")


@dataclass
class Deployment:
    """A home, and the variables that say where its database is."""

    home: Path
    environment: dict[str, str] = field(default_factory=dict)

    def run(self, *arguments: str, **more: str) -> "subprocess.CompletedProcess[str]":
        """Run a command of its."""
        return gigneo(self.home, *arguments, environment={**self.environment, **more}, timeout=240)

    def does(self, *arguments: str, **more: str) -> str:
        """Run a command that must go well, and return what it said."""
        done = self.run(*arguments, **more)
        assert done.returncode == 0, f"{arguments} left with {done.returncode}:\n{done.stdout}{done.stderr}"
        return done.stdout

    def refuses(self, *arguments: str, code: int = 1, **more: str) -> str:
        """Run a command that must be refused in words, and return them."""
        done = self.run(*arguments, **more)
        assert done.returncode == code, f"{arguments} left with {done.returncode}:\n{done.stdout}{done.stderr}"
        assert "Traceback" not in done.stderr, done.stderr
        return done.stderr

    def refuses_archive(self, archive: Path) -> str:
        """Restore in this process, which must be refused in words, and return them."""
        with self.runtime() as runtime, pytest.raises(Refused) as refused:
            restore(runtime, archive, Silent())
        assert not (self.home / KEY_FILE).exists()  # the database and what belongs to it come last
        return str(refused.value)

    @contextmanager
    def runtime(self) -> Iterator[Runtime]:
        """Look at it in this process."""
        ensure_home(self.home)
        environment = {"GIGNEO_HOME": str(self.home), "GIGNEO_LOG__LEVEL": "error", **self.environment}
        runtime = Runtime(load_config(environ=environment))
        try:
            yield runtime
        finally:
            runtime.close()

    def files(self) -> dict[str, bytes]:
        """Return every file's bytes by its key, but for the small pictures, which are drawn again."""
        folder = self.home / "files"
        found = {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}
        return {key: content for key, content in found.items() if content[8:12] != b"WEBP"}

    def is_no_site(self) -> None:
        """Make sure that nothing takes this for a site."""
        for command in (("run",), ("web",), ("worker",), ("db", "upgrade"), ("backup", str(self.home / "x.tar"))):
            assert "gigneo restore" in self.refuses(*command)
        found = self.run("doctor", "--json")
        assert found.returncode == 1
        assert "restore" in {each["subject"] for each in json.loads(found.stdout) if each["level"] == "problem"}


@pytest.fixture(scope="session")
def postgres_demo(demo_on_postgres: DemoOnPostgres, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Deployment]:
    home = tmp_path_factory.mktemp("postgres") / "home"
    with demo_on_postgres(home) as environment:
        yield Deployment(home, environment)


@pytest.fixture
def demo(request: pytest.FixtureRequest, kind: str, demo_home: Path, tmp_path: Path) -> Deployment:
    """The demo marketplace; on SQLite a copy of one's own, on PostgreSQL only to be read."""
    if kind == "postgresql":
        shared: Deployment = request.getfixturevalue("postgres_demo")
        return shared
    shutil.copytree(demo_home, tmp_path / "demo")
    return Deployment(tmp_path / "demo")


@pytest.fixture
def empty(kind: str, tmp_path: Path) -> Iterator[Deployment]:
    """A deployment without anything."""
    with ExitStack() as stack:
        url = {"GIGNEO_DATABASE__URL": stack.enter_context(empty_postgres_database())} if kind == "postgresql" else {}
        yield Deployment(tmp_path / "empty", url)


@pytest.fixture
def kind() -> str:
    """The kind of database, where a test doesn't say another."""
    return "sqlite"


@pytest.fixture(scope="session")
def sqlite_archive(demo_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A backup of the demo marketplace on SQLite."""
    archive = tmp_path_factory.mktemp("archive") / "demo.tar"
    Deployment(demo_home).does("backup", str(archive))
    return archive


Entries = list[tuple[tarfile.TarInfo, bytes]]


@pytest.fixture
def rewritten(sqlite_archive: Path, tmp_path: Path) -> Callable[..., Path]:
    """Write the archive again with something changed: ``rewritten(lambda entries: …, manifest={"gigneo": "99"})``."""

    def rewrite(change: Callable[[Entries], Any] | None = None, manifest: Mapping[str, Any] | None = None) -> Path:
        with tarfile.open(sqlite_archive) as tar:
            entries = [(info, tar.extractfile(info).read()) for info in tar]  # type: ignore[union-attr]
        if manifest is not None:
            entries[0] = (entries[0][0], json.dumps({**json.loads(entries[0][1]), **manifest}).encode())
        if change is not None:
            change(entries)
        with tarfile.open(tmp_path / "rewritten.tar", "w", format=tarfile.GNU_FORMAT) as tar:
            for info, content in entries:
                info.size = len(content)
                tar.addfile(info, BytesIO(content))
        return tmp_path / "rewritten.tar"

    return rewrite


def lasting(found: dict[str, list[str]]) -> dict[str, list[str]]:
    """Return rows without small pictures, which are drawn again: the key in each file's last column, and the tasks."""
    files = [row.rpartition(", ")[0] for row in found["file_stored"]]
    return {**found, "file_stored": files, "task": [row for row in found["task"] if "kernel.preview" not in row]}

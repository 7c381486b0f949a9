"""A kill at any moment of a backup or a restore leaves nothing that is taken for one, and the second try works."""

import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from gigneo.core.runtime import Runtime
from tests.kernel.backup.conftest import Deployment, lasting

KILLED = 137


@pytest.mark.parametrize("point", ["backup-file#3", "backup-rename"])
def test_a_killed_backup_leaves_no_archive(demo: Deployment, empty: Deployment, tmp_path: Path, point: str) -> None:
    archive = tmp_path / "backups" / "x.tar"
    archive.parent.mkdir()
    assert demo.run("backup", str(archive), GIGNEO_CRASH_AT=point).returncode == KILLED
    assert [path.name for path in archive.parent.iterdir()] == [".x.tar.partial"]
    demo.does("backup", str(archive))
    assert [path.name for path in archive.parent.iterdir()] == ["x.tar"]
    empty.does("restore", str(archive))


@pytest.mark.parametrize(
    ("kind", "point"),
    [
        *(("sqlite", point) for point in ("restore-file#3", "restore-database", "restore-rows", "restore-loaded", "mid-check")),
        *(("postgresql", point) for point in ("restore-rows", "mid-check")),
    ],
)
def test_a_killed_restore_is_no_site_and_the_second_try_makes_one(
    demo: Deployment, empty: Deployment, tables: Callable[[Runtime], dict[str, Any]], tmp_path: Path, point: str
) -> None:
    archive = str(tmp_path / "x.tar")
    demo.does("backup", archive)
    assert empty.run("restore", archive, GIGNEO_CRASH_AT=point).returncode == KILLED
    if point == "restore-rows":
        empty.is_no_site()
    empty.does("restore", archive)
    assert empty.files() == demo.files()
    with empty.runtime() as restored, demo.runtime() as runtime:
        assert lasting(tables(restored)) == lasting(tables(runtime))


def test_two_backups_to_one_name_do_not_meet(demo: Deployment, tmp_path: Path) -> None:
    archive = tmp_path / "x.tar"
    command = [sys.executable, "-m", "gigneo", "backup", str(archive)]
    environment = {"GIGNEO_HOME": str(demo.home)}
    with subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL) as first:
        partial = tmp_path / ".x.tar.partial"
        while not (partial / "database").exists():
            time.sleep(0.001)
        first.send_signal(signal.SIGSTOP)
        try:
            assert "Another backup" in demo.refuses("backup", str(archive))
        finally:
            first.send_signal(signal.SIGCONT)
        assert first.wait() == 0
    assert archive.exists()

"""While a backup copies files, nobody removes any; and a bar is drawn where there is a terminal."""

import os
import pty
import subprocess
import sys
from pathlib import Path

import pytest

from gigneo.core.backup.progress import Silent
from gigneo.core.backup.taking import back_up
from gigneo.core.files.keeping import blobs_kept, removing_blobs
from gigneo.core.refusals import Refused
from gigneo.core.runtime import Runtime
from gigneo.testing.fixtures import both_databases
from tests.kernel.backup.conftest import KINDS, Deployment


@both_databases
def test_backups_share_what_a_removal_has_alone(runtime: Runtime) -> None:
    with blobs_kept(runtime), blobs_kept(runtime):
        with removing_blobs(runtime) as may:
            assert not may
    with removing_blobs(runtime) as may:
        assert may
        with removing_blobs(runtime) as another:
            assert not another
        with pytest.raises(Refused, match="takes too long"), blobs_kept(runtime, timeout_seconds=0.1):
            pass
    with blobs_kept(runtime):
        pass


class Looking(Silent):
    """Looks at each stage whether anybody might remove files."""

    def __init__(self, runtime: Runtime) -> None:
        self.runtime = runtime
        self.seen: dict[str, bool] = {}

    def stage(self, what: str, total_bytes: int = 0) -> None:
        with removing_blobs(self.runtime) as may:
            self.seen[what] = may


@pytest.mark.parametrize("kind", KINDS)
def test_a_backup_keeps_files_from_before_its_first_row_is_read(demo: Deployment, tmp_path: Path) -> None:
    with demo.runtime() as runtime:
        looking = Looking(runtime)
        back_up(runtime, tmp_path / "x.tar", looking)
        assert looking.seen
        assert not any(looking.seen.values())
        with removing_blobs(runtime) as may:
            assert may


def test_a_demo_is_not_emptied_while_it_is_backed_up(demo: Deployment) -> None:
    before = demo.files()
    with demo.runtime() as runtime, blobs_kept(runtime):
        assert "A backup is being made" in demo.refuses("demo", "reset", "--yes")
    assert demo.files() == before


def test_a_terminal_gets_a_bar(demo: Deployment, tmp_path: Path) -> None:
    ours, theirs = pty.openpty()
    done = subprocess.run(
        [sys.executable, "-m", "gigneo", "backup", str(tmp_path / "x.tar")],
        env={"GIGNEO_HOME": str(demo.home), "TERM": "xterm"},
        stdout=subprocess.PIPE,
        stderr=theirs,
    )
    os.close(theirs)
    assert done.returncode == 0
    assert "━" in os.read(ours, 1 << 20).decode()
    os.close(ours)

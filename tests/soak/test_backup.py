"""``make soak PART=backup``: two minutes of backups under load on each database, each restored and proven."""

import time
from pathlib import Path

import pytest

from gigneo.testing.servers import Server
from tests.load.amounts import part_of
from tests.load.backups import Writing, backed_up, restored
from tests.load.trading import trading

pytestmark = [pytest.mark.soak, pytest.mark.timeout(2400)]

SECONDS = 120
FEWEST = 2


@pytest.mark.parametrize("database", ["sqlite", "postgresql"])
def test_every_backup_under_load_is_whole(database: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    archives: list[Path] = []
    slowest = 0.0
    with trading(tmp_path, database) as trade, Server(trade.home, ("web",), trade.environment) as server:
        writing = Writing(trade, server)
        with writing.going_on():
            ends = time.monotonic() + part_of(SECONDS)
            while time.monotonic() < ends or len(archives) < FEWEST:
                writing.wait_for(5)
                archives.append(tmp_path / f"{len(archives)}.tar")
                began = time.monotonic()
                backed_up(trade, archives[-1])
                slowest = max(slowest, time.monotonic() - began)
        found = [restored(trade, archive, tmp_path / f"restored-{archive.stem}") for archive in archives]
    with capsys.disabled():
        print(
            f"\n{database}: {len(archives)} backups during {writing.done} forms, the slowest in {slowest:.1f} s; "
            f"the last has {found[-1].files} files and {found[-1].transfers} transfers"
        )
    wrong = [fault for each in found for fault in each.wrong]
    assert not wrong, wrong[:5]
    assert not writing.unexpected, writing.unexpected[:5]
    assert [each.files for each in found] == sorted(each.files for each in found)

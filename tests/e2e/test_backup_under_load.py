"""A backup of a site that is being written to is one moment of it: the ledger adds up, and no row lacks its file."""

from pathlib import Path

import pytest

from gigneo.testing.servers import Server
from tests.load.backups import Writing, backed_up, restored
from tests.load.trading import trading


@pytest.mark.parametrize("database", ["sqlite", "postgresql"])
def test_a_backup_under_load_is_whole(database: str, tmp_path: Path) -> None:
    with trading(tmp_path, database) as trade, Server(trade.home, ("web",), trade.environment) as server:
        writing = Writing(trade, server)
        with writing.going_on():
            writing.wait_for(12)
            files = backed_up(trade, tmp_path / "during.tar")
            writing.wait_for(4)
        found = restored(trade, tmp_path / "during.tar", tmp_path / "restored")
    assert not found.wrong, found.wrong[:3]
    assert not writing.unexpected, writing.unexpected[:3]
    assert found.files == files > 0
    assert found.transfers > 0

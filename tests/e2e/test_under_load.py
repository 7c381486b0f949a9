"""The short form of the long proofs: toggles under load on three processes, and a server that is killed."""

import shutil
from pathlib import Path

import pytest

from gigneo.testing.servers import Server
from tests.demos import DemoOnPostgres
from tests.load.killing import OUTSTANDING, Killing
from tests.load.sites import an_open_order, audit_is_clean, three_processes
from tests.load.toggling import AGREE_SECONDS, BUTTON, Toggling
from tests.load.topups import top_ups_by_key


def test_toggles_under_load_fail_no_request(tmp_path: Path, demo_on_postgres: DemoOnPostgres) -> None:
    with three_processes(tmp_path, demo_on_postgres) as servers:
        load = Toggling([server.port for server in servers], an_open_order(servers[0], BUTTON), clients=4)
        report = load.run(toggles=4, at_least_requests=300)
        audit_is_clean(servers[0])
    assert report.toggles == 4
    assert not report.failed, report.failed[:5]
    assert not report.inconsistent, report.inconsistent[:5]
    assert not report.late, report.late[:5]
    assert report.slowest_agreement_seconds < AGREE_SECONDS


@pytest.mark.timeout(600)
def test_a_killed_server_loses_nothing_that_it_acknowledged(tmp_path: Path, demo_home: Path) -> None:
    shutil.copytree(demo_home, tmp_path / "home")
    server = Server(tmp_path / "home", ("run",), {"GIGNEO_LOG__LEVEL": "error", "GIGNEO_WEB__THREADS": "32"})
    try:
        report = Killing(server).run(2)
        done = top_ups_by_key(server)
        audit_is_clean(server)
    finally:
        server.stop()
    assert min(report.outstanding) >= OUTSTANDING
    assert not report.unexpected, report.unexpected[:5]
    assert report.acknowledged
    assert report.acknowledged <= set(done)
    assert {done[key] for key in report.attempted & set(done)} == {1}

"""``make soak PART=kills``: SIGKILL under load, on both databases; nothing that was promised is lost, nothing is done twice."""

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from gigneo.testing.commands import gigneo
from gigneo.testing.databases import postgres_database
from gigneo.testing.servers import Server
from tests.load.killing import OUTSTANDING, Killing, Report
from tests.load.sites import audit_is_clean
from tests.load.topups import top_ups_by_key

pytestmark = [pytest.mark.soak, pytest.mark.timeout(2400)]

KILLS = 10


@pytest.fixture(params=["sqlite", "postgresql"])
def server(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Server]:
    with ExitStack() as stack:
        environment = {"GIGNEO_LOG__LEVEL": "error", "GIGNEO_TASKS__LEASE_SECONDS": "10"}
        if request.param == "postgresql":
            environment["GIGNEO_DATABASE__URL"] = stack.enter_context(postgres_database())
        loaded = gigneo(tmp_path / "home", "demo", "load", environment=environment, timeout=300)
        assert loaded.returncode == 0, loaded.stdout + loaded.stderr
        site = Server(tmp_path / "home", ("run",), {**environment, "GIGNEO_WEB__THREADS": "32"})
        stack.callback(site.stop)
        yield site


def test_sigkill_under_load_loses_nothing_that_was_acknowledged(server: Server, capsys: pytest.CaptureFixture[str]) -> None:
    report = Killing(server).run(KILLS)
    done = top_ups_by_key(server)
    judge(report, done)
    audit_is_clean(server)
    with capsys.disabled():
        print(
            f"\n{report.kills} kills, at least {min(report.outstanding)} requests outstanding; {len(report.attempted)} top-ups "
            f"sent, {len(report.acknowledged)} acknowledged, {len(report.attempted & set(done))} booked, "
            f"{len(report.retried)} sent again after a kill"
        )


def judge(report: Report, done: dict[str, int]) -> None:
    """Hold the clients' own log of what was acknowledged against what the database has."""
    assert report.kills == KILLS
    assert min(report.outstanding) >= OUTSTANDING
    assert not report.unexpected, report.unexpected[:5]
    assert len(report.acknowledged) > 10 * KILLS
    lost = report.acknowledged - set(done)
    assert not lost, f"{len(lost)} acknowledged top-ups are not there"
    twice = {key: done[key] for key in report.attempted & set(done) if done[key] != 1}
    assert not twice, f"done more than once: {twice}"

"""``make soak PART=toggles``: 20 toggles and 5,000 requests against three web processes, every answer judged."""

from pathlib import Path

import pytest

from tests.demos import DemoOnPostgres
from tests.load.sites import an_open_order, audit_is_clean, three_processes
from tests.load.toggling import AGREE_SECONDS, BUTTON, Toggling

pytestmark = [pytest.mark.soak, pytest.mark.timeout(2400)]


def test_twenty_toggles_under_load_fail_no_request(
    tmp_path: Path, demo_on_postgres: DemoOnPostgres, capsys: pytest.CaptureFixture[str]
) -> None:
    with three_processes(tmp_path, demo_on_postgres) as servers:
        load = Toggling([server.port for server in servers], an_open_order(servers[0], BUTTON), clients=9)
        report = load.run(toggles=20, at_least_requests=5000, pause_seconds=2.0)
        audit_is_clean(servers[0])
    with capsys.disabled():
        print(
            f"\n{report.answers} requests, {report.toggles} toggles, {len(report.failed)} failed, "
            f"{len(report.inconsistent)} inconsistent, {len(report.late)} late, all processes agreed within "
            f"{report.slowest_agreement_seconds:.2f} s; by status {dict(report.by_status)}"
        )
    assert report.answers >= 5000
    assert report.toggles == 20
    assert not report.failed, report.failed[:5]
    assert not report.inconsistent, report.inconsistent[:5]
    assert not report.late, report.late[:5]
    assert report.slowest_agreement_seconds < AGREE_SECONDS

"""``make soak PART=large``: a million orders, proven and measured; GIGNEO_SOAK_ORDERS says another number.

On SQLite, or where GIGNEO_SOAK_DATABASE says: ``postgresql``. Aims: docs/performance.md.
"""

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from bench.large import Market, compare
from gigneo.core.clock import MovableClock
from gigneo.core.config import load_config
from gigneo.core.doctor import examine
from gigneo.core.modules.lifecycle import enable, enable_defaults
from gigneo.core.runtime import Runtime
from gigneo.plugins.demo.loading import load
from gigneo.plugins.wallet.audit import prove
from gigneo.testing.databases import postgres_database, sqlite_database
from gigneo.testing.fixtures import bundled_migrations

pytestmark = [pytest.mark.soak, pytest.mark.timeout(2400)]

SMALL = 2_600
"""So many that the largest employer's list fills a page."""
ORDERS = int(os.environ.get("GIGNEO_SOAK_ORDERS", "1000000"))
DATABASE = os.environ.get("GIGNEO_SOAK_DATABASE", "sqlite")


@contextmanager
def market(home: Path, size: int) -> Iterator[Market]:
    """Give a marketplace of a size, served in this process."""
    home.mkdir(mode=0o700)
    if DATABASE == "sqlite":
        yield from served(home, sqlite_database(home, bundled_migrations()), size)
    else:
        with postgres_database(bundled_migrations()) as url:
            yield from served(home, url, size)


def served(home: Path, url: str, size: int) -> Iterator[Market]:
    environment = {"GIGNEO_HOME": str(home), "GIGNEO_DATABASE__URL": url, "GIGNEO_LOG__LEVEL": "error"}
    runtime = Runtime(load_config(environ=environment), MovableClock())
    enable_defaults(runtime)
    enable(runtime, "demo")
    with runtime.rebuild().app.app_context():
        load(1, orders=size)
    made = Market.of(runtime)
    yield made
    made.site.stop()
    runtime.close()


def test_a_million_orders_are_as_fast_as_a_few_and_the_ledger_is_proven(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with market(tmp_path / "small", SMALL) as small:
        began = time.monotonic()
        with market(tmp_path / "large", ORDERS) as large:
            loaded = time.monotonic()
            with large.runtime.read() as session:
                report = prove(session)
            proven = time.monotonic()
            problems = [finding for finding in examine(large.runtime) if finding.level == "problem"]
            rows = list(compare(small, large))
            with capsys.disabled():
                print(f"\n{large.size:,} orders on {DATABASE} in {loaded - began:.0f} s, proven in {proven - loaded:.0f} s")
                print(*rows, sep="\n")
            assert large.size == ORDERS
            assert report.ok, report.violations[:5]
            assert problems == []
            assert [row.name for row in rows if row.met is False] == []

"""What starting costs, and what a worker keeps in memory."""

import statistics
import subprocess
import sys
import time
from collections.abc import Iterable
from pathlib import Path

from bench.measuring import log_in, members, run
from bench.pages import LIST
from bench.rows import EMAIL, PASSWORD, Bench, Row
from gigneo.testing.servers import Server

TRIES = 7
MIB = 1024


def measure(bench: Bench) -> Iterable[Row]:
    """Time ``gigneo --help`` and ``gigneo run``, and look at the worker's memory after it has served."""
    help_seconds = [_help() for _ in range(TRIES + 1)][1:]
    yield Row("gigneo --help", statistics.median(help_seconds), "s", at_most=0.3, more="by the clock on the wall")
    server = Server(bench.home, ("run",))
    starts = []
    for _ in range(3):
        started = time.monotonic()
        with server:
            starts.append(time.monotonic() - started)
    yield Row("gigneo run, ready on a warm home", statistics.median(starts), "s", at_most=4, more="by the clock on the wall")
    with Server(bench.home, ("web",)) as web:
        cookie = log_in(web.port, EMAIL, PASSWORD)
        for path in (LIST, "/dashboard", "/wallet", "/services", "/account"):
            run(web.port, web.pid, path, cookie, 1.0, 16)
        kept = {member: anonymous_kib(member) / MIB for member in members(web.pid)}
    worker, supervisor = max(kept.values()), min(kept.values())
    yield Row(
        "anonymous memory of the web worker", worker, "MiB", at_most=110, more=f"the supervisor's {supervisor:.0f} MiB beside"
    )


def _help() -> float:
    started = time.monotonic()
    subprocess.run([Path(sys.executable).parent / "gigneo", "--help"], check=True, capture_output=True)
    return time.monotonic() - started


def anonymous_kib(process_id: int) -> int:
    """Return what a process has that is no file's, in KiB."""
    status = Path(f"/proc/{process_id}/status").read_text()
    return int(next(line for line in status.splitlines() if line.startswith("RssAnon")).split()[1])

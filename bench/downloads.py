"""What downloads of large files cost: the worker's memory, and the time of a page that is asked for meanwhile."""

import hashlib
import http.client
import statistics
import tempfile
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import Final

from sqlalchemy import insert, text

from bench.downloading import downloads
from bench.measuring import fetch, log_in, members, run
from bench.processes import MIB, anonymous_kib
from bench.rows import EMAIL, PASSWORD, Bench, Row
from gigneo.core.config import load_config
from gigneo.core.files.models import StoredFile
from gigneo.core.runtime import Runtime
from gigneo.testing.servers import Server

SIZE: Final = 100 * 1024 * 1024
SLOW: Final = 500_000
"""Bytes per second: a telephone on the road."""
QUICK: Final = 12_500_000
"""The same over a line of 100 megabits."""
CRAWLING: Final = 100_000
"""The same where there is hardly any line."""
SLOW_ONES: Final = 8
WHOLE: Final = 5
"""Quick downloads whose memory is looked at."""
MANY: Final = 40
"""More than the worker has threads for pages."""
AT_MOST_MIB: Final = 2.0
SLOWER_AT_MOST: Final = 1.2
LOOK_SECONDS: Final = 0.02


def measure(bench: Bench) -> Iterable[Row]:
    """Keep a file of 100 MB, and download it: alone, by several at once, and while a page is asked for."""
    number, file_id, digest = keep(bench.home)
    path, page = f"/files/{file_id}", f"/orders/{number}/overview"
    with Server(bench.home, ("web",)) as web:
        cookie = log_in(web.port, EMAIL, PASSWORD)
        run(web.port, web.pid, page, cookie, 2.0, 16)
        worker = max(members(web.pid), key=anonymous_kib)
        peaks = [_peak(worker, lambda: received(web.port, path, cookie, digest)) for _ in range(WHOLE)]
        yield _row("one quick download", max(peaks), f"the most of {WHOLE}, one after the other; each came whole")
        yield _memory("one slow download", worker, web.port, path, cookie, [SLOW])
        yield _memory(f"each of {SLOW_ONES} slow downloads", worker, web.port, path, cookie, [SLOW] * SLOW_ONES)
        for label, paces in (
            (f"{SLOW_ONES} slow downloads", [SLOW] * SLOW_ONES),
            (f"{SLOW_ONES} slow and two quick ones", [SLOW] * SLOW_ONES + [QUICK] * 2),
            (f"{MANY} crawling downloads", [CRAWLING] * MANY),
        ):
            yield _page(bench, label, web.port, path, page, cookie, paces)


def keep(home: Path, size_bytes: int = SIZE) -> tuple[str, int, str]:
    """Add a file to an order of the demo's employer; return the order's number, the file's id and the SHA-256 of its bytes."""
    runtime = Runtime(load_config(home))
    order = "SELECT o.id, o.number, o.employer_id FROM orders_order o JOIN account_user u ON u.id = o.employer_id"
    digest = hashlib.sha256()
    try:
        with tempfile.TemporaryFile() as source:
            for _ in range(size_bytes // MIB // 1024):
                piece = hashlib.sha256(digest.digest()).digest() * (MIB * 1024 // 32)
                digest.update(piece)
                source.write(piece)
            key = runtime.storage.put(source, "application/zip", "film.zip")
        with runtime.write() as session:
            found = session.execute(text(f"{order} WHERE u.email = :email ORDER BY o.id LIMIT 1"), {"email": EMAIL}).one()
            kept = insert(StoredFile.__table__).values(
                storage_key=key,
                name="film.zip",
                content_type="application/zip",
                size_bytes=size_bytes,
                sha256=digest.hexdigest(),
                owner_kind="orders.order",
                owner_id=found.id,
                kind="reference",
                uploaded_by=found.employer_id,
                created_at=runtime.clock.now(),
            )
            file_id = session.execute(kept.returning(StoredFile.__table__.c.id)).scalar_one()
            return found.number, file_id, digest.hexdigest()
    finally:
        runtime.close()


def received(port: int, path: str, cookie: str, expected: str) -> None:
    """Download a file whole, and make sure by its SHA-256 that it is what was kept."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    digest = hashlib.sha256()
    try:
        connection.request("GET", path, headers={"Cookie": cookie})
        answer = connection.getresponse()
        while piece := answer.read(MIB * 1024):
            digest.update(piece)
    finally:
        connection.close()
    assert digest.hexdigest() == expected, "What was downloaded is not what was kept."


def _memory(label: str, worker: int, port: int, path: str, cookie: str, paces: Sequence[int]) -> Row:
    """Say what each of some downloads costs."""

    def send() -> None:
        with downloads(port, path, cookie, paces):
            time.sleep(3)

    return _row(label, _peak(worker, send) / len(paces), f"{anonymous_kib(worker) / MIB:.0f} MiB afterwards")


def _row(label: str, mib: float, more: str) -> Row:
    return Row(f"memory of {label}", mib, "MiB", at_most=AT_MOST_MIB, more=more)


def _peak(worker: int, send: Callable[[], None]) -> float:
    """Say how much more anonymous memory the worker has at most while it sends, in MiB."""
    before = anonymous_kib(worker)
    with _watching(worker) as seen:
        send()
    return (max(seen) - before) / MIB


@contextmanager
def _watching(worker: int) -> Iterator[list[int]]:
    """Look at a process's anonymous memory all the while, in KiB."""
    seen, stop = [anonymous_kib(worker)], threading.Event()

    def look() -> None:
        while not stop.wait(LOOK_SECONDS):
            seen.append(anonymous_kib(worker))

    thread = threading.Thread(target=look)
    thread.start()
    try:
        yield seen
    finally:
        stop.set()
        thread.join()


def _page(bench: Bench, label: str, port: int, path: str, page: str, cookie: str, paces: Sequence[int]) -> Row:
    """Ask for a page alone and during downloads, in turns, and compare the medians."""
    alone: list[float] = []
    beside: list[float] = []
    for _ in range(bench.wanted.rounds):
        for spent, sending in ((alone, nullcontext()), (beside, downloads(port, path, cookie, paces))):
            with sending:
                spent += _asked(port, page, cookie, bench.wanted.seconds)
    was, now = statistics.median(alone), statistics.median(beside)
    p99 = statistics.quantiles(beside, n=100)[98]
    more = f"{was * 1e3:.1f} and {now * 1e3:.1f} ms; p99 {p99 * 1e3:.0f} ms"
    return Row(f"page beside {label} ÷ alone", now / was, at_most=SLOWER_AT_MOST, more=more)


def _asked(port: int, page: str, cookie: str, seconds: float) -> list[float]:
    """Ask for a page again and again for a while; return what each answer took, in seconds."""
    spent, until = [], time.monotonic() + seconds
    while time.monotonic() < until:
        began = time.monotonic()
        fetch(port, page, cookie)
        spent.append(time.monotonic() - began)
    return spent

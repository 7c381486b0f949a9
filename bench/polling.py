"""What looking again costs: the poll that is told that nothing is new, and the order page seen for the first time.

CPU time is that of one thread, WSGI to WSGI, in bursts of each, and the median counts. Beside it stands what a server spends on
both, its own share of each request included.
"""

import sqlite3
import statistics
from collections.abc import Iterable

from bench.measuring import log_in, run
from bench.pages import middle, order_path, told
from bench.queries import Inside, inside
from bench.rows import EMAIL, PASSWORD, Bench, Row
from gigneo.core.slots import forget_pieces
from gigneo.testing.servers import Server

MOST_STATEMENTS = 3
MOST_OF_THE_PAGE = 0.25
BURST = 100
NOTHING_NEW = "304 NOT MODIFIED"


def measure(bench: Bench) -> Iterable[Row]:
    """Count and time in this process, then let a server answer both in turns."""
    newest = _newest(bench)
    with inside(bench) as here:
        look = f"/orders/{here.number}/messages/new?after={newest}"
        answer, statements = here.count(look, {"If-None-Match": _tag(here, look)})
        assert answer.status_code == 304
        yield Row("statements of a poll with nothing new", statements, at_most=MOST_STATEMENTS)
    with inside(bench, listening=False) as here:
        tag = _tag(here, look)
        first, again, poll = _timed(here, look, tag, bench.wanted.rounds)
    shown = f"poll {poll * 1e3:.2f} CPU-ms, page {again * 1e3:.2f}; WSGI to WSGI"
    yield Row("poll with nothing new ÷ order page", poll / again, at_most=MOST_OF_THE_PAGE, more=shown)
    yield Row(
        "order page seen first ÷ seen again", first / again, more=f"{first * 1e3:.2f} CPU-ms when none of its parts is kept"
    )
    yield _served(bench, newest, tag)


def _timed(here: Inside, look: str, tag: str, rounds: int) -> tuple[float, float, float]:
    """Return the CPU seconds of the page seen first, of the page seen again, and of a poll; each in bursts, as over HTTP."""
    page, known = f"/orders/{here.number}/overview", {"If-None-Match": tag}
    first, again, poll = list[float](), list[float](), list[float]()
    for _ in range(rounds):
        for _ in range(BURST):
            forget_pieces(here.dispatcher.site.app)
            first.append(here.cpu_seconds(page))
        again += [here.cpu_seconds(page) for _ in range(BURST)]
        poll += [here.cpu_seconds(look, known, NOTHING_NEW) for _ in range(BURST)]
    return statistics.median(first), statistics.median(again), statistics.median(poll)


def _served(bench: Bench, newest: int, tag: str) -> Row:
    """Return the same ratio over HTTP, by the CPU time of all the server's processes."""
    page = order_path(bench.home)
    look = page.replace("/overview", f"/messages/new?after={newest}")
    with Server(bench.home, ("web",)) as server:
        cookie = log_in(server.port, EMAIL, PASSWORD)
        polls, pages = [], []
        for _ in range(bench.wanted.rounds + 1):
            wanted = bench.wanted.seconds, bench.wanted.connections
            pages.append(run(server.port, server.pid, page, cookie, *wanted))
            polls.append(run(server.port, server.pid, look, cookie, *wanted, tag=tag))
    shown = f"poll {told(polls[1:])}, page {told(pages[1:])}; what the server spends on each request is in both"
    return Row("the same over HTTP", middle(pages[1:]) / middle(polls[1:]), more=shown)


def _newest(bench: Bench) -> int:
    """Return the newest line of all, which is not before that of the order: nothing comes after it."""
    with sqlite3.connect(bench.home / "gigneo.db") as db:
        return int(db.execute("SELECT max(id) FROM messages_message").fetchone()[0])


def _tag(here: Inside, look: str) -> str:
    """Ask twice, for the first look is not the last; return the tag of what there is."""
    here.client.get(look)
    return str(here.client.get(look).headers["ETag"])

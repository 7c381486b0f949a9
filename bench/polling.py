"""What it costs to be told that nothing is new: the statements of a look for messages, and its CPU time ÷ the order page's."""

import http.client
import sqlite3
from collections.abc import Iterable

from bench.measuring import Round, log_in, run
from bench.pages import middle, order_path, told
from bench.queries import counting
from bench.rows import EMAIL, PASSWORD, Bench, Row
from gigneo.testing.servers import Server

MOST_STATEMENTS = 3
MOST_OF_THE_PAGE = 0.25


def measure(bench: Bench) -> Iterable[Row]:
    """Count in this process, then let a server answer both in turns."""
    yield Row("statements of a poll with nothing new", _statements(bench), at_most=MOST_STATEMENTS)
    page = order_path(bench.home)
    look = page.replace("/overview", f"/messages/new?after={_newest(bench)}")
    with Server(bench.home, ("web",)) as server:
        cookie = log_in(server.port, EMAIL, PASSWORD)
        tag = _tag(server.port, look, cookie)
        rounds: dict[str, list[Round]] = {"poll": [], "page": []}
        for _ in range(bench.wanted.rounds + 1):
            wanted = bench.wanted.seconds, bench.wanted.connections
            rounds["page"].append(run(server.port, server.pid, page, cookie, *wanted))
            rounds["poll"].append(run(server.port, server.pid, look, cookie, *wanted, tag=tag))
    poll, whole = rounds["poll"][1:], rounds["page"][1:]
    shown = f"poll {told(poll)}, page {told(whole)}"
    yield Row("poll with nothing new ÷ order page", middle(whole) / middle(poll), at_most=MOST_OF_THE_PAGE, more=shown)


def _statements(bench: Bench) -> int:
    with counting(bench) as (number, count):
        look, headers = f"/orders/{number}/messages/new?after={_newest(bench)}", dict[str, str]()
        for _ in range(2):
            answer, _statements = count(look, headers)
            headers = {"If-None-Match": answer.headers["ETag"]}
        answer, statements = count(look, headers)
        assert answer.status_code == 304
        return statements


def _newest(bench: Bench) -> int:
    """Return the newest line of all, which is not before that of the order: nothing comes after it."""
    with sqlite3.connect(bench.home / "gigneo.db") as db:
        return int(db.execute("SELECT max(id) FROM messages_message").fetchone()[0])


def _tag(port: int, look: str, cookie: str) -> str:
    """Ask once, and return the tag of what there is."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    try:
        connection.request("GET", look, headers={"Cookie": cookie})
        answer = connection.getresponse()
        answer.read()
        return str(answer.headers["ETag"])
    finally:
        connection.close()

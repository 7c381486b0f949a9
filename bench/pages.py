"""The order page and the list of orders against two marks: the limit, and the bare one. Queries per page are counted beside.

All servers run side by side on the same demo marketplace; rounds alternate between them, and the median of the rounds counts.
Before anything is measured, the pages are compared: where they differ, no ratio is printed.
"""

import json
import sqlite3
import statistics
import sys
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

from bench import limit
from bench.frame import comparable, cut, first_difference
from bench.measuring import Round, fetch, log_in, run
from bench.rows import EMAIL, PASSWORD, Bench, Row
from bench.words import avatar
from gigneo.core.config import load_config
from gigneo.testing.servers import Server

LIST: Final = "/dashboard/orders/services"
AIMS: Final = {"order page": 0.60, "order list": 0.55}
ATTEMPTS: Final = 3
NAME: Final = "Elin Bakker"
"""The demo's employer."""

ORDER: Final = f"""
SELECT o.number FROM orders_order o JOIN account_user u ON u.id = o.employer_id
WHERE u.email = '{EMAIL}' AND o.state = 'delivered' AND o.kind = 'service'
ORDER BY (SELECT count(*) FROM orders_revision r WHERE r.order_id = o.id) DESC, o.id LIMIT 1
"""


@dataclass(frozen=True)
class Side:
    """One of those that are measured in turns: its server, the page, and who is logged in there."""

    server: Server
    path: str
    cookie: str


class PagesDiffer(RuntimeError):
    """A mark shows another page than the product, so that no ratio would mean anything."""


def measure(bench: Bench) -> Iterable[Row]:
    """Measure both pages on SQLite."""
    paths = {"order page": order_path(bench.home), "order list": LIST}
    with serving(bench, bench.home, paths["order page"]) as (product, marks, cookie):
        sides = {
            label: {
                "product": Side(product, path, cookie),
                "limit": Side(marks, path, cookie),
                "limit in turns": Side(marks, f"{limit.IN_TURNS}{path}", cookie),
                "bare": Side(marks, f"/bare{path}", cookie),
            }
            for label, path in paths.items()
        }
        for label in paths:
            compare(label, sides[label])
        for label in paths:
            rounds = alternate(sides[label], bench)
            shown = ", ".join(f"{name} {told(each)}" for name, each in rounds.items())
            yield Row(f"{label} ÷ limit", ratio(rounds, "limit"), at_least=AIMS[label], more=shown)
            yield Row(f"{label} ÷ limit in turns", ratio(rounds, "limit in turns"), more="one page at a time there, too; no aim")
            yield Row(f"{label} ÷ bare mark", ratio(rounds, "bare"), more="no template engine; no aim")


def order_path(home: Path) -> str:
    """Return the page of the demo's delivered order with the most rounds."""
    with sqlite3.connect(home / "gigneo.db") as db:
        (number,) = db.execute(ORDER).fetchone()
    return f"/orders/{number}/overview"


@contextmanager
def serving(
    bench: Bench, home: Path, path: str, product: Mapping[str, str] | None = None, database: str = ""
) -> Iterator[tuple[Server, Server, str]]:
    """Serve the product and the marks, and log in.

    Args:
        bench: the context.
        home: the product's.
        path: an order's page, from which the frame is cut.
        product: more variables for the product, such as its database.
        database: what the marks read instead of the home's SQLite database.

    Yields:
        Both servers, and the cookie of the demo's employer.
    """
    folder = bench.folder / f"marks-{'postgres' if database else 'sqlite'}"
    folder.mkdir(exist_ok=True)
    with Server(home, ("web",), environment=product) as ours:
        cookie = log_in(ours.port, EMAIL, PASSWORD)
        frame = cut(fetch(ours.port, path, cookie), NAME, EMAIL, avatar(NAME))
        (folder / "frame.json").write_text(json.dumps(asdict(frame)), encoding="utf-8")
        threads = str(load_config(home).web.threads)
        facts = {limit.HOME: str(home), limit.FRAME: str(folder / "frame.json"), limit.THREADS: threads, limit.DATABASE: database}
        marks = Server(folder, (), environment=facts)
        marks.program = (sys.executable, "-m", "bench.limit")
        with marks:
            yield ours, marks, cookie


def compare(label: str, sides: Mapping[str, Side]) -> None:
    """Make sure that all sides show the same. Times may move on between two answers, so it looks again.

    Raises:
        PagesDiffer: with the place.
    """
    for _ in range(ATTEMPTS):
        shown = {name: comparable(fetch(side.server.port, side.path, side.cookie)) for name, side in sides.items()}
        other = next((name for name in shown if shown[name] != shown["product"]), None)
        if other is None:
            return
    raise PagesDiffer(f"The {label} of {other} is not the product's any more; bring bench/ up to date first.\n"
                      f"{first_difference(shown['product'], shown[other])}")  # fmt: skip


def alternate(sides: Mapping[str, Side], bench: Bench) -> dict[str, list[Round]]:
    """Run the rounds of one page, now the one side, now the other; the first of each only warms up."""
    rounds: dict[str, list[Round]] = {name: [] for name in sides}
    for _ in range(bench.wanted.rounds + 1):
        for name, side in sides.items():
            wanted = bench.wanted.seconds, bench.wanted.connections
            rounds[name].append(run(side.server.port, side.server.pid, side.path, side.cookie, *wanted))
    return {name: each[1:] for name, each in rounds.items()}


def ratio(rounds: Mapping[str, list[Round]], mark: str, of: str = "product") -> float:
    """Return the median rate of one side by that of another."""
    return middle(rounds[of]) / middle(rounds[mark])


def middle(rounds: Iterable[Round]) -> float:
    """Return the median of requests per CPU-second."""
    return statistics.median(each.rate for each in rounds)


def told(rounds: Iterable[Round]) -> str:
    """Say what a request cost."""
    rates = [each.rate for each in rounds]
    return f"{1000 / statistics.median(rates):.2f} ms ({min(rates):.0f} to {max(rates):.0f}/CPU-s)"

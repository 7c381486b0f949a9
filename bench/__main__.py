"""``make bench``: the order page and the list of orders against hand-written limits, as requests per CPU-second.

Both servers run side by side on the same demo marketplace; rounds alternate between them, and the median of the rounds counts.
Before anything is measured, the pages of both are compared: where they differ, no ratio is printed.
"""

import argparse
import json
import sqlite3
import statistics
import sys
import tempfile
from dataclasses import asdict
from pathlib import Path
from typing import Final

from bench import limit
from bench.frame import comparable, cut, first_difference
from bench.measuring import Round, fetch, log_in, run
from bench.words import avatar
from gigneo.core.config import load_config
from gigneo.testing.servers import Server, gigneo

EMAIL: Final = "employer@demo.example"
PASSWORD: Final = "demo-demo-demo"
LIST: Final = "/dashboard/orders/services"
AIMS: Final = {"order page": 0.60, "order list": 0.55}
ATTEMPTS: Final = 3

ORDER = """
SELECT o.number FROM orders_order o JOIN account_user u ON u.id = o.employer_id WHERE u.email = ? AND o.state = 'delivered'
ORDER BY (SELECT count(*) FROM orders_revision r WHERE r.order_id = o.id) DESC, o.id LIMIT 1
"""


def main() -> int:
    """Measure, print, and return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("--rounds", type=int, default=7, help="of each server and page (7)")
    parser.add_argument("--seconds", type=float, default=2.0, help="of each round (2)")
    parser.add_argument("--connections", type=int, default=4, help="kept open at once (4)")
    parser.add_argument("--home", type=Path, help="a home that holds the demo already; without it, one is made and thrown away")
    wanted = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="gigneo-bench-") as folder:
        home = wanted.home or Path(folder) / "home"
        if wanted.home is None:
            print("Loading the demo marketplace …", flush=True)
            loaded = gigneo(home, "demo", "load", timeout=600)
            if loaded.returncode:
                print(f"The demo could not be loaded:\n{loaded.stdout}{loaded.stderr}")
                return 1
        return compare_and_measure(home, Path(folder), wanted)


def compare_and_measure(home: Path, folder: Path, wanted: argparse.Namespace) -> int:
    """Serve both, make sure that they answer the same, then measure.

    Args:
        home: the product's, with the demo in it.
        folder: for what the limit is given.
        wanted: the command line.
    """
    threads = load_config(home).web.threads
    with sqlite3.connect(home / "gigneo.db") as db:
        (number,) = db.execute(ORDER, (EMAIL,)).fetchone()
        (name,) = db.execute("SELECT name FROM account_user WHERE email = ?", (EMAIL,)).fetchone()
    pages = {"order page": f"/orders/{number}/overview", "order list": LIST}
    with Server(home, ("web",)) as product:
        cookie = log_in(product.port, EMAIL, PASSWORD)
        frame = cut(fetch(product.port, pages["order page"], cookie), name, EMAIL, avatar(name))
        (folder / "frame.json").write_text(json.dumps(asdict(frame)), encoding="utf-8")
        facts = {limit.HOME: str(home), limit.FRAME: str(folder / "frame.json"), limit.THREADS: str(threads)}
        beside = Server(folder / "limit", (), environment=facts)
        beside.program = (sys.executable, "-m", "bench.limit")
        with beside:
            same = [differs(label, path, product, beside, cookie) for label, path in pages.items()]
            if any(same):
                print("The limit is not the same page any more. No ratio is printed: bring bench/ up to date first.")
                return 1
            told(threads, wanted)
            for label, path in pages.items():
                rounds = measure(path, product, beside, cookie, wanted)
                show(label, rounds, len(fetch(product.port, path, cookie).encode()))
    print("The aims belong to later work; this only says where the product stands.")
    return 0


def differs(label: str, path: str, product: Server, beside: Server, cookie: str) -> bool:
    """Whether the two answer different pages; tells where. Times may move on between two answers, so it looks again."""
    for _ in range(ATTEMPTS):
        ours, limits = (comparable(fetch(server.port, path, cookie)) for server in (product, beside))
        if ours == limits:
            return False
    print(f"The {label} differs from its limit:\n{first_difference(ours, limits)}")
    return True


def measure(path: str, product: Server, beside: Server, cookie: str, wanted: argparse.Namespace) -> list[tuple[Round, Round]]:
    """Run the rounds of one page, now the one server, now the other; the first pair only warms up."""
    pairs = []
    for _ in range(wanted.rounds + 1):
        ours, limits = (
            run(server.port, server.pid, path, cookie, wanted.seconds, wanted.connections) for server in (product, beside)
        )
        pairs.append((ours, limits))
    return pairs[1:]


def told(threads: int, wanted: argparse.Namespace) -> None:
    """Say what is measured."""
    print(
        f"Requests per CPU-second of all the server's processes, one worker with {threads} threads each, {wanted.connections}"
        f" connections,\n{wanted.rounds} rounds of {wanted.seconds:g} s in turns, median (lowest to highest)."
        " The limit is Flask on raw sqlite3, the same HTML.\n"
    )


def show(label: str, rounds: list[tuple[Round, Round]], length_bytes: int) -> None:
    """Print the figures of one page."""
    ours, limits = ([pair[side].rate for pair in rounds] for side in (0, 1))
    ratios = [left / right for left, right in zip(ours, limits, strict=True)]
    ratio = statistics.median(ours) / statistics.median(limits)
    print(f"{label} ({length_bytes:,} bytes)")
    for name, rates in (("product", ours), ("limit", limits)):
        middle = statistics.median(rates)
        print(f"  {name:8} {middle:7.0f} /CPU-s  ({min(rates):.0f} to {max(rates):.0f}), {1000 / middle:.2f} CPU-ms a request")
    print(f"  ratio    {ratio:7.2f}         ({min(ratios):.2f} to {max(ratios):.2f}), aim {AIMS[label]:.2f}\n", flush=True)


if __name__ == "__main__":
    sys.exit(main())

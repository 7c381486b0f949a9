"""``make bench``: what things cost, as ratios to hand-written marks and as absolute figures, each with its aim."""

import argparse
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from bench import dispatching, downloads, growing, large, pages, polling, postgres, processes, queries, transitions
from bench.rows import Bench, Part, Row
from gigneo.testing.commands import gigneo

PARTS: Final[Mapping[str, Part]] = {
    "pages": pages.measure,
    "queries": queries.measure,
    "poll": polling.measure,
    "dispatcher": dispatching.measure,
    "rebuild": growing.measure,
    "processes": processes.measure,
    "transition": transitions.measure,
    "downloads": downloads.measure,
    "postgres": postgres.measure,
    "large": large.measure,
}
UNASKED: Final = [name for name in PARTS if name != "large"]
"""What is measured unless parts are named: a large marketplace takes minutes to load."""


def main() -> int:
    """Measure, print, and return the exit code: 1 when an aim is not met, or when a mark shows another page."""
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("--only", nargs="+", choices=PARTS, default=UNASKED, help="some parts only; all but large unless given")
    parser.add_argument("--rounds", type=int, default=7, help="of each side and page (7)")
    parser.add_argument("--seconds", type=float, default=1.5, help="of each round (1.5)")
    parser.add_argument("--connections", type=int, default=4, help="kept open at once (4)")
    parser.add_argument("--home", type=Path, help="a home that holds the demo already; without it, one is made and thrown away")
    parser.add_argument("--small", type=int, default=2_600, help="orders of the small marketplace of part large (2,600)")
    parser.add_argument("--orders", type=int, default=100_000, help="orders of the large one (100,000)")
    wanted = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="gigneo-bench-") as folder:
        home = wanted.home or Path(folder) / "home"
        if wanted.home is None:
            print("Loading the demo marketplace …", flush=True)
            loaded = gigneo(home, "demo", "load", timeout=600)
            if loaded.returncode:
                print(f"The demo could not be loaded:\n{loaded.stdout}{loaded.stderr}")
                return 1
        rows: list[Row] = []
        for name in wanted.only:
            try:
                for row in PARTS[name](Bench(home, Path(folder), wanted)):
                    print(row, flush=True)
                    rows.append(row)
            except pages.PagesDiffer as difference:
                print(difference)
                return 1
    missed = [row.name for row in rows if row.met is False]
    print(f"\n{len(rows)} figures, {len(missed)} aims not met{': ' if missed else '.'}{', '.join(missed)}")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())

"""What pages, lists and searches cost at size: a small marketplace and a large one beside each other, in one process.

By the clock on the wall, because a database server's time counts; requests alternate between the two, and the median counts.
"""

import statistics
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import partial
from itertools import chain
from typing import Any, Final

from sqlalchemy import text

from bench.rows import PASSWORD, Bench, Row
from gigneo.core.clock import MovableClock
from gigneo.core.config import load_config
from gigneo.core.dispatch import Dispatcher
from gigneo.core.runtime import Runtime
from gigneo.plugins.demo.large import LARGEST
from gigneo.plugins.orders import lists
from gigneo.plugins.orders.cursors import write_cursor
from gigneo.testing.commands import gigneo
from gigneo.testing.fixtures import Browser

ROUNDS: Final = 31
ADMIN: Final = "admin@demo.example"
GROWS_AT_MOST: Final = 1.3
SEARCH_MS: Final = 50.0
SEARCHES: Final[Mapping[str, str]] = {
    "a word of all": "for",
    "a common word": "logo",
    "a rare word": "beekeeper",
    "two words": "logo bakery",
    "three words": "landing lighthouse zurich",
    "no such word": "xylophone",
    "a first name": "aiko",
    "a last name and a word": "grönroos brochure",
    "a letter": "l",
    "a number's beginning": "12",
    "a number's longer beginning": "12345",
}


@dataclass(frozen=True)
class Market:
    """A marketplace that is measured.

    Attributes:
        site: behind its dispatcher.
        employer: the largest employer's browser.
        admin: an administrator's.
        size: how many orders there are.
    """

    site: Dispatcher
    employer: Browser
    admin: Browser
    size: int

    @classmethod
    def of(cls, runtime: Runtime) -> "Market":
        """Serve a site, and log two people in."""
        site = Dispatcher(runtime)
        browsers = [Browser(site).log_in(email, PASSWORD) for email in (LARGEST, ADMIN)]
        return cls(site, *browsers, size=_one(runtime, "SELECT count(*) FROM orders_order"))

    @property
    def runtime(self) -> Runtime:
        """Its ground."""
        return self.site._runtime

    def number(self) -> str:
        """Return the number of an order of the largest employer that was finished long ago."""
        query = (
            "SELECT number FROM orders_order WHERE employer_id = (SELECT id FROM account_user WHERE email = :email)"
            " AND state = 'completed' AND kind = 'service' ORDER BY id LIMIT 1"
        )
        return str(_one(self.runtime, query, email=LARGEST))

    def deep(self, *, own: bool) -> str:
        """Return the cursor of a page nine tenths down a list."""
        mine = "employer_id = (SELECT id FROM account_user WHERE email = :email) AND kind = 'service'" if own else "true"
        given = {"email": LARGEST} if own else {}
        count = _one(self.runtime, f"SELECT count(*) FROM orders_order WHERE {mine}", **given)
        query = f"SELECT id FROM orders_order WHERE {mine} ORDER BY id DESC LIMIT 1 OFFSET :skipped"
        last = _one(self.runtime, query, **given, skipped=count * 9 // 10)
        return write_cursor(last)


def measure(bench: Bench) -> Iterable[Row]:
    """Load a small and a large marketplace on SQLite, and compare them."""
    markets = []
    for size in (bench.wanted.small, bench.wanted.orders):
        home = bench.folder / f"orders-{size}"
        loaded = gigneo(home, "demo", "load", "--orders", str(size), timeout=3600)
        assert loaded.returncode == 0, loaded.stdout + loaded.stderr
        runtime = Runtime(load_config(home), MovableClock())
        markets.append(Market.of(runtime))
    try:
        yield from compare(*markets)
    finally:
        for market in markets:
            market.site.stop()
            market.runtime.close()


def compare(small: Market, large: Market) -> Iterable[Row]:
    """Give every figure of two marketplaces."""
    return chain(_grown(small, large), _deep(large), _filters(large), _searches(large))


def _grown(small: Market, large: Market) -> Iterable[Row]:
    """The same pages at both sizes."""
    pages: Mapping[str, Callable[[Market], Callable[[], Any]]] = {
        "order page": lambda market: _getting(market.employer, f"/orders/{market.number()}/overview"),
        "employer's list": lambda market: _getting(market.employer, "/dashboard/orders/services"),
        "administrator's list": lambda market: _getting(market.admin, "/admin/orders"),
    }
    for name, page in pages.items():
        was, now = medians(page(small), page(large))
        yield Row(
            f"{name}: {large.size:,} ÷ {small.size:,} orders",
            now / was,
            at_most=GROWS_AT_MOST,
            more=f"{was:.1f} and {now:.1f} ms",
        )


def _deep(large: Market) -> Iterable[Row]:
    """A page nine tenths down a list, beside the first one."""
    for name, browser, path, own in (
        ("employer's list", large.employer, "/dashboard/orders/services", True),
        ("administrator's list", large.admin, "/admin/orders", False),
    ):
        first, deep = medians(_getting(browser, path), _getting(browser, f"{path}?after={large.deep(own=own)}"))
        yield Row(f"{name}: deep page ÷ first", deep / first, at_most=GROWS_AT_MOST, more=f"{first:.1f} and {deep:.1f} ms")


def _filters(large: Market) -> Iterable[Row]:
    """The slowest filter of each list; each of them is measured."""
    for name, browser, path, filters in (
        ("employer's list", large.employer, "/dashboard/orders/services", lists.FILTERS),
        ("administrator's list", large.admin, "/admin/orders", lists.ADMIN_FILTERS),
    ):
        addresses = [
            f"{path}?show={show.name}&sort={sort}"
            for show in filters.values()
            for sort in lists.SORTS
            if sort == "newest" or show.by_due
        ]
        spent = medians(*(_getting(browser, address) for address in addresses))
        slowest, address = max(zip(spent, addresses, strict=True))
        yield Row(f"{name}: slowest filter", slowest, "ms", at_most=SEARCH_MS, more=address)


def _searches(large: Market) -> Iterable[Row]:
    """The whole page with what was found."""
    for who, browser, path in (
        ("employer", large.employer, "/dashboard/orders/services"),
        ("administrator", large.admin, "/admin/orders"),
    ):
        asked = [partial(browser.get, path, query_string={"q": typed}) for typed in SEARCHES.values()]
        for name, spent in zip(SEARCHES, medians(*asked), strict=True):
            yield Row(f"{who} looks for {name}", spent, "ms", at_most=SEARCH_MS, more=repr(SEARCHES[name]))


def medians(*runs: Callable[[], Any]) -> list[float]:
    """Run each alternately, and return the median of each, in milliseconds."""
    spent: list[list[float]] = [[] for _ in runs]
    for _ in range(ROUNDS):
        for run, times in zip(runs, spent, strict=True):
            began = time.perf_counter()
            answer = run()
            times.append((time.perf_counter() - began) * 1000)
            assert answer.status_code == 200, answer.status_code
    return [statistics.median(times[1:]) for times in spent]


def _getting(browser: Browser, address: str) -> Callable[[], Any]:
    return partial(browser.get, address)


def _one(runtime: Runtime, query: str, **values: Any) -> Any:
    with runtime.read() as session:
        return session.execute(text(query), values).scalar_one()

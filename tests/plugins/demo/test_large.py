"""A large demo marketplace: copied inside the database, and as good as if the use cases had made every order."""

from collections.abc import Iterator
from datetime import timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from sqlalchemy import text

from gigneo.api import write
from gigneo.core.clock import MovableClock
from gigneo.core.config import load_config
from gigneo.core.dispatch import Dispatcher
from gigneo.core.doctor import examine
from gigneo.core.modules.lifecycle import enable
from gigneo.core.runtime import Runtime
from gigneo.core.tasks.loop import TaskLoop
from gigneo.plugins.demo import cli, large
from gigneo.plugins.demo.loading import load
from gigneo.plugins.demo.people import PASSWORD
from gigneo.plugins.orders import api as orders
from gigneo.plugins.wallet.audit import prove
from gigneo.plugins.wallet.ledger import Line, Place, hash_body
from gigneo.plugins.wallet.models import AccountKind
from gigneo.testing.databases import postgres_database, sqlite_database
from gigneo.testing.fixtures import Browser, bundled_migrations, switch_on_defaults

ORDERS = 2_000
LINES = """
    SELECT f.id, f.key, f.kind, f.order_id, f.body_hash, p.amount_minor, d.currency,
           d.kind AS from_kind, d.user_id AS from_user, d.order_id AS from_order, d.gateway AS from_gateway,
           c.kind AS to_kind, c.user_id AS to_user, c.order_id AS to_order, c.gateway AS to_gateway
      FROM wallet_transfer f JOIN wallet_posting p ON p.transfer_id = f.id
      JOIN wallet_account d ON d.id = p.debit_account_id JOIN wallet_account c ON c.id = p.credit_account_id ORDER BY p.id
"""


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def site(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Dispatcher]:
    """A site with many orders, on each database."""
    home = tmp_path_factory.mktemp("large")
    if request.param == "sqlite":
        yield from served(home, sqlite_database(home, bundled_migrations(), switch_on_defaults))
    else:
        with postgres_database(bundled_migrations(), switch_on_defaults) as url:
            yield from served(home, url)


def served(home: Path, url: str) -> Iterator[Dispatcher]:
    environment = {"GIGNEO_HOME": str(home), "GIGNEO_DATABASE__URL": url, "GIGNEO_LOG__LEVEL": "error"}
    runtime = Runtime(load_config(environ=environment), MovableClock())
    home.chmod(0o700)
    enable(runtime, "demo")
    with runtime.rebuild().app.app_context():
        load(1, orders=ORDERS)
    yield Dispatcher(runtime)
    runtime.close()


def rows(site: Dispatcher, query: str, **values: Any) -> list[Any]:
    with site._runtime.read() as session:
        return list(session.execute(text(query), values))


def copied(site: Dispatcher, state: str, where: str = "true") -> tuple[str, int, int]:
    """Return number, employer and freelancer of a copied order that nothing is asked about."""
    query = (
        "SELECT number, employer_id, freelancer_id FROM orders_order o WHERE state = :state AND id > 100000 AND"
        f" NOT EXISTS (SELECT 1 FROM orders_request r WHERE r.order_id = o.id AND r.state = 'open') AND {where} ORDER BY id"
    )
    number, employer_id, freelancer_id = rows(site, query, state=state)[0]
    return number, employer_id, freelancer_id


def browser_of(site: Dispatcher, person_id: int) -> Browser:
    [(email,)] = rows(site, "SELECT email FROM account_user WHERE id = :id", id=person_id)
    return Browser(site).log_in(email, PASSWORD)


def test_there_are_as_many_as_were_asked_for_with_numbers_that_tell_nothing(site: Dispatcher) -> None:
    numbers = [number for (number,) in rows(site, "SELECT number FROM orders_order ORDER BY id")]
    assert len(numbers) == ORDERS
    assert all(len(number) == 7 and number.isdigit() for number in numbers)
    steps = [abs(int(later) - int(earlier)) for earlier, later in pairwise(numbers)]
    assert sum(step < 1000 for step in steps) < 20


def test_the_ledger_is_proven_and_nothing_is_wrong_with_the_site(site: Dispatcher) -> None:
    with site._runtime.read() as session:
        report = prove(session)
    assert report.ok, report.violations[:5]
    assert [finding for finding in examine(site._runtime) if finding.level == "problem"] == []


def test_every_transfer_has_the_key_and_the_hash_that_the_use_case_would_have_written(site: Dispatcher) -> None:
    found: dict[int, tuple[Any, list[Line]]] = {}
    for row in rows(site, LINES):
        sides = (
            Place(AccountKind(row.from_kind), row.currency, row.from_user, row.from_order, row.from_gateway),
            Place(AccountKind(row.to_kind), row.currency, row.to_user, row.to_order, row.to_gateway),
        )
        found.setdefault(row.id, (row, []))[1].append(Line(*sides, row.amount_minor))
    assert len(found) > 2 * ORDERS
    for row, lines in found.values():
        assert row.body_hash == hash_body(row.kind, row.order_id, lines), row.key
        assert row.order_id is None or row.key == f"order:{row.order_id}:{row.kind}"


def test_newer_orders_have_greater_keys_over_three_years_and_nothing_lies_ahead(site: Dispatcher) -> None:
    query = "SELECT min({0}), max({0}) FROM orders_order WHERE finished_at IS NOT NULL AND id > 100000"
    [(oldest, _)] = rows(site, query.format("placed_at"))
    now = site._runtime.clock.now()
    assert str(now - timedelta(days=3 * 365 + 70)) < str(oldest) < str(now - timedelta(days=1000))
    [(_, newest)] = rows(site, query.format("finished_at"))
    assert str(newest) < str(now)
    placed = [str(at)[:10] for (at,) in rows(site, "SELECT placed_at FROM orders_order WHERE id > 100000 ORDER BY id LIMIT 1500")]
    assert placed == sorted(placed)


def test_one_employer_has_a_hundredth_of_them_and_nobody_has_more(site: Dispatcher) -> None:
    query = (
        "SELECT u.email, count(*) FROM orders_order o JOIN account_user u ON u.id = o.employer_id"
        " WHERE o.id > 100000 GROUP BY u.email ORDER BY 2 DESC"
    )
    counts = dict(tuple(row) for row in rows(site, query))
    assert counts[large.LARGEST] == (ORDERS - 25) // 100
    assert len(counts) > 100
    assert max(counts.values()) <= 2 * counts[large.LARGEST]


def test_records_and_sales_are_what_the_orders_say(site: Dispatcher) -> None:
    year = str(site._runtime.clock.now() - timedelta(days=365))
    query = (
        "SELECT freelancer_id, count(*), sum(CASE WHEN state = 'completed' THEN 1 ELSE 0 END) FROM orders_order"
        " WHERE finished_at > :year AND started_at IS NOT NULL GROUP BY freelancer_id"
    )
    counted = {row[0]: (row[1], row[2]) for row in rows(site, query, year=year)}
    recorded = {row[0]: (row[1], row[2]) for row in rows(site, "SELECT freelancer_id, finished, completed FROM orders_record")}
    assert {person: counts for person, counts in recorded.items() if counts[0]} == counted
    sold = "SELECT sum(sold), (SELECT count(*) FROM services_purchase WHERE counted) FROM services_service"
    [(summed, purchases)] = rows(site, sold)
    assert summed == purchases > ORDERS / 2


def test_a_copied_order_takes_requests_and_is_approved_by_its_form_and_its_money_clears(site: Dispatcher) -> None:
    working, _, maker_id = copied(site, "active")
    with site._runtime.rebuild().app.app_context(), write() as session:
        orders.request_extension(session, working, maker_id, days=2, reason="The paint is not dry.")
    number, employer_id, freelancer_id = copied(site, "delivered")
    assert browser_of(site, freelancer_id).get(f"/orders/{number}/overview").status_code == 200
    answer = browser_of(site, employer_id).submit(f"/orders/{number}/approve", {}, page=f"/orders/{number}/approve")
    assert answer.status_code == 303, answer.text[:500]
    [(order_id, state)] = rows(site, "SELECT id, state FROM orders_order WHERE number = :number", number=number)
    assert state == "completed"
    assert rows(site, "SELECT state FROM task WHERE key = :key", key=f"wallet.clear:{order_id}") == [("waiting",)]
    with site._runtime.read() as session:
        assert prove(session).ok


def test_a_copied_order_is_cancelled_and_its_money_goes_back(site: Dispatcher) -> None:
    number, employer_id, freelancer_id = copied(site, "active")
    mine = "SELECT balance_minor FROM wallet_account WHERE user_id = :id"
    before = rows(site, mine, id=employer_id)[0][0]
    with site._runtime.rebuild().app.app_context(), write() as session:
        facts = orders.cancel(session, number, freelancer_id)
    assert rows(site, mine, id=employer_id)[0][0] == before + facts.total_minor
    with site._runtime.read() as session:
        assert prove(session).ok


def test_the_timers_of_copies_fire_and_what_clears_arrives(site: Dispatcher) -> None:
    waiting = "SELECT count(*) FROM wallet_order_terms WHERE settled_at IS NULL AND clears_at IS NOT NULL"
    delivered = "SELECT count(*) FROM orders_order WHERE state = 'delivered' AND review_until IS NOT NULL"
    assert rows(site, waiting)[0][0] > 10
    assert rows(site, delivered)[0][0] > 5
    clock = site._runtime.clock
    assert isinstance(clock, MovableClock)
    for days in (5, 40):
        with clock.standing_at(clock.now() + timedelta(days=days)):
            TaskLoop(site._runtime).run_due(10_000)
    assert rows(site, waiting)[0][0] == rows(site, delivered)[0][0] == 0
    assert rows(site, "SELECT count(*) FROM task WHERE state = 'dead'") == [(0,)]
    with site._runtime.read() as session:
        assert prove(session).ok


def test_a_loading_that_is_interrupted_says_how_to_begin_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    environment = {
        "GIGNEO_HOME": str(tmp_path),
        "GIGNEO_DATABASE__URL": sqlite_database(tmp_path, bundled_migrations(), switch_on_defaults),
        "GIGNEO_LOG__LEVEL": "error",
    }
    runtime = Runtime(load_config(environ=environment), MovableClock())
    enable(runtime, "demo")

    def interrupted(_copies: Any) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(large, "_copy", interrupted)
    with runtime.rebuild().app.app_context():
        first = CliRunner().invoke(cli.load, ["--orders", "100"])
    with runtime.rebuild().app.app_context():
        second = CliRunner().invoke(cli.load, ["--orders", "100"])
        monkeypatch.undo()
        again = CliRunner().invoke(cli.reset, ["--yes", "--orders", "100"])
    assert (first.exit_code, second.exit_code, again.exit_code) == (1, 1, 0), again.output
    assert "gigneo demo reset" in first.output and "gigneo demo reset" in second.output
    assert f"{large.LARGEST} ({large.LARGEST_NAME})" in again.output
    with runtime.read() as session:
        assert session.execute(text("SELECT count(*) FROM orders_order")).scalar_one() == 100
    runtime.close()

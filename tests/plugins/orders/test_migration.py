"""A site whose orders are under way goes on after the upgrade, and can go back: nothing is lost, nothing ends by surprise."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, text

from gigneo.core.db.engines import open_engines
from gigneo.core.db.migrate import upgrade_owner
from gigneo.testing.databases import postgres_database, sqlite_database
from gigneo.testing.fixtures import bundled_migrations

BEFORE = datetime(2026, 1, 5, 12, tzinfo=UTC)
PEOPLE = """INSERT INTO account_user (id, email, name, password, active, fs_uniquifier, created_at)
            VALUES (1, 'e', 'e', '', true, 'e', CURRENT_TIMESTAMP), (2, 'f', 'f', '', true, 'f', CURRENT_TIMESTAMP)"""
ORDER = """INSERT INTO orders_order (id, number, kind, state, title, package, features, category, employer_id, freelancer_id,
    price_minor, employer_fee_minor, commission_minor, rate_basis_points, currency, days, revisions_used, placed_at, started_at,
    finished_at, on_time, cancelled_by, version)
    VALUES (:id, :number, 'service', :state, 'A logo', '', '[]', '', 1, 2, 1000, 0, 100, 1000, 'EUR', 3, 0, :at, :started,
    :finished, :on_time, :by, 1)"""
HOLD = """INSERT INTO orders_hold (order_id, plugin, reason, actions, placed_at, lifted_reason)
    VALUES (:id, 'acme', 'Wait.', :actions, :at, '')"""
REQUEST = """INSERT INTO orders_request (order_id, kind, asked_by_id, reason, text, asked_at, stops_review, state, answer)
    VALUES (3, 'cancellation', 1, '', '', :at, false, 'open', '')"""
DELIVERY = """INSERT INTO orders_delivery (order_id, freelancer_id, final, round, description, at)
    VALUES (:id, 2, :final, 1, '', :at)"""


@contextmanager
def database_at_the_first_revision(kind: str, folder: Path) -> Iterator[str]:
    """Give a database as the release before this migration made it."""
    first = folder / "first"
    first.mkdir()
    shutil.copy(dict(bundled_migrations())["orders"] / "0001_orders.py", first)
    if kind == "sqlite":
        yield sqlite_database(folder, [("orders", first)])
    else:
        with postgres_database([("orders", first)]) as url:
            yield url


def fill(connection: Connection) -> None:
    """Write orders as they stood: one in each situation that the upgrade has to think of."""
    connection.execute(text(PEOPLE))
    recently = datetime.now(UTC) - timedelta(days=30)
    given: dict[str, dict[str, Any]] = {
        "pending": {"state": "pending_payment", "started": None},
        "draft": {"state": "active"},
        "delivered": {"state": "delivered", "on_time": True},
        "held": {"state": "delivered", "on_time": False},
        "held twice": {"state": "active"},
        "completed": {"state": "completed", "on_time": True, "finished": recently},
        "cancelled": {"state": "cancelled", "by": "freelancer", "finished": recently},
        "long ago": {"state": "completed", "on_time": True, "finished": recently - timedelta(days=400)},
        "never paid": {"state": "cancelled", "by": "system", "started": None, "finished": recently},
    }
    for number, (name, more) in enumerate(given.items(), 1):
        usual = {"at": BEFORE, "started": BEFORE, "finished": None, "on_time": None, "by": None}
        connection.execute(text(ORDER), {"id": number, "number": name, **usual, **more})
    for order, actions, days in ((4, '["approve"]', 1), (5, '["approve"]', 1), (5, '["deliver_final"]', 2)):
        connection.execute(text(HOLD), {"id": order, "actions": actions, "at": BEFORE + timedelta(days=days)})
    for order, final in ((2, False), (3, False), (3, True)):
        connection.execute(text(DELIVERY), {"id": order, "final": final, "at": BEFORE})


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_orders_that_are_under_way_go_on(kind: str, tmp_path: Path) -> None:
    with database_at_the_first_revision(kind, tmp_path) as url:
        engines = open_engines(url, tmp_path / "writer.lock")
        try:
            with engines.write.begin() as connection:
                fill(connection)
            started = datetime.now(UTC)
            assert upgrade_owner(engines, "orders", dict(bundled_migrations())["orders"]) == ("orders_0002",)
            with engines.write.begin() as connection:
                assert_carried_over(connection, started)
        finally:
            engines.dispose()


def assert_carried_over(connection: Connection, started: datetime) -> None:
    from gigneo.plugins.orders.models import Order, Record, Request

    orders = {row.number: row for row in connection.execute(Order.__table__.select())}
    soon = timedelta(minutes=5)
    assert timedelta(0) <= orders["pending"].pay_until - started - timedelta(hours=24) < soon
    assert timedelta(0) <= orders["delivered"].review_until - started - timedelta(days=3) < soon
    assert (orders["held"].review_until, orders["held"].review_left_seconds) == (None, 3 * 24 * 3600)
    assert (orders["held"].held_at, orders["held"].undeliverable_at) == (BEFORE + timedelta(days=1), None)
    assert orders["held twice"].held_at == BEFORE + timedelta(days=1)
    assert orders["held twice"].undeliverable_at == BEFORE + timedelta(days=2)
    assert (orders["draft"].draft_at, orders["delivered"].draft_at) == (BEFORE, None)
    assert [number for number, row in orders.items() if row.against_freelancer] == ["cancelled"]
    connection.execute(text(REQUEST), {"at": BEFORE})
    [request] = connection.execute(Request.__table__.select())
    assert request.silence_agrees is False, "what silence did before anybody could choose otherwise"
    [record] = connection.execute(Record.__table__.select())
    assert (record.freelancer_id, record.finished, record.completed, record.cancelled) == (2, 2, 1, 1)
    assert (record.delivered, record.on_time) == (1, 1)

"""A site that has orders already goes on after the upgrade: they gave nothing back, and every guard stands as before."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy import Connection, text
from sqlalchemy.exc import DBAPIError

from gigneo.core.db.engines import open_engines
from gigneo.core.db.migrate import upgrade_owner
from gigneo.testing.databases import postgres_database, sqlite_database
from gigneo.testing.fixtures import bundled_migrations

COLUMNS = "awarded_minor, commission_back_minor, fee_back_minor"
PEOPLE = """INSERT INTO account_user (id, email, name, password, active, fs_uniquifier, created_at)
            VALUES (1, 'e', 'e', '', true, 'e', CURRENT_TIMESTAMP), (2, 'f', 'f', '', true, 'f', CURRENT_TIMESTAMP)"""
ORDER = """INSERT INTO wallet_order_terms (order_id, number, title, employer_id, freelancer_id, currency, price_minor,
                                           employer_fee_minor, commission_minor, paid_at, released_at)
           VALUES (7, '8000007', 'A logo', 1, 2, 'EUR', 10000, 300, 1000, CURRENT_TIMESTAMP, CURRENT_TIMESTAMP)"""


@contextmanager
def database_at_the_first_revision(kind: str, folder: Path) -> Iterator[str]:
    """Give a database as the release before this migration made it."""
    owners = dict(bundled_migrations())
    first = folder / "first"
    first.mkdir()
    shutil.copy(owners["wallet"] / "0001_ledger.py", first)
    if kind == "sqlite":
        yield sqlite_database(folder, [("wallet", first)])
    else:
        with postgres_database([("wallet", first)]) as url:
            yield url


def refused(connection: Connection, statement: str) -> None:
    with pytest.raises(DBAPIError), connection.begin_nested():
        connection.execute(text(statement))
        pytest.fail(f"the database took: {statement}")


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_orders_from_before_gave_nothing_back_and_keep_their_guards(kind: str, tmp_path: Path) -> None:
    with database_at_the_first_revision(kind, tmp_path) as url:
        engines = open_engines(url, tmp_path / "writer.lock")
        try:
            with engines.write.begin() as connection:
                connection.execute(text(PEOPLE))
                connection.execute(text(ORDER))
            assert upgrade_owner(engines, "wallet", dict(bundled_migrations())["wallet"]) == ("wallet_0002",)
            with engines.write.begin() as connection:
                row = connection.execute(text(f"SELECT {COLUMNS}, price_minor FROM wallet_order_terms")).one()
                assert tuple(row) == (0, 0, 0, 10_000)
                for change in ("awarded_minor = 'much'", "price_minor = 0", "awarded_minor = 10001", "employer_id = 2"):
                    refused(connection, f"UPDATE wallet_order_terms SET {change}")
                refused(connection, ORDER)
                connection.execute(text("UPDATE wallet_order_terms SET awarded_minor = 10, commission_back_minor = 1"))
                refused(connection, "UPDATE wallet_order_terms SET awarded_minor = 9")
        finally:
            engines.dispose()

"""Plants faults in a ledger past every guard of the database, and says what the audit finds then."""

import sqlite3
from collections.abc import Mapping
from pathlib import Path

from sqlalchemy import create_engine, text
from sqlmodel import Session

from gigneo.plugins.wallet.audit import prove

from .conftest import Bank

NOW = "(SELECT created_at FROM wallet_transfer LIMIT 1)"


def posting(transfer: str, debit: str, credit: str, amount: int = 1) -> list[str]:
    """Plant a posting, with balances that fit it, so that only its meaning is wrong."""
    return [
        f"INSERT INTO wallet_posting (transfer_id, debit_account_id, credit_account_id, amount_minor, created_at)"
        f" VALUES (({transfer}), ({debit}), ({credit}), {amount}, {NOW})",
        f"UPDATE wallet_account SET balance_minor = balance_minor - {amount} WHERE id = ({debit})",
        f"UPDATE wallet_account SET balance_minor = balance_minor + {amount} WHERE id = ({credit})",
    ]


LOOSEN_SQLITE = """
    PRAGMA foreign_keys = OFF;
    PRAGMA ignore_check_constraints = ON;
    CREATE TABLE loose_transfer AS SELECT * FROM wallet_transfer;
    CREATE TABLE loose_posting AS SELECT * FROM wallet_posting;
    DROP TABLE wallet_transfer;
    DROP TABLE wallet_posting;
    ALTER TABLE loose_transfer RENAME TO wallet_transfer;
    ALTER TABLE loose_posting RENAME TO wallet_posting;
    DROP INDEX uq_wallet_account_user;
    DROP TRIGGER wallet_account_same_owner;
    DROP TRIGGER wallet_order_terms_only_more;
"""


def planted(world: Bank, path: Path, statements: list[str]) -> set[str]:
    """Copy the database without its guards, plant a fault, and return the names of what the audit finds."""
    source = sqlite3.connect(str(world.runtime.engines.write.url.database))
    copy = sqlite3.connect(path, isolation_level=None)
    source.backup(copy)
    source.close()
    copy.executescript(LOOSEN_SQLITE)
    for statement in statements:
        copy.execute(statement)
    copy.close()
    engine = create_engine(f"sqlite:///{path}")
    try:
        with world.inside(), Session(engine) as session:
            return {violation.check for violation in prove(session).violations}
    finally:
        engine.dispose()


LOOSEN_POSTGRESQL = """
    ALTER TABLE wallet_account DROP CONSTRAINT ck_wallet_account_floor;
    ALTER TABLE wallet_account DROP CONSTRAINT ck_wallet_account_owner;
    ALTER TABLE wallet_posting DROP CONSTRAINT ck_wallet_posting_amount;
    ALTER TABLE wallet_posting DROP CONSTRAINT ck_wallet_posting_two_sides;
    ALTER TABLE wallet_transfer DROP CONSTRAINT uq_wallet_transfer_key;
    ALTER TABLE wallet_order_terms DROP CONSTRAINT ck_wallet_order_terms_awarded;
    ALTER TABLE wallet_order_terms DROP CONSTRAINT ck_wallet_order_terms_commission_back;
    ALTER TABLE wallet_order_terms DROP CONSTRAINT ck_wallet_order_terms_fee_back;
    DROP INDEX uq_wallet_account_user;
    SET session_replication_role = 'replica'
"""


def planted_in_postgresql(world: Bank, faults: Mapping[str, tuple[str, list[str]]]) -> dict[str, tuple[str, set[str]]]:
    """Plant one fault after the other, each in a transaction that is rolled back.

    Returns:
        The fault's name → what it is expected to be named, and the names of what the audit finds.
    """
    seen = {}
    with world.inside(), world.runtime.engines.write.connect() as connection:
        for fault, (expected, statements) in faults.items():
            with connection.begin() as transaction:
                for statement in [*LOOSEN_POSTGRESQL.split(";"), *statements]:
                    connection.execute(text(statement))
                seen[fault] = (expected, {violation.check for violation in prove(Session(connection)).violations})
                transaction.rollback()
    return seen

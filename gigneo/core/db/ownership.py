"""Whose table is whose: a migration may touch its owner's tables only, and is refused when it touches another's."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Connection, text

from gigneo.core.db.base import KERNEL
from gigneo.core.db.prefixes import KERNEL_PREFIXES


class MigrationRefused(RuntimeError):
    """A migration was not run, or was rolled back; the message says whose, why, and what to do."""


def version_table(owner: str) -> str:
    """Return the name of the table in which an owner's revision stands."""
    return f"alembic_version_{owner}"


def owns(owner: str, table: str) -> bool:
    """Return whether a table is the owner's, by its prefix."""
    prefixes = KERNEL_PREFIXES if owner == KERNEL else (f"{owner}_",)
    return table.removeprefix("_alembic_tmp_").startswith(prefixes) or table == version_table(owner)


@contextmanager
def own_tables_only(connection: Connection, owner: str) -> Iterator[None]:
    """Refuse what touches another owner's tables inside the block, structure or rows.

    SQLite asks us about each statement before it runs. PostgreSQL is compared before and after, inside the
    transaction, which is then rolled back.

    Raises:
        MigrationRefused: something was touched.
    """
    watch = _sqlite_watch if connection.dialect.name == "sqlite" else _postgres_watch
    with watch(connection, owner):
        yield


_TABLE_FIRST = {
    sqlite3.SQLITE_CREATE_TABLE,
    sqlite3.SQLITE_DROP_TABLE,
    sqlite3.SQLITE_CREATE_VIEW,
    sqlite3.SQLITE_DROP_VIEW,
    sqlite3.SQLITE_INSERT,
    sqlite3.SQLITE_UPDATE,
    sqlite3.SQLITE_DELETE,
}
_TABLE_SECOND = {
    sqlite3.SQLITE_CREATE_INDEX,
    sqlite3.SQLITE_DROP_INDEX,
    sqlite3.SQLITE_CREATE_TRIGGER,
    sqlite3.SQLITE_DROP_TRIGGER,
    sqlite3.SQLITE_ALTER_TABLE,
}


@contextmanager
def _sqlite_watch(connection: Connection, owner: str) -> Iterator[None]:
    touched: set[str] = set()

    def judge(action: int, first: str | None, second: str | None, *_: str | None) -> int:
        table = first if action in _TABLE_FIRST else second if action in _TABLE_SECOND else None
        if table is None or table.startswith("sqlite_") or owns(owner, table):
            return sqlite3.SQLITE_OK
        touched.add(table)
        return sqlite3.SQLITE_DENY

    driver = connection.connection.driver_connection
    assert isinstance(driver, sqlite3.Connection)
    driver.set_authorizer(judge)
    try:
        yield
    except Exception as error:
        if touched:
            raise _refusal(owner, touched) from error
        raise
    finally:
        driver.set_authorizer(None)
    if touched:
        raise _refusal(owner, touched)


@contextmanager
def _postgres_watch(connection: Connection, owner: str) -> Iterator[None]:
    before = _postgres_structure(connection)
    yield
    changed = {table for table, _ in before ^ _postgres_structure(connection)}
    changed |= set(connection.execute(_WRITTEN).scalars())
    touched = {table for table in changed if not owns(owner, table)}
    if touched:
        raise _refusal(owner, touched)


def _postgres_structure(connection: Connection) -> set[tuple[str, str]]:
    return {(table, description) for table, description in connection.execute(_STRUCTURE)}


def _refusal(owner: str, tables: set[str]) -> MigrationRefused:
    names = ", ".join(sorted(tables))
    return MigrationRefused(
        f"A migration of {owner!r} touches {names}, which is not its own. It was rolled back; "
        f"the tables of {owner!r} are called {owner}_…, and only those may change."
    )


_STRUCTURE = text(
    """
    SELECT c.relname, concat_ws(' ', 'file', c.relkind, c.relfilenode)
      FROM pg_class c WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'v', 'm', 'p')
    UNION ALL
    SELECT c.relname, concat_ws(' ', 'column', a.attname, format_type(a.atttypid, a.atttypmod), a.attnotnull,
                                pg_get_expr(d.adbin, d.adrelid))
      FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid
      LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
     WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'v', 'm', 'p') AND a.attnum > 0
       AND NOT a.attisdropped
    UNION ALL
    SELECT c.relname, concat_ws(' ', 'constraint', k.conname, pg_get_constraintdef(k.oid))
      FROM pg_constraint k JOIN pg_class c ON c.oid = k.conrelid WHERE c.relnamespace = 'public'::regnamespace
    UNION ALL
    SELECT tablename, indexdef FROM pg_indexes WHERE schemaname = 'public'
    UNION ALL
    SELECT c.relname, pg_get_triggerdef(t.oid) FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid
     WHERE NOT t.tgisinternal AND c.relnamespace = 'public'::regnamespace
    """
)

_WRITTEN = text(
    "SELECT relname FROM pg_stat_xact_user_tables WHERE schemaname = 'public' AND n_tup_ins + n_tup_upd + n_tup_del > 0"
)

"""The session of reads, over one connection; prepared statements go straight to the driver."""

from collections.abc import Mapping
from typing import Any, Final

from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import PoolProxiedConnection
from sqlmodel import Session

from gigneo.core.db.engines import Engines
from gigneo.core.db.prepared import is_prepared, run, run_directly

_NOTHING: Final[Mapping[str, Any]] = {}


class ReadSession(Session):
    """A read-only session over one transaction on one connection, begun by its first statement.

    On SQLite the connection comes from the pool without SQLAlchemy's own around it, which most pages never need: making and
    closing it takes longer than any of their statements.

    Args:
        engines: the database.
    """

    def __init__(self, engines: Engines) -> None:
        super().__init__(autoflush=False, expire_on_commit=False)
        self._engine = engines.read
        self._lean = engines.is_sqlite
        self._lent: PoolProxiedConnection | None = None
        self._reader: Connection | None = None

    def get_bind(self, *_asked: Any, **_more: Any) -> Any:
        """Return the connection, so that entities are read in the same transaction."""
        return self._begun()

    def execute(self, statement: Any, params: Any = None, **options: Any) -> Any:
        """Execute a statement. Its rows are the same whichever way it goes."""
        if not options and is_prepared(statement) and isinstance(params, dict | None):
            given = params or _NOTHING
            if self._lean and self._reader is None:
                rows = run_directly(self._engine, self._driver(), statement, given)
            else:
                rows = run(self._begun(), statement, given)
            if rows is not None:
                return rows
        return super().execute(statement, params, **options)

    def rollback(self) -> None:
        """End the transaction; the next statement begins another."""
        if self._reader is not None:
            super().rollback()
            self._reader.rollback()
        elif self._lent is not None:
            self._lent.rollback()

    def close(self) -> None:
        """End the transaction, and give the connection back."""
        if self._reader is not None:
            super().close()
            self._reader.close()
        elif self._lent is not None:
            self._lent.close()  # the pool ends what was begun
        self._reader = self._lent = None

    def _driver(self) -> Any:
        """Return the driver's connection, in its transaction."""
        if self._lent is None:
            self._lent = self._borrowed()
        driver: Any = self._lent.driver_connection
        if not driver.in_transaction:
            driver.execute("BEGIN")
        return driver

    def _borrowed(self) -> PoolProxiedConnection:
        """Take a connection from the pool; what goes wrong is told as SQLAlchemy's own connection tells it."""
        dialect = self._engine.dialect
        try:
            return self._engine.raw_connection()
        except dialect.loaded_dbapi.Error as error:
            raise DBAPIError.instance(None, None, error, dialect.loaded_dbapi.Error, dialect=dialect) from error

    def _begun(self) -> Connection:
        """Return SQLAlchemy's connection, in its transaction; the one that was begun already, if it was."""
        if self._reader is None:
            self._reader = self._engine.connect() if self._lent is None else Connection(self._engine, self._lent)
        if not self._reader.in_transaction():
            self._reader.begin()
        return self._reader

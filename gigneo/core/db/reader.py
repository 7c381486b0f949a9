"""The session of reads, over one connection; prepared statements go straight to the driver."""

from collections.abc import Mapping
from typing import Any, Final

from sqlalchemy import Connection
from sqlmodel import Session

from gigneo.core.db.engines import Engines
from gigneo.core.db.prepared import is_prepared, run

_NOTHING: Final[Mapping[str, Any]] = {}


class ReadSession(Session):
    """A read-only session over one transaction on one connection, begun by its first statement.

    Args:
        engines: the database.
    """

    def __init__(self, engines: Engines) -> None:
        super().__init__(autoflush=False, expire_on_commit=False)
        self._engine = engines.read
        self._reader: Connection | None = None

    def get_bind(self, *_asked: Any, **_more: Any) -> Any:
        """Return the connection, so that entities are read in the same transaction."""
        return self._begun()

    def execute(self, statement: Any, params: Any = None, **options: Any) -> Any:
        """Execute a statement. Its rows are the same whichever way it goes."""
        if not options and is_prepared(statement) and isinstance(params, dict | None):
            rows = run(self._begun(), statement, params or _NOTHING)
            if rows is not None:
                return rows
        return super().execute(statement, params, **options)

    def rollback(self) -> None:
        """End the transaction; the next statement begins another."""
        super().rollback()
        if self._reader is not None:
            self._reader.rollback()

    def close(self) -> None:
        """End the transaction, and give the connection back."""
        super().close()
        if self._reader is not None:
            self._reader.close()
            self._reader = None

    def _begun(self) -> Connection:
        """Return the connection, in its transaction."""
        if self._reader is None:
            self._reader = self._engine.connect()
        if not self._reader.in_transaction():
            self._reader.begin()
        return self._reader

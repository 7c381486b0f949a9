"""The session of a writing transaction; prepared statements go straight to the driver."""

from typing import Any

from sqlalchemy import Connection
from sqlmodel import Session

from gigneo.core.db.engines import Engines
from gigneo.core.db.prepared import is_prepared, run


class WriteSession(Session):
    """A session over the writing engine, for one transaction.

    Args:
        engines: the database.
    """

    def __init__(self, engines: Engines) -> None:
        super().__init__(engines.write, expire_on_commit=False)
        self._direct: tuple[Any, Connection] | None = None

    def execute(self, statement: Any, params: Any = None, **options: Any) -> Any:
        """Execute a statement, after what is pending is written. Its results are the same whichever way it goes."""
        if not options and is_prepared(statement) and isinstance(params, dict | list):
            done = run(self._ready(), statement, params)
            if done is not None:
                return done
        return super().execute(statement, params, **options)

    def _ready(self) -> Connection:
        """Return the connection in its transaction, with what is pending written."""
        if self.autoflush:
            self.flush()
        transaction = self.get_nested_transaction() or self.get_transaction()
        if self._direct is None or self._direct[0] is not transaction:
            connection = self.connection()
            self._direct = (self.get_nested_transaction() or self.get_transaction(), connection)
        return self._direct[1]

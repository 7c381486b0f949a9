"""The session of a writing transaction. A statement over plain tables goes to the connection without the ORM's detour."""

from typing import Any

from sqlalchemy import Connection
from sqlalchemy.sql.base import Executable
from sqlmodel import Session

from gigneo.core.db.engines import Engines


class WriteSession(Session):
    """A session over the writing engine, for one transaction.

    Args:
        engines: the database.
    """

    def __init__(self, engines: Engines) -> None:
        super().__init__(engines.write, expire_on_commit=False)
        self._direct: tuple[Any, Connection] | None = None

    def execute(self, statement: Any, params: Any = None, **options: Any) -> Any:
        """Execute a statement, after what is pending is written. One that names no entity has nothing to learn of the ORM."""
        if options or not isinstance(statement, Executable) or statement._propagate_attrs:
            return super().execute(statement, params, **options)
        if self.autoflush:
            self.flush()
        transaction = self.get_nested_transaction() or self.get_transaction()
        if self._direct is None or self._direct[0] is not transaction:
            connection = self.connection()
            self._direct = (self.get_nested_transaction() or self.get_transaction(), connection)
        return self._direct[1].execute(statement, params)

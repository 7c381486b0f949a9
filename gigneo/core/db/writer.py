"""The session of a writing transaction. A statement over plain tables goes past the ORM; one that is made once, past all."""

from typing import Any

from sqlalchemy import Connection, Delete, Insert, Select, Update
from sqlalchemy.sql.base import Executable
from sqlmodel import Session

from gigneo.core.db.engines import Engines
from gigneo.core.db.prepared import run


class WriteSession(Session):
    """A session over the writing engine, for one transaction.

    Args:
        engines: the database.
    """

    def __init__(self, engines: Engines) -> None:
        super().__init__(engines.write, expire_on_commit=False)
        self._direct: tuple[Any, Connection] | None = None

    def execute(self, statement: Any, params: Any = None, **options: Any) -> Any:
        """Execute a statement, after what is pending is written.

        One that is given its values, even none (``{}``), counts as made once, at module level: what the driver takes is
        kept with it. One that names no entity has nothing to learn of the ORM.
        """
        if options or not isinstance(statement, Executable):
            return super().execute(statement, params, **options)
        if isinstance(params, dict | list) and isinstance(statement, Select | Insert | Update | Delete):
            rows = run(self._ready(), statement, params)
            if rows is not None:
                return rows
        if statement._propagate_attrs:
            return super().execute(statement, params)
        return self._ready().execute(statement, params)

    def _ready(self) -> Connection:
        """Return the connection in its transaction, with what is pending written."""
        if self.autoflush:
            self.flush()
        transaction = self.get_nested_transaction() or self.get_transaction()
        if self._direct is None or self._direct[0] is not transaction:
            connection = self.connection()
            self._direct = (self.get_nested_transaction() or self.get_transaction(), connection)
        return self._direct[1]

"""The session of reads. A statement that asks for columns, not for entities, goes to the driver without a detour.

SQLAlchemy makes the statement: once, then what it made is kept. What it would do again for each execution (the ORM's state,
the key of its cache, a context, a cursor's result) is left out, and takes three quarters of the time of a small read.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final
from weakref import WeakKeyDictionary

from sqlalchemy import CompoundSelect, Connection, Select
from sqlalchemy.engine import Dialect, IteratorResult, Result
from sqlalchemy.engine.result import SimpleResultMetaData
from sqlalchemy.exc import CompileError, DBAPIError
from sqlalchemy.orm import InstrumentedAttribute
from sqlalchemy.sql.compiler import WARN_LINTING
from sqlalchemy.sql.elements import ColumnElement
from sqlalchemy.sql.visitors import cloned_traverse
from sqlmodel import Session

from gigneo.core.db.engines import Engines

Convert = Callable[[Any], Any]
_NOTHING: Final[Mapping[str, Any]] = {}


@dataclass(frozen=True, slots=True)
class Prepared:
    """A statement as the driver takes it.

    Attributes:
        sql: its text.
        binds: in the driver's order, for each value its name, its default, and how it is converted.
        names: of all binds.
        by_position: whether the driver takes values by position; else by name.
        columns: describes its rows to SQLAlchemy.
        conversions: of what the driver gives: place in the row, and how.
    """

    sql: str
    binds: tuple[tuple[str, Any, Convert | None], ...]
    names: tuple[str, ...]
    by_position: bool
    columns: SimpleResultMetaData
    conversions: tuple[tuple[int, Convert], ...]

    def values(self, given: Mapping[str, Any]) -> Any:
        """Return the values that go with the text; :class:`KeyError` when one is missing."""
        found = (given[name] if default is _REQUIRED else given.get(name, default) for name, default, _ in self.binds)
        values = [value if convert is None else convert(value) for value, (_, _, convert) in zip(found, self.binds, strict=True)]
        return values if self.by_position else dict(zip(self.names, values, strict=True))

    def converted(self, rows: list[tuple[Any, ...]]) -> Iterable[Sequence[Any]]:
        """Return rows as SQLAlchemy would give them."""
        if not self.conversions:
            return rows
        found = [list(row) for row in rows]
        for place, convert in self.conversions:
            for row in found:
                row[place] = convert(row[place])
        return found


_REQUIRED: Final = object()
_prepared: Final[WeakKeyDictionary[Any, dict[str, Prepared | None]]] = WeakKeyDictionary()


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
        if options or not isinstance(statement, Select | CompoundSelect) or not isinstance(params, dict | None):
            return super().execute(statement, params, **options)
        connection = self._begun()
        prepared = _prepared_for(statement, connection.dialect)
        if prepared is None or self._engine.dispatch.before_cursor_execute:  # somebody listens to what is executed
            return super().execute(statement, params)
        try:
            values = prepared.values(params or _NOTHING)
        except KeyError:
            return super().execute(statement, params)  # which says what is missing
        return _run(connection, prepared, values)

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


def _run(connection: Connection, prepared: Prepared, values: Any) -> Result[Any]:
    driver: Any = connection.connection.driver_connection
    try:
        rows = driver.execute(prepared.sql, values).fetchall()
    except connection.dialect.dbapi.Error as error:  # type: ignore[union-attr]
        if connection.dialect.is_disconnect(error, driver, None):
            connection.invalidate(error)
        raise DBAPIError.instance(prepared.sql, values, error, type(error), dialect=connection.dialect) from error
    return IteratorResult(prepared.columns, iter(prepared.converted(rows)))


def _prepared_for(statement: Any, dialect: Dialect) -> Prepared | None:
    """Return a statement as the driver takes it, or ``None`` where only SQLAlchemy can execute it."""
    kept = _prepared.get(statement)
    if kept is None:
        kept = _prepared[statement] = {}
    try:
        return kept[dialect.name]
    except KeyError:
        made = kept[dialect.name] = _prepare(statement, dialect)
        return made


def _prepare(statement: Any, dialect: Dialect) -> Prepared | None:
    if isinstance(statement, Select) and not all(
        isinstance(each["expr"], ColumnElement | InstrumentedAttribute) for each in statement.column_descriptions
    ):
        return None  # entities
    try:
        return _written(_with_constants(statement), dialect)
    except CompileError:  # a constant of a type that has no literal
        return _written(statement, dialect)


def _with_constants(statement: Any) -> Any:
    """Return a statement in which what it says itself stands as a literal; only what is given stays a place.

    A partial index is of use for ``state = 'open'``, while for ``state = ?`` SQLite plans anew at each execution, because
    it has to look whether the value is the index's: 80 µs instead of 13 for the order page's header.
    """

    def write_out(bind: Any) -> None:
        constants = bind.value if bind.expanding else (bind.value,)
        written = bind.unique and not bind.required and isinstance(constants, Sequence)
        bind.literal_execute = bind.literal_execute or (written and all(isinstance(each, str | int) for each in constants))

    return cloned_traverse(statement, {}, {"bindparam": write_out})


def _written(statement: Any, dialect: Dialect) -> Prepared | None:
    compiled: Any = statement._compiler(dialect, linting=WARN_LINTING)  # a forgotten join is told as ever
    if any(bind.required for bind in (*compiled.post_compile_params, *compiled.literal_execute_params)):
        return None  # its text depends on the values
    required = {name for bind, name in compiled.bind_names.items() if bind.required}
    state = compiled.construct_expanded_state(dict.fromkeys(required))  # lists that the statement holds itself are written out
    names = state.positiontup if compiled.positional else list(state.parameters)
    defaults, processors = state.parameters, {**compiled._bind_processors, **state.processors}
    binds = [(name, _REQUIRED if name in required else defaults[name], processors.get(name)) for name in names]
    columns = compiled._result_columns
    keys = [column.keyname for column in columns]
    if len(set(keys)) < len(keys):
        return None  # two columns of one name
    described = SimpleResultMetaData(keys, extra=[tuple(set(column.objects) - {column.keyname}) for column in columns])
    conversions = (column.type.dialect_impl(dialect).result_processor(dialect, None) for column in columns)
    converted = tuple((place, convert) for place, convert in enumerate(conversions) if convert is not None)
    return Prepared(state.statement, tuple(binds), tuple(names), compiled.positional, described, converted)

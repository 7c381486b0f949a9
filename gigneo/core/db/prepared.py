"""Prepared statements: compiled once by SQLAlchemy, then sent to the driver as they are.

What SQLAlchemy would do again for each execution (the ORM's state, the key of its cache, a context, a cursor's result) is left
out, and takes three quarters of the time of a small statement. Only what was marked with :func:`prepared` goes this way: that
very object, no copy that is derived from it. Everything else is SQLAlchemy's, and so is whatever is unexpected on the way.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, TypeVar
from weakref import WeakKeyDictionary

import structlog
from sqlalchemy import Connection, Engine, Insert, Select, Update
from sqlalchemy.engine import Dialect, IteratorResult
from sqlalchemy.engine.result import SimpleResultMetaData
from sqlalchemy.exc import CompileError, DBAPIError
from sqlalchemy.orm import InstrumentedAttribute
from sqlalchemy.sql.compiler import WARN_LINTING
from sqlalchemy.sql.dml import UpdateBase
from sqlalchemy.sql.elements import ColumnElement
from sqlalchemy.sql.selectable import SelectBase
from sqlalchemy.sql.visitors import cloned_traverse

log = structlog.get_logger("gigneo.db")
S = TypeVar("S", bound=SelectBase | UpdateBase)
Convert = Callable[[Any], Any]
Given = Mapping[str, Any] | Sequence[Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class Changed:
    """What a statement that returns no rows came to.

    Attributes:
        rowcount: how many rows it wrote or deleted.
    """

    rowcount: int


@dataclass(frozen=True, slots=True)
class Driven:
    """A prepared statement as the driver takes it.

    Attributes:
        sql: its text.
        binds: in the driver's order, for each value its name, and how it is converted.
        defaults: name → value, where the statement itself says one.
        names: of all binds, when the driver takes values by name; ``None`` when by position.
        columns: describes its rows to SQLAlchemy; ``None`` when it returns none.
        conversions: of what the driver gives: place in the row, and how.
    """

    sql: str
    binds: tuple[tuple[str, Convert | None], ...]
    defaults: Mapping[str, Any]
    names: tuple[str, ...] | None
    columns: SimpleResultMetaData | None
    conversions: tuple[tuple[int, Convert], ...]

    def values(self, given: Mapping[str, Any]) -> Any:
        """Return the values that go with the text; :class:`KeyError` when one is missing."""
        if self.defaults:
            given = {**self.defaults, **given}
        values = [given[name] if convert is None else convert(given[name]) for name, convert in self.binds]
        return values if self.names is None else dict(zip(self.names, values, strict=True))

    def converted(self, rows: list[tuple[Any, ...]]) -> Iterable[Sequence[Any]]:
        """Return rows as SQLAlchemy would give them."""
        if not self.conversions:
            return rows
        found = [list(row) for row in rows]
        for place, convert in self.conversions:
            for row in found:
                row[place] = convert(row[place])
        return found


_prepared: Final[WeakKeyDictionary[Any, dict[str, Driven | None]]] = WeakKeyDictionary()


def prepared(statement: S) -> S:
    """Mark a statement that is made once, and return it.

    Its constants are written into its text and kept there. So nothing that depends on a request may be in it but by
    ``bindparam``: mark at module level, or in a maker that keeps what it made.

    Args:
        statement: a ``select``, ``insert``, ``update`` or ``delete`` over columns or plain tables. In a writing transaction
            it is given its values at execution, ``{}`` for none.

    Raises:
        TypeError: it is something else.
    """
    if not isinstance(statement, SelectBase | UpdateBase):
        raise TypeError(f"{type(statement).__name__} can't be prepared.")
    _prepared[statement] = {}
    return statement


def is_prepared(statement: Any) -> bool:
    """Return whether this very object was marked."""
    try:
        return statement in _prepared
    except TypeError:  # nothing that can be marked
        return False


def run(connection: Connection, statement: Any, given: Given) -> Any:
    """Execute a prepared statement in a connection's transaction, once, or once for each of several sets of values.

    Args:
        connection: in its transaction.
        statement: marked by :func:`prepared`.
        given: its values by name, or several times so.

    Returns:
        A result as SQLAlchemy's, or a :class:`Changed` of a statement that returns no rows. ``None`` when it was not
        executed, because only SQLAlchemy can: it is about entities, its text depends on its values, a value is missing or
        wrong, or somebody listens to what is executed.

    Raises:
        DBAPIError: as SQLAlchemy raises it.
    """
    driver: Any = connection.connection.driver_connection
    try:
        return run_directly(connection.engine, driver, statement, given)
    except DBAPIError as error:
        if connection.dialect.is_disconnect(error.orig, driver, None):  # type: ignore[arg-type]
            connection.invalidate(error)
        raise


def run_directly(engine: Engine, driver: Any, statement: Any, given: Given) -> Any:
    """Execute a prepared statement on the driver's own connection, as :func:`run` does.

    Args:
        engine: whose connection it is.
        driver: the driver's connection, in its transaction.
        statement: marked by :func:`prepared`.
        given: its values by name, or several times so.
    """
    driven = _driven(statement, engine.dialect)
    if driven is None or engine.dispatch.before_cursor_execute:
        return None
    try:
        values = driven.values(given) if isinstance(given, Mapping) else [driven.values(each) for each in given]
    except Exception:
        return None  # SQLAlchemy says what is missing or wrong
    try:
        cursor = driver.cursor()
        if isinstance(given, Mapping):
            cursor.execute(driven.sql, values)
        else:
            cursor.executemany(driven.sql, values)
        if driven.columns is None:
            return Changed(cursor.rowcount)
        rows = cursor.fetchall()
    except engine.dialect.dbapi.Error as error:  # type: ignore[union-attr]
        raise DBAPIError.instance(driven.sql, values, error, type(error), dialect=engine.dialect) from error
    return IteratorResult(driven.columns, iter(driven.converted(rows)))


def _driven(statement: Any, dialect: Dialect) -> Driven | None:
    """Return a statement as the driver takes it, or ``None`` where only SQLAlchemy can execute it."""
    kept = _prepared[statement]
    try:
        return kept[dialect.name]
    except KeyError:
        pass
    try:
        made = _prepare(statement, dialect)
    except Exception:
        log.exception("statement could not be prepared; SQLAlchemy executes it")
        made = None
    kept[dialect.name] = made
    return made


def _prepare(statement: Any, dialect: Dialect) -> Driven | None:
    if isinstance(statement, UpdateBase):
        return _written(statement, dialect) if _says_what(statement) else None
    if isinstance(statement, Select) and not all(
        isinstance(each["expr"], ColumnElement | InstrumentedAttribute) for each in statement.column_descriptions
    ):
        return None  # entities
    try:
        return _written(_with_constants(statement), dialect)
    except CompileError:  # a constant of a type that has no literal
        return _written(statement, dialect)


def _says_what(statement: UpdateBase) -> bool:
    """Whether a writing statement names its columns itself, so that its text is the same whatever it is given."""
    if statement._propagate_attrs:
        return False  # the ORM has to learn of it
    if isinstance(statement, Insert):
        return bool(statement._values or statement.select is not None) and not statement._multi_values
    return not isinstance(statement, Update) or bool(statement._values)


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


def _written(statement: Any, dialect: Dialect) -> Driven | None:
    compiled: Any = statement._compiler(dialect, linting=WARN_LINTING)  # a forgotten join is told as ever
    if any(bind.required for bind in (*compiled.post_compile_params, *compiled.literal_execute_params)):
        return None  # its text depends on the values
    if compiled.insert_prefetch or compiled.update_prefetch or compiled.implicit_returning:
        return None  # a column has a default of Python's, or a key is to be known afterwards: say .inline() where it isn't
    required = {name for bind, name in compiled.bind_names.items() if bind.required}
    state = compiled.construct_expanded_state(dict.fromkeys(required))  # lists that the statement holds itself are written out
    names = state.positiontup if compiled.positional else list(state.parameters)
    processors = {**compiled._bind_processors, **state.processors}
    binds = tuple((name, processors.get(name)) for name in names)
    defaults = {name: value for name, value in state.parameters.items() if name not in required}
    columns = compiled._result_columns
    keys = [column.keyname for column in columns]
    if len(set(keys)) < len(keys):
        return None  # two columns of one name
    described = SimpleResultMetaData(keys, extra=[tuple(set(column.objects) - {column.keyname}) for column in columns])
    conversions = (column.type.dialect_impl(dialect).result_processor(dialect, None) for column in columns)
    converted = tuple((place, convert) for place, convert in enumerate(conversions) if convert is not None)
    named = None if compiled.positional else tuple(names)
    return Driven(state.statement, binds, defaults, named, described if keys else None, converted)

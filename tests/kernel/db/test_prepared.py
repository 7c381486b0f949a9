"""Only what is marked is prepared: what a person typed reaches the driver as a value, never as the text of a statement."""

from collections.abc import Iterator
from sqlite3 import Connection, Cursor
from typing import Any

import psycopg
import pytest
from sqlalchemy import ColumnElement, Integer, bindparam, event, select, text, union_all
from sqlalchemy.ext.compiler import compiles

from gigneo.core.accounts.models import User
from gigneo.core.db.engines import Engines
from gigneo.core.db.prepared import is_prepared, prepared
from gigneo.core.db.uow import reading, writing

USERS: Any = User.__table__  # type: ignore[attr-defined]
TYPED = "o'Hara 100 %"
MARKED = prepared(select(USERS.c.id).where(USERS.c.active, USERS.c.name != "nobody"))
RENAMED = prepared(USERS.update().where(USERS.c.id == bindparam("changed")).values(name=bindparam("name")))


@pytest.fixture
def heard(engines: Engines) -> Iterator[list[str]]:
    """The texts of the statements that the driver is given."""
    texts: list[str] = []

    class SqliteCursor(Cursor):
        def execute(self, statement: str, *values: Any) -> Any:
            texts.append(statement)
            return super().execute(statement, *values)

    class SqliteConnection(Connection):
        def cursor(self, *_made: Any) -> Any:
            return super().cursor(SqliteCursor)

    class PostgresCursor(psycopg.Cursor[Any]):
        def execute(self, statement: Any, *values: Any, **options: Any) -> Any:
            texts.append(str(statement))
            return super().execute(statement, *values, **options)

    def listening(_dialect: Any, _record: Any, _given: Any, options: dict[str, Any]) -> None:
        options.update({"factory": SqliteConnection} if engines.is_sqlite else {"cursor_factory": PostgresCursor})

    for engine in (engines.read, engines.write):
        event.listen(engine, "do_connect", listening)
    engines.dispose()
    yield texts
    engines.dispose()
    for engine in (engines.read, engines.write):
        event.remove(engine, "do_connect", listening)


def test_what_somebody_typed_never_stands_in_a_statement(engines: Engines, heard: list[str]) -> None:
    by_hand = select(USERS.c.id).where(USERS.c.name == TYPED)
    read = (
        by_hand,
        by_hand.where(USERS.c.active),
        MARKED.where(USERS.c.name == TYPED),
        MARKED.limit(5).where(USERS.c.email.in_([TYPED])),
    )
    written = (USERS.update().where(USERS.c.name == TYPED).values(name=TYPED), RENAMED.where(USERS.c.name == TYPED))
    given = {"changed": 1, "name": TYPED}
    with reading(engines) as session:
        for statement in (*read, union_all(MARKED, by_hand)):
            assert not is_prepared(statement)
            session.execute(statement)
            session.execute(statement, {})
    with writing(engines, revision=None) as session:
        for statement in (*read, *written):
            session.execute(statement, given if statement is written[1] else {})
        session.execute(RENAMED, given)
    assert len([text for text in heard if "account_user" in text]) == 2 * len(read) + 2 + len(read) + len(written) + 1
    assert not [text for text in heard if TYPED in text or "Hara" in text]


def test_what_a_marked_statement_says_itself_is_written_out(engines: Engines, heard: list[str]) -> None:
    with reading(engines) as session:
        session.execute(MARKED)
    assert is_prepared(MARKED) and any("'nobody'" in text for text in heard)


class Odd(ColumnElement[int]):
    """Can't be compiled the first time."""

    inherit_cache = False
    type = Integer()
    tries = 0


@compiles(Odd)
def compile_odd(element: Odd, *_more: Any, **_options: Any) -> str:
    Odd.tries += 1
    if Odd.tries % 2:
        raise RuntimeError("unexpected")
    return "7"


def test_what_can_not_be_prepared_is_executed_by_sqlalchemy(engines: Engines) -> None:
    statement = prepared(select(Odd().label("seven")))
    with reading(engines) as session:
        assert session.execute(statement).scalar_one() == 7


def test_words_can_not_be_prepared() -> None:
    words: Any = text("SELECT 1")
    with pytest.raises(TypeError, match="TextClause"):
        prepared(words)

"""The writing session does what SQLAlchemy's does, whichever way a statement goes."""

from typing import Any

import pytest
from sqlalchemy import bindparam, func, select, update
from sqlalchemy.exc import IntegrityError, StatementError
from sqlmodel import Session, col

from gigneo.core.accounts.models import User
from gigneo.core.db.engines import Engines
from gigneo.core.db.prepared import prepared
from gigneo.core.db.uow import reading, writing
from gigneo.core.db.writer import WriteSession
from tests.kernel.db.conftest import NOON

USERS: Any = User.__table__  # type: ignore[attr-defined]
COUNT = prepared(select(func.count()).select_from(USERS))
ADDED = prepared(USERS.insert())


def row(name: str) -> dict[str, Any]:
    return {
        "email": f"{name}@x.example",
        "name": name,
        "password": "x",
        "active": True,
        "fs_uniquifier": name,
        "created_at": NOON,
    }


def test_what_is_undone_to_a_savepoint_is_undone_whichever_way_it_was_written(engines: Engines) -> None:
    with writing(engines, revision=None) as session:
        session.execute(ADDED, row("first"))
        savepoint = session.begin_nested()
        session.execute(ADDED, row("second"))
        session.add(User(**row("third")))
        session.flush()
        assert session.execute(COUNT).scalar_one() == 3
        savepoint.rollback()
        session.execute(ADDED, [row("fourth"), row("fifth")])
        assert session.execute(COUNT).scalar_one() == 3
    with reading(engines) as session:
        assert session.execute(select(USERS.c.name).order_by(USERS.c.name)).scalars().all() == ["fifth", "first", "fourth"]


def test_a_statement_sees_what_is_pending_unless_that_is_told_to_wait(engines: Engines) -> None:
    for session in (WriteSession(engines), Session(engines.write)):
        with session:
            session.add(User(**row("pending")))
            with session.no_autoflush:
                assert session.execute(COUNT).scalar_one() == 0
            assert session.execute(COUNT).scalar_one() == session.execute(select(func.count(col(User.id)))).scalar_one() == 1
            session.rollback()
            assert session.execute(COUNT).scalar_one() == 0


GIVEN = {name: bindparam(name) for name in (column.name for column in USERS.c) if name != "id"}
WHOLE = dict.fromkeys(GIVEN) | row("new")
NAMED = USERS.update().where(USERS.c.id == bindparam("changed")).values(name=bindparam("name"))
STATEMENTS: dict[str, tuple[Any, Any]] = {
    "a row": (USERS.insert().values(GIVEN).inline(), WHOLE),
    "two rows": (USERS.insert().values(GIVEN).inline(), [WHOLE, {**WHOLE, **row("newer")}]),
    "a row and its key": (USERS.insert().values(GIVEN).returning(USERS.c.id, USERS.c.created_at), WHOLE),
    "a row, the database gives a number": (USERS.insert().values(GIVEN), WHOLE),
    "a row that does not say its columns": (USERS.insert(), row("new")),
    "a default of Python's": (USERS.insert().values({name: bindparam(name) for name in row("")}).inline(), row("new")),
    "a change": (NAMED, {"changed": 1, "name": "changed"}),
    "changes": (NAMED, [{"changed": 1, "name": "one"}, {"changed": 2, "name": "two"}, {"changed": 3, "name": "nobody"}]),
    "a sum": (USERS.update().values(id=USERS.c.id + bindparam("more")).where(USERS.c.id == 2), {"more": 40}),
    "a change and what came of it": (NAMED.returning(USERS.c.name, USERS.c.created_at), {"changed": 1, "name": "changed"}),
    "what is no more": (USERS.delete().where(USERS.c.id.in_([2, 3]), USERS.c.name != bindparam("not")), {"not": "x"}),
    "nothing": (USERS.delete().where(USERS.c.name == bindparam("called")), {"called": "nobody"}),
}
for each, _ in STATEMENTS.values():
    prepared(each)


@pytest.mark.parametrize("name", STATEMENTS)
def test_what_is_written_is_the_same_either_way(engines: Engines, name: str) -> None:
    statement, given = STATEMENTS[name]
    with writing(engines, revision=None) as session:
        session.execute(ADDED, [row("first"), row("second")])
    came: list[Any] = []
    for session in (Session(engines.write), WriteSession(engines), WriteSession(engines)):
        with session:
            result = session.execute(statement, given)
            if name.endswith(("its key", "came of it")):
                returned: Any = [tuple(each)[-1] for each in result]
            else:
                returned = None if statement.is_insert else result.rowcount  # SQLAlchemy does not count what is new
            left = session.execute(select(USERS).order_by(USERS.c.name)).mappings()
            came.append((returned, [{**each, "id": each["id"] if "new" not in each["name"] else 0} for each in left]))
            session.rollback()
    assert came[0] == came[1] == came[2]


def test_what_is_wrong_is_told_in_sqlalchemys_words(engines: Engines) -> None:
    statement = STATEMENTS["a row"][0]
    with writing(engines, revision=None) as session:
        session.execute(statement, WHOLE)
        with pytest.raises(StatementError, match="value is required for bind parameter 'name'"):
            session.execute(NAMED, {"changed": 1})
        with pytest.raises(IntegrityError), session.begin_nested():
            session.execute(statement, WHOLE)
        with pytest.raises(IntegrityError), session.begin_nested():
            session.execute(statement, [{**WHOLE, **row("other")}, WHOLE])
        assert session.execute(COUNT, {}).scalar_one() == 1


def test_a_time_without_a_zone_is_refused(engines: Engines) -> None:
    with writing(engines, revision=None) as session, pytest.raises((ValueError, StatementError), match="naive"):
        session.execute(STATEMENTS["a row"][0], {**WHOLE, "created_at": NOON.replace(tzinfo=None)})


def test_an_entity_learns_what_a_statement_about_it_changes(engines: Engines) -> None:
    with writing(engines, revision=None) as session:
        user = User(**row("before"))
        session.add(user)
        session.flush()
        session.execute(prepared(update(User).where(col(User.id) == user.id).values(name="after")), {})
        assert user.name == "after"

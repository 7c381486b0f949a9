"""The writing session does what SQLAlchemy's does, whichever way a statement goes."""

from typing import Any

from sqlalchemy import func, select
from sqlmodel import Session, col

from gigneo.core.accounts.models import User
from gigneo.core.db.engines import Engines
from gigneo.core.db.uow import reading, writing
from gigneo.core.db.writer import WriteSession
from tests.kernel.db.conftest import NOON

USERS: Any = User.__table__  # type: ignore[attr-defined]
COUNT = select(func.count()).select_from(USERS)


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
        session.execute(USERS.insert(), row("first"))
        savepoint = session.begin_nested()
        session.execute(USERS.insert(), row("second"))
        session.add(User(**row("third")))
        session.flush()
        assert session.execute(COUNT).scalar_one() == 3
        savepoint.rollback()
        session.execute(USERS.insert(), [row("fourth"), row("fifth")])
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

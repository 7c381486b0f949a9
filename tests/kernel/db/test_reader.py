"""The session of reads gives what SQLAlchemy gives, whichever way a statement goes."""

from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import bindparam, event, func, literal, null, select, text, union_all
from sqlalchemy.exc import DBAPIError, OperationalError, SQLAlchemyError
from sqlmodel import Session, col
from sqlmodel import select as entities

from gigneo.core.accounts.models import User
from gigneo.core.db.engines import Engines, open_engines
from gigneo.core.db.prepared import prepared
from gigneo.core.db.reader import ReadSession
from gigneo.core.db.uow import writing
from tests.kernel.db.conftest import NOON

USERS: Any = User.__table__  # type: ignore[attr-defined]
OTHER = USERS.alias("other")
AT = bindparam("at", type_=USERS.c.created_at.type)
STATEMENTS: dict[str, Any] = {
    "a table's columns": select(*USERS.c).where(USERS.c.id == bindparam("id")),
    "an entity's columns": select(col(User.id), col(User.name), col(User.created_at)).where(col(User.created_at) <= AT),
    "what has no name": select(func.count(), func.coalesce(func.max(USERS.c.id), 0), literal(7)).where(USERS.c.active),
    "a list in the statement": select(USERS.c.name).where(USERS.c.id.in_((1, 2))).order_by(USERS.c.id),
    "an empty list": select(USERS.c.name).where(USERS.c.id.in_(())),
    "a list that is given": select(USERS.c.name).where(USERS.c.id.in_(bindparam("ids", expanding=True))),
    "two columns of one name": select(USERS.c.id, OTHER.c.id).join(OTHER, OTHER.c.id > USERS.c.id),
    "joined texts": select(func.aggregate_strings(USERS.c.name, ",")),
    "awkward texts": select(literal("50 % of 'it' \\ :id ? %s %(id)s"), USERS.c.name).where(USERS.c.name != "a'b%"),
    "what may be given and is": select(USERS.c.id).where(USERS.c.id > bindparam("given", 0)),
    "a moment in the statement": select(USERS.c.id).where(USERS.c.created_at <= NOON, USERS.c.active),
    "a union": union_all(select(USERS.c.id, USERS.c.created_at), select(USERS.c.id, null())),
    "limited": select(USERS.c.id).order_by(USERS.c.id).limit(bindparam("size")),
    "optional": select(USERS.c.id).where(USERS.c.id > bindparam("after", 0)),
    "words": text("SELECT name, id FROM account_user WHERE id = :id"),
    "entities": entities(User).where(col(User.id) == bindparam("id")),
}
for name in STATEMENTS.keys() - {"words"}:
    prepared(STATEMENTS[name])
GIVEN = {"id": 1, "at": NOON, "ids": [1, 2], "size": 1, "given": 1, "unused": "x"}


@pytest.fixture
def filled(engines: Engines) -> Engines:
    with writing(engines, revision=None) as session:
        for name in ("Mara", "100 % 'Ada'"):
            session.add(
                User(
                    email=f"{name[:3]}@x.example", name=name, password="x", fs_uniquifier=name, created_at=NOON, confirmed_at=NOON
                )
            )
    return engines


def result(session: Session, name: str) -> tuple[list[str], list[Any]]:
    found = session.execute(STATEMENTS[name], GIVEN)
    keys = list(found.keys())
    return keys, [tuple(getattr(each, "email", each) for each in row) for row in found]


@pytest.mark.parametrize("name", STATEMENTS)
def test_rows_are_the_same_either_way(filled: Engines, name: str) -> None:
    with Session(filled.read) as plain, ReadSession(filled) as ours:
        expected = result(plain, name)
        assert result(ours, name) == expected == result(ours, name)


def test_a_row_is_asked_by_name_by_place_and_by_column(filled: Engines) -> None:
    statement = prepared(select(USERS.c.id, USERS.c.name.label("called"), func.count().over()).order_by(USERS.c.id))
    with ReadSession(filled) as session:
        row = session.execute(statement).first()
        assert row is not None and row.called == row[1] == row._mapping["called"] == "Mara" and row._mapping[USERS.c.id] == 1
        assert session.execute(statement).mappings().all()[1]["called"] == "100 % 'Ada'"
        assert session.execute(statement).scalars().all() == [1, 2]
        with pytest.raises(SQLAlchemyError):
            session.execute(statement).one()


def test_what_is_wrong_is_told_in_sqlalchemys_words(filled: Engines) -> None:
    with ReadSession(filled) as session:
        with pytest.raises(SQLAlchemyError, match="value is required for bind parameter 'id'"):
            session.execute(STATEMENTS["a table's columns"], {})
        with pytest.raises(DBAPIError, match="no_such_function"):
            session.execute(prepared(select(func.no_such_function(USERS.c.id))))
        session.rollback()
        assert session.execute(STATEMENTS["what has no name"]).one()[0] == 2


def test_a_read_sees_one_moment_until_its_session_ends(engines: Engines) -> None:
    if not engines.is_sqlite:
        pytest.skip("PostgreSQL reads committed rows, statement by statement")
    counted = prepared(select(func.count()).select_from(USERS))
    with ReadSession(engines) as session:
        assert session.execute(counted).scalar_one() == 0
        with writing(engines, revision=None) as writer:
            writer.add(User(email="a@x.example", name="A", password="x", fs_uniquifier="a", created_at=NOON))
        assert session.execute(counted).scalar_one() == 0 == len(session.exec(entities(User)).all())
        session.rollback()
        assert session.execute(counted).scalar_one() == 1


def test_a_statement_that_writes_is_refused(filled: Engines) -> None:
    with ReadSession(filled) as session, pytest.raises(DBAPIError):
        session.execute(prepared(USERS.delete()))


def test_who_listens_to_statements_hears_them(filled: Engines) -> None:
    heard: list[str] = []

    def note(*told: Any) -> None:
        heard.append(told[2])

    event.listen(filled.read, "before_cursor_execute", note)
    try:
        with ReadSession(filled) as session:
            session.execute(STATEMENTS["limited"], GIVEN)
    finally:
        event.remove(filled.read, "before_cursor_execute", note)
    assert any("LIMIT" in said for said in heard)


@pytest.mark.parametrize("first", ["joined texts", "words", "entities"])
def test_a_session_gives_its_one_connection_back_whatever_was_asked_first(filled: Engines, first: str) -> None:
    pool: Any = filled.read.pool
    before = pool.checkedout()
    with ReadSession(filled) as session:
        for name in (first, "a table's columns", "entities", "words", "joined texts"):
            session.execute(STATEMENTS[name], GIVEN).all()
            assert pool.checkedout() == before + 1
        with pytest.raises(DBAPIError):
            session.execute(text("SELECT nothing FROM nowhere"))
        session.rollback()
        assert session.execute(STATEMENTS["joined texts"], {}).all()
    assert pool.checkedout() == before


@pytest.mark.parametrize("first", ["joined texts", "entities"])
def test_what_is_written_meanwhile_is_seen_by_the_next_transaction_only(filled: Engines, first: str) -> None:
    if not filled.is_sqlite:
        pytest.skip("PostgreSQL reads what is committed, statement by statement")
    with ReadSession(filled) as session:
        session.execute(STATEMENTS[first], GIVEN).all()
        with writing(filled, revision=None) as other:
            other.execute(text("UPDATE account_user SET name = 'Moved'"))
        for name in ("joined texts", "words"):
            assert "Moved" not in str(session.execute(STATEMENTS[name], GIVEN).all())
        session.rollback()
        assert "Moved" in str(session.execute(STATEMENTS["words"], GIVEN).all())


def test_a_database_that_can_t_be_opened_is_told_as_sqlalchemy_tells_it(tmp_path: Path) -> None:
    nowhere = open_engines(f"sqlite:///{tmp_path / 'no' / 'where.db'}", tmp_path / "lock")
    for name in ("joined texts", "words"):
        with ReadSession(nowhere) as session, pytest.raises(OperationalError):
            session.execute(STATEMENTS[name], GIVEN)

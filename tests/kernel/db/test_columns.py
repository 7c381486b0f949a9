"""Columns and registries: 64 bits, aware times, and a broken plugin that breaks nobody else."""

import subprocess
import sys
from datetime import datetime, timedelta, timezone

import pytest
from sqlalchemy.exc import StatementError
from sqlmodel import select

from gigneo.core.db.base import WrongTableName, table_base
from gigneo.core.db.columns import Id
from gigneo.core.db.uow import reading, writing
from tests.kernel.db.conftest import NOON
from tests.kernel.db.small import Account, Entry

HUGE = 2**62


def test_ids_and_amounts_have_64_bits(engines):
    with writing(engines, revision=None) as session:
        session.add(Account(id=HUGE, name="huge"))
        session.flush()
        session.add(Entry(id=HUGE + 1, account_id=HUGE, amount_minor=HUGE, at=NOON))
    with reading(engines) as session:
        entry = session.get(Entry, HUGE + 1)
        assert (entry.account_id, entry.amount_minor) == (HUGE, HUGE)


def test_ids_are_given_by_the_database(engines):
    with writing(engines, revision=None) as session:
        accounts = [Account(name="a"), Account(name="b")]
        session.add_all(accounts)
        session.flush()
        assert [account.id for account in accounts] == [1, 2]


def test_a_naive_time_is_refused(engines):
    naive = datetime(2026, 3, 1, 12)
    with pytest.raises(StatementError, match="naive"), writing(engines, revision=None) as session:
        session.add(Account(id=1, name="one"))
        session.flush()
        session.add(Entry(account_id=1, amount_minor=1, at=naive))


def test_a_time_comes_back_as_the_same_moment_in_utc(engines):
    elsewhere = NOON.astimezone(timezone(timedelta(hours=-7)))
    with writing(engines, revision=None) as session:
        session.add(Account(id=1, name="one"))
        session.flush()
        session.add(Entry(id=1, account_id=1, amount_minor=1, at=elsewhere))
    with reading(engines) as session:
        at = session.get(Entry, 1).at
        assert at == NOON
        assert at.utcoffset() == timedelta(0)
        assert session.exec(select(Entry.id).where(Entry.at <= elsewhere, Entry.at >= NOON)).one() == 1


def test_a_table_without_its_owners_prefix_is_refused():
    with pytest.raises(WrongTableName, match="gifts_"):

        class Wrong(table_base("gifts"), table=True):
            __tablename__ = "orders_tip"
            id: int | None = Id()


def test_a_table_that_is_not_named_carries_its_owners_prefix():
    class Nameless(table_base("gifts"), table=True):
        id: int | None = Id()

    assert Nameless.__tablename__ == "gifts_nameless"


BROKEN = """
import warnings
from sqlmodel import Relationship, Session, select, create_engine
from gigneo.core.db.base import table_base
from gigneo.core.db.columns import Id
from gigneo.core.db.models import SiteState

class Broken(table_base("broken"), table=True):
    __tablename__ = "broken_thing"
    id: int | None = Id()
    nothing: "Nowhere" = Relationship()

engine = create_engine("sqlite://")
with engine.connect() as connection, Session(connection) as session:
    connection.exec_driver_sql("CREATE TABLE site_state (id, revision, currency, theme, demo, created_at)")
    assert session.exec(select(SiteState)).first() is None
    try:
        session.exec(select(Broken))
    except Exception as error:
        print("broken alone:", type(error).__name__)
"""


def test_a_broken_relationship_breaks_its_own_plugin_only():
    told = subprocess.run([sys.executable, "-c", BROKEN], capture_output=True, text=True, check=True)
    assert told.stdout.startswith("broken alone:"), told.stdout

"""Connections to PostgreSQL that died while nobody used them are replaced before anybody notices."""

import time

import pytest
from sqlalchemy import text

from gigneo.core.db.engines import RESTED_SECONDS, Engines
from gigneo.core.db.uow import reading, writing


def test_connections_that_died_at_rest_are_replaced(engines: Engines) -> None:
    if engines.is_sqlite:
        pytest.skip("nobody ends a connection to a file")
    with reading(engines) as one, reading(engines) as other:
        for session in (one, other):
            assert session.execute(text("SELECT 1")).scalar_one() == 1
    with engines.auth.connect() as connection:
        ended = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid != "
        assert list(connection.execute(text(ended + "pg_backend_pid()")).scalars()) == [True]
    time.sleep(RESTED_SECONDS)
    with reading(engines) as one, reading(engines) as other:
        for session in (one, other):
            assert session.execute(text("SELECT 1")).scalar_one() == 1
    with writing(engines, revision=None) as session:
        assert session.execute(text("SELECT 1")).scalar_one() == 1

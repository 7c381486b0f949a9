"""What the bundled modules' models say is what their migrations make, on both databases."""

from importlib import import_module
from importlib.util import find_spec

import pytest

from gigneo.core.db.engines import open_engines
from gigneo.core.db.migrate import check
from gigneo.testing.databases import postgres_database, sqlite_database
from gigneo.testing.fixtures import bundled_migrations


@pytest.mark.parametrize("kind", ["sqlite", "postgres"])
def test_every_bundled_models_tables_are_what_the_migrations_make(kind, tmp_path):
    owners = bundled_migrations()
    assert "orders" in dict(owners)
    for name, _ in owners:
        if find_spec(f"gigneo.plugins.{name}.models"):
            import_module(f"gigneo.plugins.{name}.models")
    if kind == "sqlite":
        assert problems(sqlite_database(tmp_path, owners), tmp_path, owners) == []
    else:
        with postgres_database(owners) as url:
            assert problems(url, tmp_path, owners) == []


def problems(url, tmp_path, owners) -> list[str]:
    engines = open_engines(url, tmp_path / "writer.lock")
    try:
        return check(engines, owners)
    finally:
        engines.dispose()

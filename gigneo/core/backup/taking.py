"""Takes a backup of a site while it is served: the database first, then the files that its rows name."""

import hashlib
import os
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import Connection, inspect, text

from gigneo import __version__
from gigneo.core.backup import postgres, sqlite
from gigneo.core.backup.archive import ArchiveWriter, entry_of
from gigneo.core.backup.blobs import read_blob, write_listing
from gigneo.core.backup.manifest import (
    DATABASES,
    END,
    FILES,
    FORMAT,
    LISTING,
    MANIFEST,
    SECRETS,
    End,
    Kind,
    Listed,
    Manifest,
    parsed,
)
from gigneo.core.backup.progress import Progress
from gigneo.core.backup.spool import settle, spool
from gigneo.core.crash import crash_point
from gigneo.core.db.restoring import refuse_unfinished
from gigneo.core.files.keeping import blobs_kept
from gigneo.core.refusals import Refused
from gigneo.core.secret_files import KEY_FILE, SALT_FILE, password_salt, secret_key
from gigneo.core.upgrading import is_new

if TYPE_CHECKING:
    from gigneo.core.runtime import Runtime

WAYS: Final = MappingProxyType({"sqlite": sqlite, "postgresql": postgres})
"""Kind of database → how it is copied and put back."""
VERSION_TABLES: Final = "alembic_version_"


@dataclass(frozen=True, slots=True)
class Taken:
    """A backup that was made.

    Attributes:
        path: the archive.
        size_bytes: its length.
        manifest: what it says of itself.
        end: which files are not as they should be; nothing can be done about them in a backup.
    """

    path: Path
    size_bytes: int
    manifest: Manifest
    end: End

    @property
    def is_whole(self) -> bool:
        """Whether every file that a row names is in it, as it was sent."""
        return not (self.end.missing or self.end.damaged)


def back_up(runtime: "Runtime", target: Path, progress: Progress, *, secrets: bool = True) -> Taken:
    """Write an archive of the whole site.

    It is written beside its place and renamed at its end, so there is never half a file by that name. What a killed backup of
    the same name left is cleared away.

    Args:
        runtime: the process's ground.
        target: the archive; a folder gets one named by the time.
        progress: told how far it is.
        secrets: whether the secret key and the password salt are part of it.

    Raises:
        Refused: there is no site, there is such a file, or the database can't be copied.
        OSError: a disk is full, a folder is not there or not ours.
    """
    refuse_unfinished(runtime)
    if is_new(runtime):
        raise Refused(f"There is no site in {runtime.home} yet, so there is nothing to back up.", "no_site")
    if target.is_dir():
        target = target / f"gigneo-{datetime.now(UTC):%Y%m%dT%H%M%SZ}.tar"
    _refuse_existing(target)
    taken = f"Another backup writes to {target} now."
    with spool(target.with_name(f".{target.name}.partial"), taken) as folder, blobs_kept(runtime):
        manifest = _gather(runtime, folder, progress, secrets)
        end = _write(runtime, folder, manifest, progress)
        _refuse_existing(target)
        crash_point("backup-rename")
        os.rename(folder / "archive", target)
        settle(target.parent)
    return Taken(target, target.stat().st_size, manifest, end)


def _refuse_existing(target: Path) -> None:
    if target.exists():
        raise Refused(f"{target} is there already; a backup never replaces a file. Choose another name.", "exists")


def _gather(runtime: "Runtime", folder: Path, progress: Progress, secrets: bool) -> Manifest:
    """Copy the database, list the files of the same moment, and describe both."""
    kind: Kind = "sqlite" if runtime.engines.is_sqlite else "postgresql"
    way: Any = WAYS[kind]
    made_at = datetime.now(UTC)
    with way.snapshot(runtime.engines, folder, progress) as connection:
        with (folder / LISTING).open("w", encoding="utf-8") as listing:
            files, files_bytes = write_listing(connection, listing)
        facts = _facts(connection)
        server = sqlite3.sqlite_version if kind == "sqlite" else postgres.server_version(connection)
    packed = folder / DATABASES[kind]
    database_bytes = way.pack(folder, packed, progress)
    if secrets:
        for name, make in ((KEY_FILE, secret_key), (SALT_FILE, password_salt)):
            (folder / name).write_text(make(runtime.home), "ascii")
    return Manifest(
        format=FORMAT,
        gigneo=__version__,
        made_at=made_at,
        site=runtime.config.site.base_url,
        kind=kind,
        server=server,
        files=files,
        files_bytes=files_bytes,
        database=entry_of(packed),
        database_bytes=database_bytes,
        listing=entry_of(folder / LISTING),
        secrets={name: entry_of(folder / name) for name in (KEY_FILE, SALT_FILE)} if secrets else {},
        **facts,
    )


def _facts(connection: Connection) -> dict[str, Any]:
    tables = inspect(connection).get_table_names()
    modules = connection.execute(text("SELECT name, version FROM module_state WHERE wanted ORDER BY name"))
    return {
        "revision": connection.execute(text("SELECT revision FROM site_state")).scalar_one(),
        "modules": {row.name: row.version for row in modules},
        "migrations": {
            table.removeprefix(VERSION_TABLES): revision
            for table in sorted(tables)
            if table.startswith(VERSION_TABLES)
            and (revision := connection.execute(text(f"SELECT version_num FROM {table}")).scalar())  # noqa: S608
        },
        "rows": count_rows(connection, tables),
    }


def count_rows(connection: Connection, tables: list[str]) -> dict[str, int]:
    """Return how many rows there are in each table."""
    return {
        table: connection.execute(text(f'SELECT count(*) FROM "{table}"')).scalar_one()  # noqa: S608 - the database's own name
        for table in sorted(tables)
    }


def _write(runtime: "Runtime", folder: Path, manifest: Manifest, progress: Progress) -> End:
    """Write the archive, and note which files are not as their rows say."""
    written = manifest.model_dump_json(indent=2).encode()
    missing: list[str] = []
    damaged: list[str] = []
    archive = ArchiveWriter(folder / "archive")
    try:
        archive.add_bytes(MANIFEST, written)
        for name in manifest.secrets:
            archive.add_file(SECRETS + name, folder / name)
        archive.add_file(LISTING, folder / LISTING)
        archive.add_file(DATABASES[manifest.kind], folder / DATABASES[manifest.kind])
        progress.stage("Copying files", manifest.files_bytes)
        for listed in read_listing(folder / LISTING):
            crash_point("backup-file")
            source = read_blob(runtime.storage, listed)
            if source is None:
                missing.append(listed.key)
            elif not archive.add_listed(FILES + listed.key, listed, source, progress):
                damaged.append(listed.key)
        end = End(manifest_sha256=hashlib.sha256(written).hexdigest(), missing=missing, damaged=damaged)
        archive.add_bytes(END, end.model_dump_json().encode())
        archive.close()
    except BaseException:
        archive.abandon()
        raise
    return end


def read_listing(listing: Path) -> Iterator[Listed]:
    """Yield the files that a listing names, in its order.

    Raises:
        Refused: a line is not as it should be.
    """
    with listing.open("rb") as lines:
        for line in lines:
            yield parsed(Listed, line, LISTING)

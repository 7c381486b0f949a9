"""Puts a site back from an archive: into an empty deployment, the files first and the database last, then every check.

Until everything was found well, a mark in the database keeps the site shut (:mod:`gigneo.core.db.restoring`): a kill at any
moment leaves something that is not taken for a site, and the next try clears it away.
"""

import gzip
import hashlib
import os
import tarfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

from sqlalchemy import Connection, inspect

from gigneo.core.backup import blobs, postgres, sqlite
from gigneo.core.backup.archive import ArchiveReader
from gigneo.core.backup.fitting import refuse_what_does_not_fit
from gigneo.core.backup.manifest import DATABASES, END, FILES, LISTING, MANIFEST, SECRETS, End, Manifest, parsed
from gigneo.core.backup.progress import Progress
from gigneo.core.backup.spool import spool
from gigneo.core.backup.taking import WAYS, count_rows, read_listing
from gigneo.core.crash import crash_point
from gigneo.core.db import restoring as mark
from gigneo.core.refusals import Refused
from gigneo.core.secret_files import keep_secret

if TYPE_CHECKING:
    from gigneo.core.runtime import Runtime

DAMAGED: Final = (tarfile.TarError, EOFError, gzip.BadGzipFile, zlib.error)


def restore(runtime: "Runtime", archive: Path, progress: Progress, *, new_secrets: bool = False) -> tuple[Manifest, End]:
    """Put everything that is in an archive where it belongs, and bring it to the installed code. The site stays shut.

    Args:
        runtime: an empty deployment's ground.
        archive: the file.
        progress: told how far it is.
        new_secrets: go on without the secrets of the site, when they are neither in the archive nor in the home.

    Returns:
        What the archive says of itself, and which files it does not have as they were sent.

    Raises:
        Refused: this is no empty site, the archive is damaged or does not fit, or the database refuses it.
        OSError: a disk is full, the archive can't be read.
    """
    from gigneo.core.upgrading import upgrade_all

    with spool(runtime.home / ".restoring", "Another restore runs here.") as folder:
        with _reading(archive) as reader:
            written = reader.read(MANIFEST)
            manifest = parsed(Manifest, written, MANIFEST)
            refuse_what_does_not_fit(runtime, manifest, new_secrets=new_secrets)
            _begin(runtime, archive)
            _unpack(runtime, reader, manifest, folder, progress)
            end = _files(runtime, reader, manifest, folder, progress)
            if end.manifest_sha256 != hashlib.sha256(written).hexdigest():
                raise Refused("The archive is damaged: its manifest is not the one that was written.", "damaged")
            reader.expect("")
            WAYS[manifest.kind].unpack(folder / DATABASES[manifest.kind], folder, manifest.database_bytes)
        _secrets(runtime, manifest, folder)
        os.sync()  # the files, before a row names them
        crash_point("restore-database")
        _load(runtime, manifest, archive, folder, progress)
    crash_point("restore-loaded")
    progress.stage("Bringing the tables to the installed code")
    upgrade_all(runtime, restoring=True)
    blobs.redraw_previews(runtime)
    return manifest, end


@contextmanager
def _reading(archive: Path) -> Iterator[ArchiveReader]:
    """Open an archive; whatever is wrong with its bytes is said in words."""
    with archive.open("rb") as source:
        try:
            yield ArchiveReader(source)
        except DAMAGED as error:
            raise Refused(f"{archive} is damaged, or no backup of Gigneo: {error}", "damaged") from error


def _begin(runtime: "Runtime", archive: Path) -> None:
    """Mark the database, and clear away what an earlier try left; files are looked at before there is a mark of ours."""
    before, where = mark.present(runtime), mark.storage_of(runtime)
    ours = before is not None and before.storage == where
    if not ours and not blobs.is_empty(runtime.storage):
        raise Refused(f"There are files in {where}. A backup is restored into an empty site only.", "not_empty")
    mark.begin(runtime, archive.name)
    blobs.remove_all(runtime.storage)


def _unpack(runtime: "Runtime", reader: ArchiveReader, manifest: Manifest, folder: Path, progress: Progress) -> None:
    """Copy what comes before the files into a folder of ours, each piece proven by its hash."""
    database = DATABASES[manifest.kind]
    wanted = {
        **{SECRETS + name: entry for name, entry in manifest.secrets.items()},
        LISTING: manifest.listing,
        database: manifest.database,
    }
    progress.stage("Reading the database", manifest.database.size_bytes)
    for name, entry in wanted.items():
        if not reader.save(name, entry, folder / name.removeprefix(SECRETS), progress):
            raise Refused(f"The archive is damaged: {name} is not what was written.", "damaged")


def _files(runtime: "Runtime", reader: ArchiveReader, manifest: Manifest, folder: Path, progress: Progress) -> End:
    """Put each file where its row will look for it, after its hash was proven; hold what is not so against the end."""
    missing: list[str] = []
    damaged: list[str] = []
    progress.stage("Writing files", manifest.files_bytes)
    saved = folder / "file"
    for listed in read_listing(folder / LISTING):
        name = FILES + listed.key
        if reader.name != name:
            missing.append(listed.key)
            continue
        if not reader.save(name, listed, saved, progress):
            damaged.append(listed.key)
        blobs.put_back(runtime.storage, listed, saved)
        crash_point("restore-file")
    end = parsed(End, reader.read(END), END)
    for what, found, said in (("missing", missing, end.missing), ("damaged", damaged, end.damaged)):
        if found != said:
            keys = ", ".join(sorted(set(found) ^ set(said))[:3])
            raise Refused(f"The archive is damaged: its files are not those that were written ({what}: {keys}).", "damaged")
    return end


def _secrets(runtime: "Runtime", manifest: Manifest, folder: Path) -> None:
    for name in manifest.secrets:
        keep_secret(runtime.home / name, (folder / name).read_text("ascii").strip())


def _load(runtime: "Runtime", manifest: Manifest, archive: Path, folder: Path, progress: Progress) -> None:
    """Put the database in its place, in one transaction, and count; from then on only the checks are left."""
    from gigneo.core.db.migrate import alone

    loaded = mark.Restoring(archive.name, mark.storage_of(runtime), loaded=True)
    if manifest.kind == "sqlite":
        sqlite.load(runtime.engines, folder, replace(loaded, loaded=False), progress)
    else:
        postgres.load(runtime.engines, folder, progress)
    with alone(runtime.engines) as connection:
        _compare(connection, manifest)
        mark.write(connection, loaded)


def _compare(connection: Connection, manifest: Manifest) -> None:
    """Hold the rows against what the archive says."""
    found = count_rows(connection, [name for name in inspect(connection).get_table_names() if name != mark.TABLE])
    if found != manifest.rows:
        other = sorted(name for name in {*found, *manifest.rows} if found.get(name) != manifest.rows.get(name))
        raise Refused(f"The database does not have the rows that were backed up; see {', '.join(other)}.", "rows")

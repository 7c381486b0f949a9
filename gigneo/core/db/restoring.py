"""The mark of a database into which a backup is being restored: one small table, there until everything was found well.

It makes a kill in the middle harmless: what it left is not taken for a site, and the next try may clear it away.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from sqlalchemy import Connection, inspect, text

from gigneo.core.config import mask
from gigneo.core.faults import StartRefused
from gigneo.core.refusals import Refused

if TYPE_CHECKING:
    from gigneo.core.runtime import Runtime

TABLE: Final = "restoring"  # no prefix of the kernel's: comparing models with tables passes it over


@dataclass(frozen=True, slots=True)
class Restoring:
    """A restore that is not at its end.

    Attributes:
        archive: the file's name.
        storage: where its files go, without secrets.
        loaded: whether every row and every file is there, and only the checks are left.
    """

    archive: str
    storage: str
    loaded: bool


def present(runtime: "Runtime") -> Restoring | None:
    """Return the mark, or ``None`` where no restore is under way."""
    with runtime.read() as session:
        connection = session.connection()
        if not inspect(connection).has_table(TABLE):
            return None
        row = connection.execute(text(f"SELECT archive, storage, loaded FROM {TABLE}")).first()  # noqa: S608
    return Restoring(row.archive, row.storage, bool(row.loaded)) if row else Restoring("", "", False)


def refuse_unfinished(runtime: "Runtime") -> None:
    """Keep a site shut that a restore has not finished.

    Raises:
        StartRefused: with what to do.
    """
    found = present(runtime)
    if found is not None:
        raise StartRefused(told(found))


def told(found: Restoring) -> str:
    """Say what a mark means, and what to do."""
    if found.loaded:
        return (
            f"{found.archive} was restored here, but not everything was found well. See “gigneo doctor”; "
            "then open the site with “gigneo restore --accept”."
        )
    return f"A restore of {found.archive} did not come to its end here. Run “gigneo restore” again."


def begin(runtime: "Runtime", archive: str) -> None:
    """Mark an empty database, or clear away what an earlier restore left in it.

    Args:
        runtime: the process's ground; not inside a transaction. Its storage is empty, or marked by an earlier restore.
        archive: the file's name.

    Raises:
        Refused: there is something in the database that no restore left.
    """
    from gigneo.core.db.migrate import alone

    before = present(runtime)
    runtime.engines.dispose()
    with alone(runtime.engines) as connection:
        if before is None and (tables := inspect(connection).get_table_names()):
            raise Refused(
                f"The database {mask(runtime.config.database.url)} is not empty: it has {len(tables)} tables. A backup is "
                "restored into an empty site only. Choose another GIGNEO_HOME, or another database.",
                code="not_empty",
            )
        if before is not None:
            clear(connection)
        write(connection, Restoring(archive, storage_of(runtime), loaded=False))


def clear(connection: Connection) -> None:
    """Drop every table, and what belongs to them."""
    if connection.dialect.name == "sqlite":
        for table in inspect(connection).get_table_names():
            connection.execute(text(f'DROP TABLE IF EXISTS "{table}"'))
    else:
        connection.execute(text("DROP SCHEMA public CASCADE"))
        connection.execute(text("CREATE SCHEMA public"))


def write(connection: Connection, mark: Restoring) -> None:
    """Put the mark into a database, in a transaction that is open."""
    connection.execute(text(f"CREATE TABLE IF NOT EXISTS {TABLE} (archive TEXT, storage TEXT, loaded INTEGER)"))
    connection.execute(text(f"DELETE FROM {TABLE}"))  # noqa: S608
    values = {"archive": mark.archive, "storage": mark.storage, "loaded": int(mark.loaded)}
    connection.execute(text(f"INSERT INTO {TABLE} VALUES (:archive, :storage, :loaded)"), values)  # noqa: S608


def finish(runtime: "Runtime") -> None:
    """Take the mark off: the site may be served, and its tasks run."""
    from gigneo.core.db.migrate import alone

    with alone(runtime.engines) as connection:
        connection.execute(text(f"DROP TABLE {TABLE}"))


def storage_of(runtime: "Runtime") -> str:
    """Return where the files of this deployment are, without secrets."""
    return str(mask(runtime.config.storage.url))

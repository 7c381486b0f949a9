"""PostgreSQL: its own programs, on a snapshot that the rest of a backup reads, too, and back in one transaction."""

import os
import re
import shutil
import subprocess
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO, TYPE_CHECKING, Final

from sqlalchemy import URL, Connection

from gigneo.core.backup.archive import pieces
from gigneo.core.backup.progress import Progress
from gigneo.core.crash import crash_point
from gigneo.core.refusals import Refused

if TYPE_CHECKING:
    from gigneo.core.db.engines import Engines

PLAIN: Final = ("--no-owner", "--no-privileges")
LOCK_WAIT: Final = "--lock-wait-timeout=60s"


@contextmanager
def snapshot(engines: "Engines", folder: Path, progress: Progress) -> Iterator[Connection]:
    """Dump the database as it is now, and give a transaction that sees the same moment.

    Args:
        engines: the site's.
        folder: where the dump goes.
        progress: told of its bytes.

    Raises:
        Refused: ``pg_dump`` is not there, is older than the server, or fails.
    """
    with engines.read.execution_options(isolation_level="REPEATABLE READ").connect() as connection, connection.begin():
        connection.exec_driver_sql("SET LOCAL statement_timeout = 0")
        connection.exec_driver_sql("SET LOCAL idle_in_transaction_session_timeout = 0")
        program = _program("pg_dump", server_version(connection))
        moment = connection.exec_driver_sql("SELECT pg_export_snapshot()").scalar_one()
        progress.stage("Dumping the database")
        with (folder / "database").open("wb") as target:
            _run(
                [program, "--format=custom", *PLAIN, LOCK_WAIT, f"--snapshot={moment}"],
                engines.write.url,
                lambda process: _keep(process, target, progress),
            )
        yield connection


def pack(folder: Path, target: Path, _progress: Progress) -> int:
    """Name the dump as it is called in the archive; it is compressed already."""
    (folder / "database").rename(target)
    return 0


def unpack(packed: Path, folder: Path, _size_bytes: int) -> None:
    """Take the dump as it is."""
    packed.rename(folder / "database")


def load(engines: "Engines", folder: Path, progress: Progress) -> None:
    """Restore a dump in one transaction; the program gets it from us piece by piece, so that it ends when we do.

    Raises:
        Refused: ``pg_restore`` is not there, is older than the server, or fails; the database is as it was then.
    """
    with engines.read.connect() as connection:
        program = _program("pg_restore", server_version(connection))
    dump = folder / "database"
    progress.stage("Writing the database", dump.stat().st_size)
    with dump.open("rb") as source:
        _run(
            [program, "--single-transaction", "--exit-on-error", *PLAIN],
            engines.write.url,
            lambda process: _feed(process, source, progress),
        )


def server_version(connection: Connection) -> str:
    """Return the server's version, as in ``15.4``."""
    return str(connection.exec_driver_sql("SHOW server_version").scalar_one()).split()[0]


def _program(name: str, server: str) -> str:
    """Return where one of PostgreSQL's programs is.

    Raises:
        Refused: it is not there, or older than the server.
    """
    wanted = server.split(".")[0]
    package = f"Install the package postgresql-client-{wanted} (Debian, Ubuntu) or postgresql{wanted} (others)."
    found = shutil.which(name)
    if found is None:
        raise Refused(f"The program {name} is not on this machine. {package}", "no_program")
    said = subprocess.run([found, "--version"], capture_output=True, text=True, check=False).stdout
    version = re.search(r"(\d+)(\.\d+)?", said)
    if version is None or int(version[1]) < int(wanted):
        is_version = version[0] if version else "of unknown version"
        raise Refused(f"{found} is {is_version}, older than the server's {server}. {package}", "old_program")
    return found


def _run(command: Sequence[str], url: URL, talk: Callable[["subprocess.Popen[bytes]"], None]) -> None:
    """Run a program on the database; the password goes by its environment, where no list of processes shows it."""
    where = url.set(drivername="postgresql", password=None).render_as_string(hide_password=False)
    environment = {**os.environ, "LC_ALL": "C"}
    if url.password is not None:
        environment["PGPASSWORD"] = str(url.password)
    with TemporaryFile() as said:
        process = subprocess.Popen(
            [*command, f"--dbname={where}"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=said,
            env=environment,
        )
        try:
            talk(process)
        except BrokenPipeError:
            pass  # it ended, and says why
        except BaseException:
            process.kill()
            raise
        finally:
            for pipe in (process.stdin, process.stdout):
                assert pipe is not None
                with suppress(BrokenPipeError):
                    pipe.close()
            code = process.wait()
        if code:
            said.seek(0)
            lines = said.read().decode("utf-8", "replace").strip().splitlines()
            raise Refused(f"{Path(command[0]).name} failed: {' '.join(lines[:4]) or f'it left with {code}.'}", "program_failed")


def _keep(process: "subprocess.Popen[bytes]", target: IO[bytes], progress: Progress) -> None:
    assert process.stdout is not None
    for piece in pieces(process.stdout):
        target.write(piece)
        progress.advance(len(piece))


def _feed(process: "subprocess.Popen[bytes]", source: IO[bytes], progress: Progress) -> None:
    assert process.stdin is not None
    for piece in pieces(source):
        process.stdin.write(piece)
        progress.advance(len(piece))
        crash_point("restore-rows")

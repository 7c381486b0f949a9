"""A folder for what is being made, kept by one process and cleared of what a killed one left."""

import fcntl
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from gigneo.core.refusals import Refused


@contextmanager
def spool(folder: Path, taken: str) -> Iterator[Path]:
    """Give an empty folder, for this process alone; it is removed at the end.

    Args:
        folder: where; the folder that it is in must exist.
        taken: said when another process works in it.

    Raises:
        Refused: another process works in it.
    """
    folder.mkdir(mode=0o700, exist_ok=True)
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise Refused(taken, "taken") from None
        try:
            for left in folder.iterdir():
                left.unlink()
            yield folder
        finally:
            shutil.rmtree(folder, ignore_errors=True)
    finally:
        os.close(descriptor)


def settle(path: Path) -> None:
    """Let a file's or folder's content reach the disk.

    Raises:
        OSError: it can't be written; nobody may rely on it then.
    """
    descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)

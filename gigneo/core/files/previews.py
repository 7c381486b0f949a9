"""Small pictures of the pictures that people send, drawn after the upload by a process that may not use much.

What is shown was made here from pixels: no byte of the original, and nothing that it says of camera or place, is in it.
"""

import subprocess
import sys
from collections.abc import Mapping
from io import BytesIO
from tempfile import TemporaryFile
from typing import IO, Any, Final

import structlog
from sqlalchemy import update
from sqlmodel import Session, col

from gigneo.contributions import TaskHandler
from gigneo.core.current import current_runtime, present
from gigneo.core.db.base import KERNEL
from gigneo.core.files.models import StoredFile
from gigneo.core.files.types import PICTURES
from gigneo.core.tasks import store
from gigneo.core.tasks.handlers import add_kernel_handler

log = structlog.get_logger("gigneo.files")

KIND: Final = "kernel.preview"
MEDIA_TYPE: Final = "image/webp"
SECONDS: Final = 30
LARGEST_BYTES: Final = 256 * 1024


def draw_later(session: Session, *file_ids: int) -> None:
    """Draw the previews of pictures after the transaction that adds them."""
    planned = [store.Planned(KIND, f"preview:{file_id}", present(), {"file": file_id}, KERNEL) for file_id in file_ids]
    store.schedule_all(session, planned)


def draw(source: IO[bytes], media_type: str) -> bytes | None:
    """Draw a small picture in a process of its own, with limits of memory and time.

    Args:
        source: an open file of the operating system, at its beginning.
        media_type: what the picture was found to be.

    Returns:
        A WebP picture, or ``None`` when there is none to be had: broken, too large, too slow.
    """
    command = [sys.executable, "-m", "gigneo.core.files.thumbnail", PICTURES[media_type]]
    try:
        done = subprocess.run(command, stdin=source, capture_output=True, timeout=SECONDS, env={}, check=False)
    except subprocess.TimeoutExpired:
        return None
    return done.stdout if done.returncode == 0 and 0 < len(done.stdout) <= LARGEST_BYTES else None


def _run(payload: Mapping[str, Any], _key: str) -> None:
    """Draw a preview and note where it is; a file that was removed meanwhile gets none."""
    runtime = current_runtime()
    with runtime.read() as session:
        row = session.get(StoredFile, payload["file"])
    if row is None or row.preview_key is not None or row.content_type not in PICTURES:
        return
    with TemporaryFile() as original:
        for chunk in runtime.storage.stream(row.storage_key):
            original.write(chunk)
        original.seek(0)
        drawn = draw(original, row.content_type)
    if drawn is None:
        log.info("no preview could be drawn", file=row.id)
        return
    key = runtime.storage.put(BytesIO(drawn), MEDIA_TYPE, "preview.webp")
    mine = (col(StoredFile.id) == row.id, col(StoredFile.preview_key).is_(None))
    with runtime.write() as session:
        kept = session.execute(update(StoredFile).where(*mine).values(preview_key=key).returning(col(StoredFile.id))).first()
    if kept is None:
        runtime.storage.delete(key)


add_kernel_handler(TaskHandler(KIND, _run, transactional=False, attempts=3))

"""Removes bytes that belong to nothing: those of removed files after the commit, and what dying processes left."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

import structlog
from sqlalchemy import delete, select, union_all
from sqlmodel import Session, col

from gigneo.contributions import TaskHandler
from gigneo.core.clock import SystemClock
from gigneo.core.current import current_runtime, present
from gigneo.core.files.keeping import removing_blobs
from gigneo.core.files.models import DailyUse, StoredFile
from gigneo.core.files.storage import Blob
from gigneo.core.tasks import store
from gigneo.core.tasks.handlers import add_kernel_handler

if TYPE_CHECKING:
    from gigneo.core.runtime import Runtime

log = structlog.get_logger("gigneo.files")

DROP: Final = "kernel.drop_blobs"
SWEEP: Final = "kernel.sweep_blobs"
SWEEP_EVERY: Final = timedelta(hours=6)
AGAIN_AFTER: Final = timedelta(minutes=5)
GRACE: Final = timedelta(hours=24)
"""How long bytes may wait for their row: far longer than any request lasts."""


def drop_later(session: Session, keys: list[str]) -> None:
    """Delete bytes once the transaction that takes their row away has committed."""
    store.schedule(session, DROP, f"drop:{keys[0]}", present(), {"keys": keys})


def orphans(runtime: "Runtime", older_than: timedelta = GRACE) -> Iterator[Blob]:
    """Yield what is kept and belongs to no row, once it is old enough that no action can still be about to write it.

    Args:
        runtime: the process's ground.
        older_than: by the machine's clock, as the storage's is.
    """
    before = SystemClock().now() - older_than
    for blobs in runtime.storage.blobs():
        old = {blob.key: blob for blob in blobs if blob.written_at < before}
        for key in old.keys() - _owned(runtime, old):
            yield old[key]


def _owned(runtime: "Runtime", keys: Iterable[str]) -> set[str]:
    wanted = list(keys)
    if not wanted:
        return set()
    columns = (col(StoredFile.storage_key), col(StoredFile.preview_key))
    with runtime.read() as session:
        return set(session.execute(union_all(*(select(column).where(column.in_(wanted)) for column in columns))).scalars())


def _drop(payload: Mapping[str, Any], key: str) -> None:
    """Delete bytes whose row is gone; while a backup runs, which may have copied the row, later."""
    runtime = current_runtime()
    with removing_blobs(runtime) as may:
        for blob in payload["keys"] if may else ():
            runtime.storage.delete(blob)
    if not may:
        with runtime.write() as session:
            store.schedule(session, DROP, f"{key}+", present() + AGAIN_AFTER, payload)


def _sweep(_payload: Mapping[str, Any], _key: str) -> None:
    runtime = current_runtime()
    with removing_blobs(runtime) as may:
        swept = _remove_orphans(runtime) if may else 0  # while a backup runs, the next sweep will do
    if swept:
        log.info("bytes without a row were removed", count=swept)
    with runtime.write() as session:
        session.execute(delete(DailyUse).where(col(DailyUse.day) < (present() - timedelta(days=2)).date()))


def _remove_orphans(runtime: "Runtime") -> int:
    swept = 0
    for blob in orphans(runtime):
        runtime.storage.delete(blob.key)
        swept += 1
    return swept + runtime.storage.drop_fragments(GRACE)


add_kernel_handler(TaskHandler(DROP, _drop, transactional=False))
add_kernel_handler(TaskHandler(SWEEP, _sweep, transactional=False), every=SWEEP_EVERY)

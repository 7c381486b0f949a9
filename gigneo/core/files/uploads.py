"""Takes what people send: bytes are kept under a generated key before the transaction, rows are written in it.

A large file, or a slow bucket, never keeps the writer lock. What a refused action leaves is dropped at once, what a dying
process leaves is swept.
"""

import hashlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from typing import BinaryIO, Final

import structlog
from flask_babel import gettext as _
from sqlalchemy import Date, Table, bindparam
from sqlalchemy.dialects.postgresql import insert as postgres_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlmodel import Session
from werkzeug.datastructures import FileStorage

from gigneo.core.crash import crash_point
from gigneo.core.current import current_runtime
from gigneo.core.db.uow import SiteMoved
from gigneo.core.files.judging import NO_RULES, UploadRules, check_upload, clean_name
from gigneo.core.files.models import DailyUse, StoredFile
from gigneo.core.files.previews import draw_later
from gigneo.core.files.storage import StorageDown
from gigneo.core.files.sweeping import drop_later
from gigneo.core.files.types import PICTURES, told_type
from gigneo.core.formats import size
from gigneo.core.refusals import Refused, RefusedBase

log = structlog.get_logger("gigneo.files")

CHUNK_BYTES: Final = 1024 * 1024
DAILY: Final[Table] = DailyUse.__table__


@dataclass(slots=True)
class Received:
    """A file whose bytes are kept and which has no row yet.

    Attributes:
        key: where its bytes are.
        filename: its cleaned name.
        content_type: what it was found to be.
        size_bytes: how large.
        sha256: of its bytes.
        kept: whether a row was written for it.
    """

    key: str
    filename: str
    content_type: str
    size_bytes: int
    sha256: str
    kept: bool = False

    @property
    def content(self) -> list[str | int]:
        """What tells it from another file, for a form key: its name, its size in bytes, and the SHA-256 of its content."""
        return [self.filename, self.size_bytes, self.sha256]


@contextmanager
def receiving(uploads: Iterable[FileStorage], rules: UploadRules = NO_RULES) -> Iterator[list[Received]]:
    """Keep the bytes of files for the action inside the block, which writes their rows by :func:`save_upload`.

    What it writes no row for is dropped at the end, as when the form came twice or was refused.

    Args:
        uploads: as they came with the form; each is judged before the first is kept.
        rules: what may be sent.

    Raises:
        Refused: see :func:`~gigneo.core.files.judging.check_upload`; nothing was kept.
    """
    given = list(uploads)
    for upload in given:
        check_upload(upload, rules)
    storage, files = current_runtime().storage, list[Received]()
    undone = False
    try:
        for upload in given:
            files.append(receive(upload, rules))
        yield files
    except (RefusedBase, SiteMoved):  # after any other error nobody knows whether the rows were committed
        undone = True
        raise
    finally:
        for file in files:
            if undone or not file.kept:
                storage.delete(file.key)


def receive(upload: FileStorage, rules: UploadRules = NO_RULES) -> Received:
    """Judge a file and keep its bytes.

    Raises:
        Refused: ``storage_down``; see also :func:`~gigneo.core.files.judging.check_upload`.
    """
    media_type, name = check_upload(upload, rules), clean_name(upload.filename)
    stream: BinaryIO = upload.stream  # type: ignore[assignment]
    digest, length = hashlib.sha256(), 0
    while chunk := stream.read(CHUNK_BYTES):
        digest.update(chunk)
        length += len(chunk)
    try:
        key = current_runtime().storage.put(stream, told_type(media_type), name)
    except StorageDown as error:
        log.error("a file could not be kept", reason=str(error)[:500])
        raise Refused(
            _("%(name)s could not be kept: the storage does not answer. Send it again in a few minutes.", name=name),
            code="storage_down",
            field="files",
        ) from error
    crash_point("after-blob")
    return Received(key, name, media_type, length, digest.hexdigest())


def save_upload(
    session: Session,
    upload: FileStorage | Received,
    owner_kind: str,
    owner_id: int,
    *,
    uploaded_by: int,
    kind: str = "",
    origin: tuple[str, int | None] = ("", None),
    rules: UploadRules = NO_RULES,
) -> StoredFile:
    """Write the row of a file, after its bytes are kept, so that there is never a row without bytes.

    Args:
        session: the action's writing transaction.
        upload: as :func:`receiving` gave it. One that comes from a form is received here, which keeps the writer lock
            for as long as that takes: for commands and demo data.
        owner_kind: a contributed file owner, as in ``orders.order``.
        owner_id: the thing that owns it.
        uploaded_by: the person.
        kind: what the person says it is.
        origin: with what it came, as in ``("orders.delivery", 5)``.
        rules: what may be sent.

    Raises:
        Refused: ``day_quota`` when the person has sent too much today; see also
            :func:`~gigneo.core.files.judging.check_upload`.
    """
    file = upload if isinstance(upload, Received) else receive(upload, rules)
    at = current_runtime().clock.now()
    if not _reserve(session, uploaded_by, at.date(), file.size_bytes, rules.day_bytes):
        raise Refused(
            _(
                "%(name)s can't be sent today: you may send %(limit)s a day. Go on tomorrow.",
                name=file.filename,
                limit=size(rules.day_bytes or 0),
            ),
            code="day_quota",
            field="files",
        )
    row = StoredFile(
        storage_key=file.key,
        name=file.filename,
        content_type=file.content_type,
        size_bytes=file.size_bytes,
        sha256=file.sha256,
        owner_kind=owner_kind,
        owner_id=owner_id,
        origin_kind=origin[0],
        origin_id=origin[1],
        kind=kind,
        uploaded_by=uploaded_by,
        created_at=at,
    )
    session.add(row)
    session.flush()
    assert row.id is not None
    file.kept = True
    if file.content_type in PICTURES:
        draw_later(session, row.id)
    return row


def remove_file(session: Session, row: StoredFile) -> None:
    """Delete the row of a file; its bytes go after the transaction.

    Args:
        session: the action's writing transaction.
        row: the file.
    """
    drop_later(session, [key for key in (row.storage_key, row.preview_key) if key])
    session.delete(row)
    session.flush()


def _reserve(session: Session, person_id: int, day: date, size_bytes: int, limit: int | None) -> bool:
    """Count bytes for a person's day in one statement, so that two uploads at once can't both take what is left."""
    most = 2**63 - 1 if limit is None else limit
    if size_bytes > most:
        return False
    insert = sqlite_insert if session.get_bind().dialect.name == "sqlite" else postgres_insert
    statement = insert(DAILY).values(person_id=person_id, day=bindparam("day", type_=Date), size_bytes=size_bytes)
    used = DAILY.c.size_bytes + size_bytes
    counted = statement.on_conflict_do_update(
        index_elements=["person_id", "day"], set_={"size_bytes": used}, where=DAILY.c.size_bytes <= most - size_bytes
    )
    return session.execute(counted.returning(DAILY.c.size_bytes), {"day": day}).first() is not None

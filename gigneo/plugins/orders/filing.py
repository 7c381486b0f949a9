"""Files become an order's: within the operator's limits, under the order's lock, with what they came."""

from collections.abc import Iterable, Sequence
from typing import Any, Final

from sqlmodel import Session, col, select

from gigneo.api import Refused, StoredFile, UploadRules, fmt, gettext, ngettext, save_upload, setting
from gigneo.hooks import OrderFacts
from gigneo.plugins.orders.file_rows import ORDER_OWNER, bytes_of
from gigneo.plugins.orders.settings import file_types

UPLOAD_OWNER: Final = "orders.upload"
"""Owns a file that waits for the form it came with to be sent again; only its sender may read it."""
MEGABYTE: Final = 1_000_000


def upload_rules() -> UploadRules:
    """Return what may be sent to orders, as the operator chose it."""
    return UploadRules(
        max_bytes=int(setting("orders", "file_mb")) * MEGABYTE,
        endings=file_types(),
        day_bytes=int(setting("orders", "person_day_files_mb")) * MEGABYTE,
    )


def file_limits() -> dict[str, Any]:
    """Return what a form's file field says of the limits: how many, how large, which endings."""
    rules = upload_rules()
    return {
        "count": int(setting("orders", "files_per_delivery")),
        "bytes": rules.limit_bytes,
        "accept": ",".join(f".{ending}" for ending in rules.allowed),
    }


def too_many(limit: int) -> str:
    """Say how many files may come at once."""
    return ngettext("At most one file at once.", "At most %(num)s files at once. Pack some of them together.", limit)


def attach(
    session: Session,
    order: OrderFacts,
    actor_id: int,
    uploads: Iterable[Any] = (),
    *,
    file_ids: Sequence[int] = (),
    kind: str,
    origin: tuple[str, int | None] = ("", None),
) -> list[StoredFile]:
    """Make files an order's, so that both sides may read them.

    Args:
        session: the action's writing transaction.
        order: locked by it.
        actor_id: who sends them.
        uploads: as :func:`~gigneo.api.receiving` gave them, or as they came with a form.
        file_ids: files that this person sent before, by :func:`keep`.
        kind: what they are said to be, as in ``reference``.
        origin: with what they come, as in ``("orders.delivery", 7)``.

    Returns:
        Their rows, in the order in which they were sent.

    Raises:
        Refused: ``file_gone``: one of ``file_ids`` is not this person's, or not there any more. ``order_quota``: the
            order's files would take too much. ``too_many`` at once. Whatever :func:`~gigneo.api.save_upload` refuses.
    """
    given = list(uploads)
    limit = int(setting("orders", "files_per_delivery"))
    if len(given) + len(file_ids) > limit:
        raise Refused(too_many(limit), code="too_many", field="files")
    files = _adopt(session, order, actor_id, file_ids, kind, origin)
    for upload in given:
        files.append(
            save_upload(
                session,
                upload,
                ORDER_OWNER,
                order.id,
                uploaded_by=actor_id,
                kind=kind,
                origin=origin,
                rules=upload_rules(),
            )
        )
    most = int(setting("orders", "order_files_mb")) * MEGABYTE
    if files and bytes_of(session, order.id) > most:
        said = gettext("The files of an order may take %(limit)s together; these don't fit any more.", limit=fmt.size(most))
        raise Refused(said, code="order_quota", field="files")
    return files


def keep(session: Session, upload: Any, actor_id: int) -> StoredFile:
    """Keep a file for a form that is not sent yet; until then only its sender may read it.

    Args:
        session: a writing transaction.
        upload: as :func:`~gigneo.api.receiving` gave it, or as it came with the form.
        actor_id: who sends it.

    Raises:
        Refused: it is empty, too large, or no allowed type, or the person has sent too much today.
    """
    return save_upload(session, upload, UPLOAD_OWNER, actor_id, uploaded_by=actor_id, rules=upload_rules())


def kept_uploads(session: Session, actor_id: int, file_ids: Sequence[int], *, lock: bool = False) -> list[StoredFile]:
    """Return those of the files that this person sent and that wait for their form.

    Args:
        session: the page's read session, or a writing transaction.
        actor_id: who sent them.
        file_ids: which.
        lock: whether nobody else may take or sweep them before the transaction ends.
    """
    if not file_ids:
        return []
    waiting = (col(StoredFile.owner_kind) == UPLOAD_OWNER, col(StoredFile.owner_id) == actor_id)
    statement = select(StoredFile).where(col(StoredFile.id).in_(file_ids), *waiting).order_by(col(StoredFile.id))
    return list(session.exec(statement.with_for_update() if lock else statement))


def _adopt(
    session: Session, order: OrderFacts, actor_id: int, file_ids: Sequence[int], kind: str, origin: tuple[str, int | None]
) -> list[StoredFile]:
    wanted = set(file_ids)
    files = kept_uploads(session, actor_id, sorted(wanted), lock=True)
    if len(files) != len(wanted):
        raise Refused(
            gettext("A file that you attached is not there any more. Attach it again."), code="file_gone", field="files"
        )
    for file in files:
        file.owner_kind, file.owner_id, file.kind = ORDER_OWNER, order.id, kind
        file.origin_kind, file.origin_id = origin
        session.add(file)
    session.flush()
    return files

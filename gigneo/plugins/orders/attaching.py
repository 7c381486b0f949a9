"""Files that either side adds to an order by themselves, and takes back until somebody else has acted."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sqlmodel import Session, col, select

from gigneo.api import Refused, StoredFile, emit, gettext, now, remove_file
from gigneo.contributions import Refusal
from gigneo.hooks import AttachmentAdded, AttachmentRemoved, OrderFacts
from gigneo.plugins.orders.file_rows import ORDER_OWNER, last_act_of_others
from gigneo.plugins.orders.filing import attach
from gigneo.plugins.orders.forms import FILE_KINDS
from gigneo.plugins.orders.queries import lock
from gigneo.plugins.orders.steps import event_fields, record


def add_files(session: Session, order: int | str, actor_id: int, kind: str, uploads: Iterable[Any]) -> list[int]:
    """Add files to an order. Possible in every state, for both sides.

    Args:
        session: the action's writing transaction.
        order: the key, or the public number.
        actor_id: one of the two parties.
        kind: what the files are, one of :data:`FILE_KINDS`.
        uploads: as :func:`~gigneo.api.receiving` gave them, or as they came with the form.

    Returns:
        The files' ids.

    Raises:
        Refused: the person is no party, the kind does not exist, there is no file, too many, or one that can't be sent.
    """
    facts = _lock(session, order, actor_id)
    given = list(uploads)
    if kind not in dict(FILE_KINDS):
        raise Refused(gettext("Say what the file is."), code="kind", field="kind")
    if not given:
        raise Refused(gettext("Choose at least one file."), code="no_file", field="files")
    files = attach(session, facts, actor_id, given, kind=kind)
    for file in files:
        record(session, facts.id, "file_added", actor_id, params={"name": file.name}, version=facts.version)
    ids = [file.id for file in files if file.id is not None]
    names = tuple(file.name for file in files)
    told = event_fields(facts, actor_id, now())
    emit(session, AttachmentAdded(**told, file_ids=tuple(ids), names=names, file_kind=kind))
    return ids


def take_back(session: Session, order: int | str, actor_id: int, file_id: int) -> str:
    """Remove a file that one has added, as long as nobody else has acted on the order since.

    Args:
        session: the action's writing transaction.
        order: the key, or the public number.
        actor_id: who added it.
        file_id: which of the order's files.

    Returns:
        Its name.

    Raises:
        Refused: ``not_found`` for an order or a file that is not there or not theirs; otherwise see :func:`why_it_stays`.
    """
    facts = _lock(session, order, actor_id)
    row = file_of(session, facts.id, file_id)
    if row is None:
        raise Refused(gettext("There is no such file."), code="not_found")
    others = last_act_of_others(session, facts.id, actor_id)
    reason = why_it_stays(facts, actor_id, row.uploaded_by, row.origin_kind, row.created_at, others)
    if reason is not None:
        raise Refused(reason.reason, code=reason.code)
    name = row.name
    remove_file(session, row)
    record(session, facts.id, "file_removed", actor_id, params={"name": name}, version=facts.version)
    emit(session, AttachmentRemoved(**event_fields(facts, actor_id, now()), file_id=file_id, name=name))
    return name


def why_it_stays(
    order: OrderFacts, person_id: int, by_id: int, origin_kind: str, at: datetime, others: datetime | None
) -> Refusal | None:
    """Say why somebody can't take a file back, or ``None`` when they can.

    Args:
        order: whose file it is.
        person_id: who wants to.
        by_id: who sent it.
        origin_kind: with what it came; empty for a file that came alone.
        at: when it came.
        others: when anybody else last acted, as :func:`~gigneo.plugins.orders.file_rows.last_act_of_others` says.
    """
    if by_id != person_id:
        return Refusal(gettext("Only who added a file can remove it."), "not_yours")
    if origin_kind:
        return Refusal(gettext("The file was sent together with something else, and stays a part of it."), "came_with")
    if order.holds:
        return Refusal(gettext("While the order is on hold, its files stay."), "held")
    if others is not None and others >= at:
        return Refusal(gettext("Somebody else has acted on the order since the file came, so it stays."), "acted_since")
    return None


def file_of(session: Session, order_id: int, file_id: int) -> StoredFile | None:
    """Return a file by its id and the order that it belongs to, checked together."""
    if not 0 < file_id < 2**63:
        return None
    mine = (col(StoredFile.owner_kind) == ORDER_OWNER, col(StoredFile.owner_id) == order_id)
    return session.exec(select(StoredFile).where(col(StoredFile.id) == file_id, *mine)).one_or_none()


def _lock(session: Session, order: int | str, actor_id: int) -> OrderFacts:
    facts = lock(session, order)
    if facts is None or facts.role_of(actor_id) is None:
        raise Refused(gettext("There is no such order."), code="not_found")
    return facts

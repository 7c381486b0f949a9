"""Delivering: draft work for feedback, the final delivery for approval, and the files that come with them."""

from collections.abc import Iterable, Sequence
from typing import Any, Final

from sqlalchemy import update
from sqlmodel import Session, col, select

from gigneo.api import Refused, StoredFile, gettext, hooks, save_upload, written_or_empty
from gigneo.hooks import DeliveryFacts, DraftShared, OrderDelayed, OrderDelivered, OrderFacts
from gigneo.plugins.orders import clocks
from gigneo.plugins.orders.asking import lapse_open
from gigneo.plugins.orders.limits import TEXT_LIMIT
from gigneo.plugins.orders.models import Delivery, Request
from gigneo.plugins.orders.steps import Step, begin, finish, told

UPLOAD_OWNER: Final = "orders.upload"
DELIVERY_OWNER: Final = "orders.delivery"


def deliver(
    session: Session,
    order: int | str,
    actor_id: int,
    *,
    final: bool,
    description: str = "",
    file_ids: Sequence[int] = (),
    uploads: Iterable[Any] = (),
    version: int | None = None,
) -> OrderFacts:
    """Deliver: a draft changes nothing but the history; a final delivery asks for approval.

    The first final delivery decides whether the order was on time.

    Args:
        session: the action's writing transaction.
        order: the key, or the public number.
        actor_id: the freelancer.
        final: a final delivery, or draft work.
        description: what was done, as typed.
        file_ids: files that this freelancer sent before, by :func:`keep`.
        uploads: files as they came with the form.
        version: of the page that the person saw.

    Raises:
        Refused: a rule refuses, the delivery is empty, or a file is not one that may be sent.
    """
    step = begin(session, order, "deliver_final" if final else "deliver_draft", actor_id, version)
    text = written_or_empty(description, "description", TEXT_LIMIT)
    files = _own_uploads(session, actor_id, file_ids)
    files += [file.id for file in (keep(session, upload, actor_id) for upload in uploads) if file.id is not None]
    if not text and not files:
        raise Refused(gettext("Say what you deliver, or attach a file."), code="empty", field="description")
    delivery = Delivery(
        order_id=step.order.id,
        freelancer_id=actor_id,
        final=final,
        round=step.order.revisions_used + 1,
        description=text,
        at=step.at,
    )
    session.add(delivery)
    session.flush()
    assert delivery.id is not None
    facts = DeliveryFacts(delivery.id, final, tuple(files))
    hooks.participate("order_delivering", order=step.order, delivery=facts, session=session)
    if not final:
        return finish(
            session,
            step,
            kind="draft",
            params={"files": len(files), "round": delivery.round},
            changes={"draft_at": step.at},
            event=DraftShared(**told(step), delivery_id=delivery.id),
        )
    return _delivered(session, step, delivery.id, {"files": len(files), "round": delivery.round})


def _delivered(session: Session, step: Step, delivery_id: int, params: dict[str, Any]) -> OrderFacts:
    """Ask for approval: the review time starts, and a request for more days has lost its point."""
    order = step.order
    on_time = order.on_time if order.on_time is not None else order.due_at is None or step.at <= order.due_at
    lapse_open(session, order, step.at, "extension")
    asked = order.request("cancellation")
    if asked is not None:
        session.execute(update(Request).where(col(Request.id) == asked.id).values(stops_review=True))
    review = clocks.start(order, step.at)
    return finish(
        session,
        step,
        kind="delivered",
        params=params,
        changes={
            "delivered_at": step.at,
            "first_delivered_at": order.first_delivered_at or step.at,
            "on_time": on_time,
            "draft_at": None,
            **review,
        },
        event=OrderDelivered(**told(step), delivery_id=delivery_id, on_time=on_time, review_until=review["review_until"]),
    )


def mark_late(session: Session, order: int | str) -> OrderFacts:
    """Note that the due date is over and nothing was finally delivered; both sides are told, once per due date.

    Args:
        session: the timer's writing transaction.
        order: the key, or the public number.
    """
    step = begin(session, order, "mark_late", None)
    assert step.order.due_at is not None
    event = OrderDelayed(**told(step), due_at=step.order.due_at)
    return finish(session, step, kind="late", changes={"late_at": step.at}, event=event, noted=True)


def keep(session: Session, upload: Any, actor_id: int) -> StoredFile:
    """Keep a file for a delivery that is not made yet; until then only its sender may read it.

    Args:
        session: a writing transaction.
        upload: as it came with the form.
        actor_id: who sends it.

    Raises:
        Refused: it is empty, too large, or no allowed type.
    """
    return save_upload(session, upload, UPLOAD_OWNER, actor_id, uploaded_by=actor_id)


def adopt(session: Session, delivery: DeliveryFacts) -> None:
    """Give the files of a delivery to it, so that both sides may read them."""
    if delivery.file_ids:
        session.execute(
            update(StoredFile)
            .where(col(StoredFile.id).in_(delivery.file_ids), col(StoredFile.owner_kind) == UPLOAD_OWNER)
            .values(owner_kind=DELIVERY_OWNER, owner_id=delivery.id, kind="deliverable")
        )


def kept_uploads(session: Session, actor_id: int, file_ids: Sequence[int]) -> list[StoredFile]:
    """Return those of the files that this person sent and has not delivered yet."""
    if not file_ids:
        return []
    return list(
        session.exec(
            select(StoredFile)
            .where(
                col(StoredFile.id).in_(file_ids),
                col(StoredFile.owner_kind) == UPLOAD_OWNER,
                col(StoredFile.owner_id) == actor_id,
            )
            .order_by(col(StoredFile.id))
        )
    )


def _own_uploads(session: Session, actor_id: int, file_ids: Sequence[int]) -> list[int]:
    wanted = set(file_ids)
    found = [file.id for file in kept_uploads(session, actor_id, sorted(wanted)) if file.id is not None]
    if len(found) != len(wanted):
        raise Refused(gettext("A file of this delivery is not there any more. Attach it again."), code="file_gone", field="files")
    return found

"""Delivering: draft work for feedback, the final delivery for approval, and the files that come with them."""

from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import update
from sqlmodel import Session, col

from gigneo.api import Refused, gettext, hooks, written_or_empty
from gigneo.hooks import DeliveryFacts, DraftShared, OrderDelayed, OrderDelivered, OrderFacts
from gigneo.plugins.orders import clocks
from gigneo.plugins.orders.asking import lapse_open
from gigneo.plugins.orders.file_rows import DELIVERY
from gigneo.plugins.orders.filing import attach, keep
from gigneo.plugins.orders.limits import TEXT_LIMIT
from gigneo.plugins.orders.models import Delivery, Request
from gigneo.plugins.orders.steps import Step, begin, finish, told


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
        file_ids: files that this freelancer sent before, by :func:`~gigneo.plugins.orders.filing.keep`.
        uploads: files as :func:`~gigneo.api.receiving` gave them, or as they came with the form.
        version: of the page that the person saw.

    Raises:
        Refused: a rule refuses, the delivery is empty, or a file is not one that may be sent.
    """
    step = begin(session, order, "deliver_final" if final else "deliver_draft", actor_id, version)
    text = written_or_empty(description, "description", TEXT_LIMIT)
    given = list(uploads)
    if not text and not given and not file_ids:
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
    files = [*file_ids, *(file.id for file in (keep(session, upload, actor_id) for upload in given) if file.id is not None)]
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


def adopt(session: Session, order: OrderFacts, delivery: DeliveryFacts) -> None:
    """Make the files of a delivery the order's, so that both sides may read them.

    Raises:
        Refused: see :func:`~gigneo.plugins.orders.filing.attach`.
    """
    origin = (DELIVERY, delivery.id)
    attach(session, order, order.freelancer_id, file_ids=delivery.file_ids, kind="deliverable", origin=origin)

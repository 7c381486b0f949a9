"""Tells people by mail what happened to their order. Whom a fact tells stands in the process table, the words in a template.

Handlers of facts run after the commit, in a transaction of their own, and write the mail as a task.
"""

from collections.abc import Mapping
from typing import Any

from sqlmodel import Session

from gigneo.api import holders_of, hookimpl, send_mail
from gigneo.hooks import (
    AdministratorAsked,
    CancellationRejected,
    CancellationRequested,
    CancellationUnanswered,
    CancellationWithdrawn,
    DraftShared,
    ExtensionAnswered,
    ExtensionRequested,
    FeedbackReceived,
    OrderCancelled,
    OrderCompleted,
    OrderDelayed,
    OrderDelivered,
    OrderEvent,
    OrderPaid,
    OrderRefunded,
    ReviewExtended,
    ReviewReminded,
    RevisionRequested,
)
from gigneo.plugins.orders.queries import facts_by_id
from gigneo.plugins.orders.states import ADMINISTRATOR, EMPLOYER, FREELANCER, MANAGE
from gigneo.plugins.orders.table import table


class TellsByMail:
    """The part of the orders plugin that hears every fact, and writes to whom it concerns."""

    @hookimpl
    def order_paid(self, event: OrderPaid, session: Session) -> None:
        tell(session, event)

    @hookimpl
    def order_delivered(self, event: OrderDelivered, session: Session) -> None:
        tell(session, event)

    @hookimpl
    def draft_shared(self, event: DraftShared, session: Session) -> None:
        tell(session, event)

    @hookimpl
    def feedback_received(self, event: FeedbackReceived, session: Session) -> None:
        tell(session, event)

    @hookimpl
    def revision_requested(self, event: RevisionRequested, session: Session) -> None:
        tell(session, event)

    @hookimpl
    def review_extended(self, event: ReviewExtended, session: Session) -> None:
        tell(session, event)

    @hookimpl
    def review_reminded(self, event: ReviewReminded, session: Session) -> None:
        tell(session, event)

    @hookimpl
    def order_delayed(self, event: OrderDelayed, session: Session) -> None:
        tell(session, event)

    @hookimpl
    def cancellation_requested(self, event: CancellationRequested, session: Session) -> None:
        tell(session, event)

    @hookimpl
    def cancellation_withdrawn(self, event: CancellationWithdrawn, session: Session) -> None:
        tell(session, event)

    @hookimpl
    def cancellation_rejected(self, event: CancellationRejected, session: Session) -> None:
        tell(session, event)

    @hookimpl
    def cancellation_unanswered(self, event: CancellationUnanswered, session: Session) -> None:
        tell(session, event)

    @hookimpl
    def extension_requested(self, event: ExtensionRequested, session: Session) -> None:
        tell(session, event)

    @hookimpl
    def extension_answered(self, event: ExtensionAnswered, session: Session) -> None:
        tell(session, event)

    @hookimpl
    def administrator_asked(self, event: AdministratorAsked, session: Session) -> None:
        tell(session, event)

    @hookimpl
    def order_completed(self, event: OrderCompleted, session: Session) -> None:
        tell(session, event)

    @hookimpl
    def order_cancelled(self, event: OrderCancelled, session: Session) -> None:
        tell(session, event)

    @hookimpl
    def order_refunded(self, event: OrderRefunded, session: Session) -> None:
        tell(session, event)


def tell(session: Session, event: OrderEvent) -> None:
    """Write to everybody whom a fact concerns, but for who did it.

    Args:
        session: the delivery's writing transaction.
        event: the fact.
    """
    order, roles = facts_by_id(session, event.order_id), table().told.get(event.hook, frozenset())
    if order is None:
        return
    values = {
        "title": order.title,
        "number": order.number,
        "employer": order.employer_name,
        "freelancer": order.freelancer_name,
        "payout_minor": order.payout_minor,
        "currency": order.currency,
    }
    for role, person_id in ((EMPLOYER, event.employer_id), (FREELANCER, event.freelancer_id)):
        if role in roles and person_id != event.actor_id:
            _write(session, person_id, event, values, f"/orders/{order.number}/overview")
    if ADMINISTRATOR in roles:
        for person_id in holders_of(session, MANAGE):
            _write(session, person_id, event, values, f"/admin/orders/{order.number}")


def _write(session: Session, to: int, event: OrderEvent, values: Mapping[str, Any], path: str) -> None:
    send_mail(session, to, "orders/told", fact=event.hook, path=path, **values)


__all__ = ["tell"]

"""Tells people by mail what happened to their order. Whom a fact tells stands in the process table, the words in a template.

Handlers of facts run after the commit, in a transaction of their own, and write the mail as a task.
"""

from collections.abc import Mapping
from dataclasses import fields
from types import MappingProxyType
from typing import Any, Final

from sqlmodel import Session

from gigneo.api import holders_of, hookimpl, send_mail
from gigneo.hooks import OrderEvent
from gigneo.plugins.orders.queries import facts_by_id
from gigneo.plugins.orders.states import ADMINISTRATOR, EMPLOYER, FREELANCER, MANAGE
from gigneo.plugins.orders.table import table

OUTSIDE_THE_PROCESS: Final[Mapping[str, frozenset[str]]] = MappingProxyType(
    {"attachment_added": frozenset({EMPLOYER, FREELANCER})}
)
"""Whom a fact tells that no action of the process leads to."""


class TellsByMail:
    """The part of the orders plugin that hears every fact, and writes to whom it concerns."""

    @hookimpl
    def order_changed(self, event: OrderEvent, session: Session) -> None:
        """Tell whom the process table names."""
        tell(session, event)


def tell(session: Session, event: OrderEvent) -> None:
    """Write to everybody whom a fact concerns, but for who did it.

    Args:
        session: the delivery's writing transaction.
        event: the fact.
    """
    roles = table().told.get(event.hook) or OUTSIDE_THE_PROCESS.get(event.hook)
    order = facts_by_id(session, event.order_id) if roles and event.mail else None
    if not roles or order is None:
        return
    values = {
        "event": {each.name: getattr(event, each.name) for each in fields(event) if each.name not in _ALWAYS},
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
    assert event.mail is not None
    send_mail(session, to, event.mail, fact=event.hook, path=path, **values)


_ALWAYS: Final = frozenset(each.name for each in fields(OrderEvent))

__all__ = ["tell"]

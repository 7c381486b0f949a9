"""Tells people what happened to their order. Whom a fact tells stands in the process table, the words in a template.

Handlers of facts run after the commit, in a transaction of their own: what is told is told once.
"""

from collections.abc import Mapping
from dataclasses import fields
from types import MappingProxyType
from typing import Any, Final

from sqlmodel import Session

from gigneo.api import holders_of, hookimpl
from gigneo.api import tell as tell_person
from gigneo.hooks import OrderEvent
from gigneo.plugins.orders.queries import facts_by_id
from gigneo.plugins.orders.states import ADMINISTRATOR, EMPLOYER, FREELANCER, MANAGE
from gigneo.plugins.orders.table import table

OUTSIDE_THE_PROCESS: Final[Mapping[str, frozenset[str]]] = MappingProxyType(
    {"attachment_added": frozenset({EMPLOYER, FREELANCER})}
)
"""Whom a fact tells that no action of the process leads to."""


class TellsPeople:
    """The part of the orders plugin that hears every fact, and tells whom it concerns."""

    @hookimpl
    def order_changed(self, event: OrderEvent, session: Session) -> None:
        """Tell whom the process table names."""
        tell(session, event)


def tell(session: Session, event: OrderEvent) -> None:
    """Tell everybody whom a fact concerns, but for who did it.

    Args:
        session: the delivery's writing transaction.
        event: the fact.
    """
    roles = table().told.get(event.hook) or OUTSIDE_THE_PROCESS.get(event.hook)
    order = facts_by_id(session, event.order_id) if roles and event.mail else None
    if not roles or not event.mail or order is None:
        return
    values: dict[str, Any] = {
        "fact": event.hook,
        "event": {each.name: getattr(event, each.name) for each in fields(event) if each.name not in _ALWAYS},
        "title": order.title,
        "number": order.number,
        "employer": order.employer_name,
        "freelancer": order.freelancer_name,
        "payout_minor": order.payout_minor,
        "currency": order.currency,
    }
    for person_id, path in _readers(session, event, roles).items():
        tell_person(session, person_id, kind_of(type(event)), event.mail, path=path, **values)


def kind_of(event: type[OrderEvent]) -> str:
    """Return the name of the notification kind under which a fact is told: its mail's owner, and what its hook says."""
    owner = (event.mail or "").partition("/")[0]
    return f"{owner}.{event.hook.removeprefix(f'{owner}_')}"


def _readers(session: Session, event: OrderEvent, roles: frozenset[str]) -> dict[int, str]:
    """Return who is told, each once, and which page is theirs: a party who is an administrator too is told as a party."""
    sides = {EMPLOYER: event.employer_id, FREELANCER: event.freelancer_id}
    readers = {sides[role]: f"/orders/{event.number}/overview" for role in sides if role in roles}
    if ADMINISTRATOR in roles:
        managing = holders_of(session, MANAGE)
        readers |= {each: f"/admin/orders/{event.number}" for each in managing if each not in sides.values()}
    return {person_id: path for person_id, path in readers.items() if person_id != event.actor_id}


_ALWAYS: Final = frozenset(each.name for each in fields(OrderEvent))

__all__ = ["kind_of", "tell"]

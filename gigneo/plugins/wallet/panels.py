"""What the wallet shows on the order page: the Payments tab, and the panel that says where the money is."""

from collections.abc import Mapping
from typing import Any

from sqlmodel import Session

from gigneo.api import Person
from gigneo.hooks import OrderFacts
from gigneo.plugins.wallet.queries import payments, purse


def payments_tab(order: OrderFacts, person: Person, session: Session) -> Mapping[str, Any]:
    """Return what the Payments tab shows."""
    return {"purse": purse(session, order.id), "payments": payments(session, order.id)}


def money_panel(order: OrderFacts, person: Person, session: Session) -> Mapping[str, Any]:
    """Return what the money panel shows."""
    return {"purse": purse(session, order.id)}

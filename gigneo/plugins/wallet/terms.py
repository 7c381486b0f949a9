"""An order's frozen terms as every step of its money reads them: locked first, changed by columns."""

from dataclasses import dataclass, replace
from datetime import datetime
from functools import lru_cache
from typing import Any, Final

from sqlalchemy import Table, Update, bindparam, select
from sqlmodel import Session

from gigneo.api import prepared
from gigneo.plugins.wallet.models import OrderMoney

terms: Final[Table] = OrderMoney.__table__


@dataclass(frozen=True, slots=True)
class Terms:
    """What an order was paid for, and how far its money has come; see :class:`~gigneo.plugins.wallet.models.OrderMoney`.

    The attributes are the columns.
    """

    order_id: int
    number: str
    title: str
    employer_id: int
    freelancer_id: int
    currency: str
    price_minor: int
    employer_fee_minor: int
    commission_minor: int
    rate_basis_points: int
    awarded_minor: int
    commission_back_minor: int
    fee_back_minor: int
    paid_at: datetime
    released_at: datetime | None
    clears_at: datetime | None
    settled_at: datetime | None

    @property
    def escrow_minor(self) -> int:
        """What was paid into escrow: the price and the employer's fee."""
        return self.price_minor + self.employer_fee_minor

    @property
    def payout_minor(self) -> int:
        """What the freelancer gets: what was not given back of the price, less the commission on it."""
        return self.price_minor - self.awarded_minor - self.commission_kept_minor

    @property
    def commission_kept_minor(self) -> int:
        """What the platform keeps of the price."""
        return self.commission_minor - self.commission_back_minor

    @property
    def fee_kept_minor(self) -> int:
        """What the platform keeps of the employer's fee."""
        return self.employer_fee_minor - self.fee_back_minor


def lock_terms(session: Session, order_id: int) -> Terms | None:
    """Lock what the wallet knows of an order, and read it as it is now; ``None`` for one that was never paid."""
    row = session.execute(_LOCKED, {"order_id": order_id}).one_or_none()
    return None if row is None else Terms(*row)


def change_terms(session: Session, locked: Terms, **changes: Any) -> Terms:
    """Change columns of locked terms, and return the terms as they are now.

    Args:
        session: the writing transaction in which they were locked.
        locked: the terms.
        changes: columns by name.
    """
    session.execute(_changing(frozenset(changes)), {**changes, "changed": locked.order_id})
    return replace(locked, **changes)


_LOCKED = prepared(
    select(*(terms.c[name] for name in Terms.__dataclass_fields__))
    .where(terms.c.order_id == bindparam("order_id"))
    .with_for_update()
)


@lru_cache(maxsize=16)
def _changing(columns: frozenset[str]) -> Update:
    given: dict[str, Any] = {name: bindparam(name) for name in sorted(columns)}
    return prepared(terms.update().where(terms.c.order_id == bindparam("changed")).values(given))

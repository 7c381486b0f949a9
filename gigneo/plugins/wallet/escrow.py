"""An order's money: into escrow, out to clearing, on to the freelancer, or back to the employer. Each step once.

Every step uses the terms that were frozen when the order was paid. What comes out of escrow is what went in: payout,
commission and employer's fee, or all of it back. While it is clearing, parts of it may go back; see ``returning.py``.
"""

from datetime import timedelta

from sqlmodel import Session

from gigneo.api import Refused, gettext
from gigneo.hooks import OrderFacts
from gigneo.plugins.wallet import kinds
from gigneo.plugins.wallet.ledger import Booked, Line, Place, post
from gigneo.plugins.wallet.models import AccountKind, OrderMoney
from gigneo.plugins.wallet.terms import Terms, change_terms, lock_terms


def pay(session: Session, order: OrderFacts, actor_id: int | None) -> Booked:
    """Move the price and the employer's fee from the employer's wallet into the order's escrow.

    Args:
        session: the action's writing transaction, in which the order is locked.
        order: its terms are frozen here.
        actor_id: who pays; ``None`` for the system.

    Raises:
        Refused: ``already_paid``, or ``not_enough`` is in the wallet.
    """
    already_paid = Refused(gettext("This order is paid already."), code="already_paid")
    if lock_terms(session, order.id) is not None:
        raise already_paid
    total = order.price_minor + order.employer_fee_minor
    booked = post(
        session,
        kinds.order_key(order.id, kinds.ORDER_PAID),
        kinds.ORDER_PAID,
        [Line(available_of(order.employer_id, order.currency), place_of(AccountKind.ESCROW, order), total)],
        order_id=order.id,
        actor_id=actor_id,
    )
    if booked.again:  # somebody else paid it while we waited for the wallet
        raise already_paid
    session.add(
        OrderMoney(
            order_id=order.id,
            number=order.number,
            title=order.title,
            employer_id=order.employer_id,
            freelancer_id=order.freelancer_id,
            currency=order.currency,
            price_minor=order.price_minor,
            employer_fee_minor=order.employer_fee_minor,
            commission_minor=order.commission_minor,
            rate_basis_points=order.rate_basis_points,
            paid_at=booked.created_at,
        )
    )
    session.flush()
    return booked


def release(session: Session, order_id: int, actor_id: int | None, clearing: timedelta) -> Terms:
    """Move an order's escrow on: the payout into clearing, commission and fee to the platform.

    Args:
        session: the action's writing transaction, in which the order is locked.
        order_id: the order.
        actor_id: who approved; ``None`` for the system.
        clearing: how long the payout clears.

    Returns:
        The order's terms; ``settled_at`` is set when there is nothing to clear.

    Raises:
        Refused: ``not_paid``, ``already_released`` or ``already_refunded``.
    """
    terms = _in_escrow(session, order_id)
    escrow = place_of(AccountKind.ESCROW, terms)
    parts = (
        (place_of(AccountKind.CLEARING, terms), terms.payout_minor),
        (Place(AccountKind.COMMISSION, terms.currency), terms.commission_minor),
        (Place(AccountKind.FEES, terms.currency), terms.employer_fee_minor),
    )
    booked = post(
        session,
        kinds.order_key(order_id, kinds.ORDER_RELEASED),
        kinds.ORDER_RELEASED,
        [Line(escrow, place, amount) for place, amount in parts if amount],
        order_id=order_id,
        actor_id=actor_id,
    )
    at = booked.created_at
    settled_at = at if terms.payout_minor == 0 else None
    return change_terms(session, terms, released_at=at, clears_at=at + clearing, settled_at=settled_at)


def clear(session: Session, order_id: int) -> Booked | None:
    """Move what an order has in clearing to the freelancer's wallet.

    Args:
        session: the task's writing transaction, in which the order is locked.
        order_id: the order.

    Returns:
        The transfer, or ``None`` when nothing is in clearing (any more).
    """
    terms = lock_terms(session, order_id)
    if terms is None or terms.released_at is None or terms.settled_at is not None:
        return None
    booked = post(
        session,
        kinds.order_key(order_id, kinds.ORDER_CLEARED),
        kinds.ORDER_CLEARED,
        [
            Line(
                place_of(AccountKind.CLEARING, terms),
                available_of(terms.freelancer_id, terms.currency),
                terms.payout_minor,
            )
        ],
        order_id=order_id,
    )
    change_terms(session, terms, settled_at=booked.created_at)
    return booked


def refund(session: Session, order_id: int, actor_id: int | None) -> int:
    """Give everything that is in an order's escrow back to the employer, the fee included.

    Args:
        session: the action's writing transaction, in which the order is locked.
        order_id: the order.
        actor_id: who cancelled; ``None`` for the system.

    Returns:
        What went back; 0 for an order that was never paid.

    Raises:
        Refused: ``already_released`` or ``already_refunded``.
    """
    if lock_terms(session, order_id) is None:
        return 0
    terms = _in_escrow(session, order_id)
    employer = available_of(terms.employer_id, terms.currency)
    booked = post(
        session,
        kinds.order_key(order_id, kinds.ORDER_REFUNDED),
        kinds.ORDER_REFUNDED,
        [Line(place_of(AccountKind.ESCROW, terms), employer, terms.escrow_minor)],
        order_id=order_id,
        actor_id=actor_id,
    )
    change_terms(session, terms, settled_at=booked.created_at)
    return terms.escrow_minor


def _in_escrow(session: Session, order_id: int) -> Terms:
    """Return the locked terms of an order whose money is in escrow, or say why it isn't."""
    terms = lock_terms(session, order_id)
    if terms is None:
        raise Refused(gettext("This order was never paid."), code="not_paid")
    if terms.released_at is not None:
        raise Refused(gettext("The money of this order was released already."), code="already_released")
    if terms.settled_at is not None:
        raise Refused(gettext("The money of this order was refunded already."), code="already_refunded")
    return terms


def available_of(user_id: int, currency: str) -> Place:
    """Name a person's wallet."""
    return Place(AccountKind.AVAILABLE, currency, user_id=user_id)


def place_of(kind: AccountKind, order: OrderFacts | Terms) -> Place:
    """Name an account of an order."""
    return Place(kind, order.currency, order_id=order.id if isinstance(order, OrderFacts) else order.order_id)

"""Giving money back to the employer while it is clearing: an administrator's decision, all of the price or a part.

It is one transfer for each decision. What the freelancer loses comes out of clearing; the platform gives back its
commission and the employer's fee on the same part.
"""

from typing import Final

from sqlmodel import Session

from gigneo.api import Refused, fmt, gettext
from gigneo.plugins.wallet import kinds
from gigneo.plugins.wallet.escrow import available_of, place_of
from gigneo.plugins.wallet.ledger import Line, Place, post
from gigneo.plugins.wallet.models import AccountKind
from gigneo.plugins.wallet.splitting import split
from gigneo.plugins.wallet.terms import Terms, change_terms, lock_terms

FIELD: Final = "amount_minor"
"""The form field that a refused amount is about."""


def give_back(session: Session, order_id: int, amount_minor: int, actor_id: int | None) -> Terms:
    """Move a part of what an order has in clearing, and the platform's share of it, to the employer's wallet.

    Args:
        session: the action's writing transaction, in which the order is locked.
        order_id: the order.
        amount_minor: how much of the price is awarded to the employer, from 1 to what was not given back yet.
        actor_id: the administrator; ``None`` for the system.

    Returns:
        The order's terms; ``settled_at`` is set when nothing is left to pay out.

    Raises:
        Refused: ``not_paid``, ``not_released``, ``already_refunded`` or ``nothing_clearing`` for an order that has
            nothing in clearing; ``amount`` or ``too_much`` for an amount that can't be given back. Nothing was written.
    """
    terms = _in_clearing(session, order_id)
    _refuse_amount(terms, amount_minor)
    awarded = terms.awarded_minor + amount_minor
    agreed = (terms.price_minor, terms.commission_minor, terms.employer_fee_minor)
    after = split(*agreed, awarded, terms.rate_basis_points)
    parts = (
        (place_of(AccountKind.CLEARING, terms), terms.payout_minor - after.payout_minor),
        (Place(AccountKind.COMMISSION, terms.currency), terms.commission_kept_minor - after.commission_minor),
        (Place(AccountKind.FEES, terms.currency), terms.fee_kept_minor - after.employer_fee_minor),
    )
    employer = available_of(terms.employer_id, terms.currency)
    booked = post(
        session,
        kinds.returned_key(order_id, awarded),
        kinds.ORDER_RETURNED,
        [Line(place, employer, amount) for place, amount in parts if amount],
        order_id=order_id,
        actor_id=actor_id,
    )
    return change_terms(
        session,
        terms,
        awarded_minor=awarded,
        commission_back_minor=terms.commission_minor - after.commission_minor,
        fee_back_minor=terms.employer_fee_minor - after.employer_fee_minor,
        settled_at=booked.created_at if after.payout_minor == 0 else None,
    )


def _in_clearing(session: Session, order_id: int) -> Terms:
    """Return the locked terms of an order whose money is clearing, or say where it is instead."""
    terms = lock_terms(session, order_id)
    if terms is None:
        raise Refused(gettext("This order was never paid."), code="not_paid")
    if terms.released_at is None and terms.settled_at is None:
        raise Refused(gettext("The money of this order was not released yet: it is still in escrow."), code="not_released")
    if terms.released_at is None:
        raise Refused(gettext("The money of this order was refunded already."), code="already_refunded")
    if terms.settled_at is not None:
        raise Refused(gettext("Nothing is clearing for this order any more, so nothing can be given back."), "nothing_clearing")
    return terms


def _refuse_amount(terms: Terms, amount_minor: int) -> None:
    """Refuse what is no part of the price that is left."""
    if type(amount_minor) is not int or amount_minor < 1:
        raise Refused(gettext("The amount must be more than zero."), code="amount", field=FIELD)
    left = terms.price_minor - terms.awarded_minor
    if amount_minor > left:
        most = fmt.money(left, terms.currency)
        reason = gettext("At most %(amount)s of the price can be given back.", amount=most)
        raise Refused(reason, code="too_much", field=FIELD)

"""The wallet's use cases: what people, orders and timers ask of it. Each takes the caller's writing transaction."""

from datetime import datetime, timedelta
from typing import Any, Final

from sqlmodel import Session

from gigneo.api import Refused, audit, currency, fmt, gettext, hooks, is_demo, now, schedule, setting, unschedule
from gigneo.contributions import Refusal
from gigneo.hooks import CommissionQuote, OrderFacts
from gigneo.plugins.wallet import commission, escrow, kinds, returning
from gigneo.plugins.wallet.audit import prove
from gigneo.plugins.wallet.ledger import Booked, Line, Place, post
from gigneo.plugins.wallet.models import AccountKind
from gigneo.plugins.wallet.queries import purse

SANDBOX: Final = "sandbox"
CLEAR: Final = "wallet.clear"
AUDIT: Final = "wallet.audit"
AUDIT_EVERY: Final = timedelta(days=1)
ASK_AGAIN_AFTER: Final = timedelta(hours=1)
KEY_LENGTH: Final = 64


def top_up(session: Session, user_id: int, amount_minor: int, key: str, gateway: str = SANDBOX) -> Booked:
    """Bring money from outside into a person's wallet.

    Args:
        session: the action's writing transaction.
        user_id: whose wallet.
        amount_minor: how much, within the operator's limits.
        key: the form's own key, so that a second click books nothing.
        gateway: where it comes from; ``sandbox`` is play money, on a demo marketplace only.

    Raises:
        Refused: ``gateway``, ``key_missing``, ``key_reused``, ``too_little``, ``too_much`` or ``too_large``; nothing
            was booked.
    """
    _refuse_from_outside(gateway, key)
    least, most = int(setting("wallet", "top_up_min")), int(setting("wallet", "top_up_max"))
    if amount_minor < least:
        least_shown = fmt.money(least, currency())
        raise Refused(gettext("The least is %(amount)s.", amount=least_shown), code="too_little", field="amount")
    if amount_minor > most:
        most_shown = fmt.money(most, currency())
        raise Refused(gettext("The most at once is %(amount)s.", amount=most_shown), code="too_much", field="amount")
    return _bring(session, user_id, amount_minor, key, gateway)


def fund(session: Session, user_id: int, amount_minor: int, key: str) -> Booked:
    """Bring play money into a person's wallet, whatever the operator's limits are; for demo data.

    Args:
        session: a writing transaction.
        user_id: whose wallet.
        amount_minor: how much.
        key: of this person's top-ups, so that it is booked once.

    Raises:
        Refused: ``gateway``: this is no demo marketplace. ``key_missing``, ``key_reused`` or ``too_large``.
    """
    _refuse_from_outside(SANDBOX, key)
    return _bring(session, user_id, amount_minor, key, SANDBOX)


def _refuse_from_outside(gateway: str, key: str) -> None:
    if gateway != SANDBOX or not is_demo():
        raise Refused(gettext("Money can't be paid in on this site yet."), code="gateway")
    if not 0 < len(key) <= KEY_LENGTH:
        raise Refused(gettext("This form is incomplete. Open it again and send it once more."), code="key_missing")


def _bring(session: Session, user_id: int, amount_minor: int, key: str, gateway: str) -> Booked:
    outside = Place(AccountKind.OUTSIDE, currency(), gateway=gateway)
    wallet = Place(AccountKind.AVAILABLE, currency(), user_id=user_id)
    return post(
        session,
        f"top_up:{gateway}:{user_id}:{key}",
        kinds.TOP_UP,
        [Line(outside, wallet, amount_minor)],
        actor_id=user_id,
    )


def quote(price_minor: int) -> CommissionQuote:
    """Return what the platform takes for a price by the operator's present rates."""
    rates = (int(setting("wallet", "commission_rate")), int(setting("wallet", "employer_fee_rate")))
    return commission.quote(price_minor, *rates)


def pay_order(session: Session, order: OrderFacts, actor_id: int | None) -> None:
    """Move an order's price and fee into escrow; see :func:`gigneo.plugins.wallet.escrow.pay`."""
    escrow.pay(session, order, actor_id)


def clearing_time() -> timedelta:
    """Return how long the money of an order that is completed now clears before it can be spent."""
    return timedelta(days=int(setting("wallet", "clearing_days")))


def complete_order(session: Session, order: OrderFacts, actor_id: int | None) -> None:
    """Release an order's escrow, and set the timer that pays it out when it has cleared.

    Raises:
        Refused: see :func:`gigneo.plugins.wallet.escrow.release`.
    """
    terms = escrow.release(session, order.id, actor_id, clearing_time())
    if terms.settled_at is None and terms.clears_at is not None:
        schedule_clearing(session, order.id, terms.clears_at)


def schedule_clearing(session: Session, order_id: int, clears_at: datetime) -> None:
    """Set the timer that pays out what an order has in clearing."""
    schedule(session, CLEAR, _clear_key(order_id), clears_at, {"order_id": order_id})


def cancel_order(session: Session, order: OrderFacts, actor_id: int | None) -> int:
    """Give an order's escrow back to the employer, and return what went back."""
    return escrow.refund(session, order.id, actor_id)


def refund_order(session: Session, order: OrderFacts, amount_minor: int, actor_id: int | None) -> None:
    """Give a part of a completed order's price back to the employer; when nothing is left to pay out, no timer is either.

    Args:
        session: the action's writing transaction, in which the order is locked.
        order: a completed order whose money is clearing.
        amount_minor: how much of the price, from 1 to what was not given back yet.
        actor_id: the administrator; ``None`` for the system.

    Raises:
        Refused: see :func:`gigneo.plugins.wallet.returning.give_back`.
    """
    if returning.give_back(session, order.id, amount_minor, actor_id).settled_at is not None:
        unschedule(session, _clear_key(order.id))


def refuse_refund(session: Session, order_id: int) -> Refusal | None:
    """Say why nothing can be given back of an order: none of its price is clearing.

    Args:
        session: reads where the money is.
        order_id: the order.
    """
    found = purse(session, order_id)
    if found is not None and found.refundable_minor > 0:
        return None
    return Refusal(gettext("Nothing is clearing for this order any more, so nothing can be given back."), "nothing_clearing")


def clear_order(payload: dict[str, Any], session: Session) -> None:
    """Pay out what has cleared, or ask again later while something stands against it. The handler of ``wallet.clear``.

    Args:
        payload: the ``order_id``.
        session: the task's writing transaction.
    """
    order_id = int(payload["order_id"])
    if hooks.veto("wallet_hold_on_order", order_id=order_id, session=session):
        schedule(session, CLEAR, _clear_key(order_id), now() + ASK_AGAIN_AFTER, {"order_id": order_id})
        return
    escrow.clear(session, order_id)


def audit_ledger(payload: dict[str, Any], session: Session) -> None:
    """Prove the ledger, and leave an audit row that says what came of it. The handler of ``wallet.audit``."""
    report = prove(session)
    violations = [f"{violation.check}: {violation.subject}" for violation in report.violations]
    audit(session, "ledger.proven" if report.ok else "ledger.violated", "ledger", {"violations": violations[:20]}, actor_id=None)


def _clear_key(order_id: int) -> str:
    return f"{CLEAR}:{order_id}"

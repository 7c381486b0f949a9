"""Placing, paying and dropping: how an order begins, or does not."""

import json
from collections.abc import Mapping
from datetime import timedelta
from typing import Final

from sqlmodel import Session, col, select

from gigneo.api import Refused, RefusedMany, active_roles, currency, draw_number, emit, gettext, hooks, now, setting
from gigneo.hooks import CommissionQuote, OrderCancelled, OrderFacts, OrderPaid, OrderPlaced, OrderTerms
from gigneo.plugins.orders.agreeing import refuse_changed
from gigneo.plugins.orders.decisions import find
from gigneo.plugins.orders.models import Order
from gigneo.plugins.orders.queries import facts_by_id
from gigneo.plugins.orders.searching import learn_words, words_of
from gigneo.plugins.orders.states import EMPLOYER, FREELANCER, SYSTEM
from gigneo.plugins.orders.steps import begin, event_fields, finish, record, told
from gigneo.plugins.orders.timers import arm

LARGEST: Final = 2**53


def place(
    session: Session,
    terms: OrderTerms,
    actor_id: int,
    *,
    seen: Mapping[str, str] | None = None,
    number: str | None = None,
) -> OrderFacts:
    """Place an order: the terms are frozen, the commission is quoted and frozen with them. No money moves.

    Args:
        session: the action's writing transaction.
        terms: what was agreed.
        actor_id: the employer.
        seen: the offer on the page that the person agreed on, as ``offer_seen`` gave it; another one is refused.
        number: a public number to take, for demo data; a random free one when absent.

    Raises:
        Refused: a rule or a module refuses these terms.
        RefusedMany: several do, or the offer is not the one that was seen.
    """
    if actor_id != terms.employer_id:
        raise Refused(gettext("Only the employer can place this order."), code="wrong_role")
    _refuse_impossible(terms)
    _refuse_absent(session, terms)
    rule = find("place")
    refusals = hooks.veto(rule.veto or "", terms=terms, session=session)
    if refusals:
        raise Refused(refusals[0].reason, refusals[0].code) if len(refusals) == 1 else RefusedMany(refusals)
    quote = hooks.first("quote_commission", terms=terms, session=session) or CommissionQuote(0)
    if seen is not None:
        refuse_changed(seen, terms, terms.price_minor + quote.employer_fee_minor)
    at = now()
    order = Order(
        number=number or draw_number(lambda drawn: _has_number(session, drawn)),
        kind=terms.kind,
        state=rule.to,
        title=terms.title,
        package=terms.package,
        features=json.dumps(terms.features, ensure_ascii=False),
        category=terms.category,
        source_id=terms.source_id,
        employer_id=terms.employer_id,
        freelancer_id=terms.freelancer_id,
        price_minor=terms.price_minor,
        employer_fee_minor=quote.employer_fee_minor,
        commission_minor=quote.commission_minor,
        rate_basis_points=quote.rate_basis_points,
        currency=terms.currency,
        days=terms.days,
        revisions_total=terms.revisions,
        placed_at=at,
        pay_until=at + timedelta(hours=int(setting("orders", "pay_hours"))),
        words=words_of(terms.title, terms.employer_id, terms.freelancer_id),
    )
    session.add(order)
    session.flush()
    assert order.id is not None
    learn_words(session, [terms.title])
    record(session, order.id, "placed", actor_id, version=1, at=at)
    placed = facts_by_id(session, order.id)
    assert placed is not None
    emit(session, OrderPlaced(**event_fields(placed, actor_id, at)))
    arm(session, None, placed)
    return placed


def pay(session: Session, order: int | str, actor_id: int | None, *, version: int | None = None) -> OrderFacts:
    """Pay an order: the price goes into escrow, the work starts, and the due date stands.

    Args:
        session: the action's writing transaction.
        order: the key, or the public number.
        actor_id: the employer; ``None`` for the system, when money arrived from outside.
        version: of the page that the person saw.

    Raises:
        Refused: a rule refuses, or whoever moves the money does; the order then stays as it was.
    """
    step = begin(session, order, "pay", actor_id, version)
    hooks.participate("order_paying", order=step.order, actor_id=step.actor_id, session=session)
    due = step.at + timedelta(days=step.order.days)
    return finish(
        session,
        step,
        kind="paid",
        params={"total_minor": step.order.total_minor},
        changes={"started_at": step.at, "due_at": due},
        event=OrderPaid(**told(step), due_at=due),
    )


def drop(session: Session, order: int | str, actor_id: int | None, *, version: int | None = None) -> OrderFacts:
    """Drop an order that is not paid: no money moved, and nobody's record is touched.

    Args:
        session: the action's writing transaction.
        order: the key, or the public number.
        actor_id: the employer.
        version: of the page that the person saw.

    Raises:
        Refused: a rule refuses.
    """
    step = begin(session, order, "drop", actor_id, version)
    return finish(
        session,
        step,
        kind="dropped",
        changes={"cancelled_by": EMPLOYER},
        event=OrderCancelled(**told(step), cancelled_by=EMPLOYER, refunded_minor=0),
    )


def expire(session: Session, order: int | str) -> OrderFacts:
    """End an order that nobody has paid in time: no money moved, and money that comes later stays in the wallet.

    Args:
        session: the timer's writing transaction.
        order: the key, or the public number.
    """
    step = begin(session, order, "expire", None)
    event = OrderCancelled(**told(step), cancelled_by=SYSTEM, refunded_minor=0)
    return finish(session, step, kind="expired", changes={"cancelled_by": SYSTEM}, event=event)


def _refuse_impossible(terms: OrderTerms) -> None:
    """Refuse what no rule of a module could make sense of; the database refuses it as well."""
    if terms.employer_id == terms.freelancer_id:
        raise Refused(gettext("You can't order from yourself."), code="own_service")
    if terms.currency != currency():
        raise Refused(gettext("This site works in %(currency)s only.", currency=currency()), code="currency")
    if not 1 <= terms.price_minor <= LARGEST:
        raise Refused(gettext("This price is not possible."), code="price")
    if not 1 <= terms.days <= 3650 or (terms.revisions is not None and not 0 <= terms.revisions <= 1000):
        raise Refused(gettext("These terms are not possible."), code="terms")


def _refuse_absent(session: Session, terms: OrderTerms) -> None:
    """Refuse to bring people together of whom one is suspended, or has not the role any more."""
    roles = active_roles(session, (terms.employer_id, terms.freelancer_id))
    if FREELANCER not in roles[terms.freelancer_id]:
        raise Refused(gettext("This freelancer takes no orders at present."), code="freelancer_absent")
    if EMPLOYER not in roles[terms.employer_id]:
        raise Refused(gettext("Only employers place orders, and your account is not one."), code="employer_absent")


def _has_number(session: Session, number: str) -> bool:
    return session.exec(select(Order.id).where(col(Order.number) == number)).first() is not None

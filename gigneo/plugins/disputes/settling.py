"""Opening a dispute, and the ways out of it: withdrawn by whoever opened it, closed by the administrator, or lapsed."""

from typing import Final

from sqlmodel import Session, col, func, select

from gigneo.api import Refused, audit, emit, gettext, now
from gigneo.api import lazy_gettext as _l
from gigneo.contributions import Refusal
from gigneo.hooks import OrderAction, OrderFacts, OrderGuard
from gigneo.plugins.disputes.hooks import DisputeOpened, DisputeSettled
from gigneo.plugins.disputes.models import CLOSED, LAPSED, OPEN, WITHDRAWN, Dispute
from gigneo.plugins.orders import api as orders

PLUGIN: Final = "disputes"
OPENING: Final = "open_dispute"
TEXT_LIMIT: Final = 5000
OUTCOME_LIMIT: Final = 500
BLOCKED: Final = (
    "accept_extension", "approve", "approve_cancellation", "cancel", "cancel_by_silence", "cancel_late", "complete",
    "decline_extension", "deliver_draft", "deliver_final", "extend_review", "give_feedback", "reject_cancellation",
    "request_cancellation", "request_extension", "request_revision",
)  # fmt: skip

ACTION: Final = OrderAction(
    name=OPENING,
    label=_l("Open Dispute"),
    actors=frozenset({"employer", "freelancer"}),
    states=frozenset({"active", "delivered", "in_revision"}),
    endpoint="disputes.open_form",
    fact="disputes_opened",
    tells=frozenset({"employer", "freelancer"}),
    replaces="ask_administrator",
    position=70,
)


def _only_one(order: OrderFacts, _action: OrderAction, _role: str) -> Refusal | None:
    if any(hold.plugin == PLUGIN for hold in order.holds):
        return Refusal(_l("A dispute is open already; see the Dispute tab."), "dispute_open")
    return None


GUARD: Final = OrderGuard("one_dispute", frozenset({OPENING}), _only_one)


def open_dispute(
    session: Session, order: int | str, actor_id: int, *, reason: str, description: str, version: int | None = None
) -> int:
    """Open a dispute: the order is on hold until it is settled.

    Args:
        session: the action's writing transaction.
        order: the key, or the public number.
        actor_id: one of the two parties.
        reason: one of the form's reasons.
        description: what happened, as typed.
        version: of the page that the person saw.

    Returns:
        The dispute's id.

    Raises:
        Refused: a rule of orders or of a module refuses, or the description is missing or too long.
    """
    step = orders.begin(session, order, OPENING, actor_id, version)
    text = description.strip()
    if not text:
        raise Refused(gettext("Describe what happened."), code="empty", field="description")
    if len(text) > TEXT_LIMIT:
        raise Refused(
            gettext("The description has %(length)s characters; the limit is %(limit)s.", length=len(text), limit=TEXT_LIMIT),
            code="too_long",
            field="description",
        )
    why = gettext("A dispute is open. Nothing can be delivered, approved, revised or cancelled until it is settled.")
    hold_id = orders.place_hold(session, step.order.id, PLUGIN, why, BLOCKED)
    dispute = Dispute(
        order_id=step.order.id, opened_by_id=actor_id, reason=reason, description=text, hold_id=hold_id, opened_at=step.at
    )
    session.add(dispute)
    session.flush()
    assert dispute.id is not None
    orders.record_activity(
        session, step.order.id, "disputes.opened", gettext("opened a dispute"), actor_id=actor_id, params={"dispute": dispute.id}
    )
    about = orders.event_fields(step.order, actor_id, step.at)
    emit(session, DisputeOpened(**about, dispute_id=dispute.id, reason=reason))
    return dispute.id


def withdraw(session: Session, order: int | str, actor_id: int) -> int:
    """Withdraw the open dispute of an order: the order goes on where it was.

    Args:
        session: the action's writing transaction.
        order: the key, or the public number.
        actor_id: whoever opened it.

    Returns:
        The dispute's id.

    Raises:
        Refused: no dispute is open, or somebody else opened it.
    """
    facts = orders.lock_order(session, order)
    dispute = open_of(session, facts.id)
    if dispute is None or facts.role_of(actor_id) is None:
        raise Refused(gettext("No dispute is open on this order."), code="no_dispute")
    if dispute.opened_by_id != actor_id:
        raise Refused(gettext("Only whoever opened the dispute can withdraw it."), code="wrong_role")
    _settle(session, dispute, WITHDRAWN, actor_id, "")
    orders.record_activity(session, facts.id, "disputes.withdrawn", gettext("withdrew the dispute"), actor_id=actor_id)
    emit(session, DisputeSettled(**orders.event_fields(facts, actor_id, now()), dispute_id=_id_of(dispute), reason=""))
    return _id_of(dispute)


def close(session: Session, dispute_id: int, actor_id: int, reason: str) -> int:
    """Close a dispute as administrator: both sides read why, and the order goes on.

    Args:
        session: the action's writing transaction.
        dispute_id: the dispute.
        actor_id: the administrator.
        reason: why; required.

    Returns:
        The dispute's id.

    Raises:
        Refused: it is not open any more, or no reason is given.
    """
    found = session.get(Dispute, dispute_id)
    if found is None:
        raise Refused(gettext("There is no such dispute."), code="not_found")
    facts = orders.lock_order(session, found.order_id)
    session.refresh(found)
    text = reason.strip()
    if not text:
        raise Refused(gettext("Say why; both sides read it."), code="empty", field="reason")
    if len(text) > OUTCOME_LIMIT:
        raise Refused(gettext("At most %(limit)s characters.", limit=OUTCOME_LIMIT), code="too_long", field="reason")
    if found.state != OPEN:
        raise Refused(gettext("This dispute is not open any more."), code="not_open")
    _settle(session, found, CLOSED, actor_id, text)
    orders.record_activity(
        session, facts.id, "disputes.closed", gettext("closed the dispute"), actor_id=actor_id, params={"reason": text}
    )
    audit(session, "disputes.closed", f"order:{facts.number}", {"dispute": dispute_id, "reason": text}, actor_id=actor_id)
    emit(session, DisputeSettled(**orders.event_fields(facts, actor_id, now()), dispute_id=dispute_id, reason=text))
    return dispute_id


def lapse(session: Session, order_id: int) -> None:
    """Settle the open dispute of an order that has ended another way."""
    orders.lock_order(session, order_id)
    dispute = open_of(session, order_id)
    if dispute is not None:
        _settle(session, dispute, LAPSED, None, "")


def reconcile(session: Session) -> None:
    """Catch up with what happened while this module was off: orders that ended, holds that an administrator lifted."""
    for dispute in session.exec(select(Dispute).where(col(Dispute.state) == OPEN).order_by(col(Dispute.order_id))).all():
        order = orders.lock_order(session, dispute.order_id)
        standing = any(hold.id == dispute.hold_id for hold in order.holds)
        if order.state not in ACTION.states or not standing:
            _settle(session, dispute, LAPSED, None, "")


def leave(session: Session) -> None:
    """Note on each order with an open dispute that its hold stays, for an administrator to lift."""
    for order_id in session.exec(select(Dispute.order_id).where(col(Dispute.state) == OPEN)).all():
        words = gettext("switched disputes off; the hold stays until it is lifted")
        orders.record_activity(session, order_id, "disputes.left", words, actor_id=None)


def open_of(session: Session, order_id: int) -> Dispute | None:
    """Return the open dispute of an order, if there is one. Lock the order first when it is to be settled."""
    statement = select(Dispute).where(col(Dispute.order_id) == order_id, col(Dispute.state) == OPEN)
    return session.exec(statement.execution_options(populate_existing=True)).first()


def count_open(session: Session) -> int:
    """Return how many disputes are open on the site."""
    return session.exec(select(func.count()).select_from(Dispute).where(col(Dispute.state) == OPEN)).one()


def _id_of(dispute: Dispute) -> int:
    assert dispute.id is not None
    return dispute.id


def _settle(session: Session, dispute: Dispute, state: str, actor_id: int | None, outcome: str) -> None:
    dispute.state, dispute.settled_at, dispute.settled_by_id, dispute.outcome = state, now(), actor_id, outcome
    session.add(dispute)
    session.flush()
    orders.lift_hold(session, dispute.order_id, dispute.hold_id)

"""Reviewing what was delivered: approve it, or say what should change."""

from sqlmodel import Session

from gigneo.api import Refused, gettext, hooks
from gigneo.hooks import OrderCompleted, OrderFacts, RevisionRequested
from gigneo.plugins.orders.delivering import TEXT_LIMIT
from gigneo.plugins.orders.models import Revision
from gigneo.plugins.orders.steps import begin, finish, told


def request_revision(
    session: Session, order: int | str, actor_id: int, *, instructions: str, version: int | None = None
) -> OrderFacts:
    """Ask for changes: spends one revision and gives the work back.

    Args:
        session: the action's writing transaction.
        order: the key, or the public number.
        actor_id: the employer.
        instructions: what should change, as typed; required.
        version: of the page that the person saw.

    Raises:
        Refused: no revisions are left, another rule refuses, or the instructions are missing or too long.
    """
    step = begin(session, order, "request_revision", actor_id, version)
    text = instructions.strip()
    if not text:
        raise Refused(gettext("Say what should change."), code="empty", field="instructions")
    if len(text) > TEXT_LIMIT:
        raise Refused(
            gettext("The instructions have %(length)s characters; the limit is %(limit)s.", length=len(text), limit=TEXT_LIMIT),
            code="too_long",
            field="instructions",
        )
    used = step.order.revisions_used + 1
    left = None if step.order.revisions_total is None else step.order.revisions_total - used
    session.add(Revision(order_id=step.order.id, employer_id=actor_id, round=used, instructions=text, at=step.at))
    return finish(
        session,
        step,
        kind="revision_requested",
        params={"left": left},
        changes={"revisions_used": used},
        event=RevisionRequested(**told(step), revisions_left=left),
    )


def approve(session: Session, order: int | str, actor_id: int, *, version: int | None = None) -> OrderFacts:
    """Approve the final delivery: the order is completed, and the escrow is released in the same transaction.

    Args:
        session: the action's writing transaction.
        order: the key, or the public number.
        actor_id: the employer.
        version: of the page that the person saw.

    Raises:
        Refused: a rule refuses, or whoever moves the money does; nothing has changed then.
    """
    step = begin(session, order, "approve", actor_id, version)
    hooks.participate("order_completing", order=step.order, session=session)
    return finish(session, step, kind="completed", changes={"finished_at": step.at}, event=OrderCompleted(**told(step)))

"""Reviewing what was delivered: approve it, say what should change, judge a draft, take more time, or let time decide."""

from collections.abc import Iterable, Sequence
from typing import Any

from sqlmodel import Session, col, select

from gigneo.api import gettext, hooks, written
from gigneo.hooks import (
    FeedbackReceived,
    OrderCompleted,
    OrderFacts,
    ReviewExtended,
    ReviewReminded,
    RevisionRequested,
)
from gigneo.plugins.orders import clocks
from gigneo.plugins.orders.file_rows import REVISION
from gigneo.plugins.orders.filing import attach
from gigneo.plugins.orders.limits import TEXT_LIMIT
from gigneo.plugins.orders.models import Delivery, Feedback, Revision
from gigneo.plugins.orders.steps import begin, finish, told


def request_revision(
    session: Session,
    order: int | str,
    actor_id: int,
    *,
    instructions: str,
    file_ids: Sequence[int] = (),
    uploads: Iterable[Any] = (),
    version: int | None = None,
) -> OrderFacts:
    """Ask for changes: spends one revision and gives the work back.

    Args:
        session: the action's writing transaction.
        order: the key, or the public number.
        actor_id: the employer.
        instructions: what should change, as typed; required.
        file_ids: files that this employer sent before, by :func:`~gigneo.plugins.orders.filing.keep`.
        uploads: files that show it, as :func:`~gigneo.api.receiving` gave them, or as they came with the form.
        version: of the page that the person saw.

    Raises:
        Refused: no revisions are left, another rule refuses, the instructions are missing or too long, or a file is not
            one that may be sent.
    """
    step = begin(session, order, "request_revision", actor_id, version)
    text = written(instructions, "instructions", TEXT_LIMIT, missing=gettext("Say what should change."))
    used = step.order.revisions_used + 1
    left = None if step.order.revisions_total is None else step.order.revisions_total - used
    revision = Revision(order_id=step.order.id, employer_id=actor_id, round=used, instructions=text, at=step.at)
    session.add(revision)
    session.flush()
    files = attach(session, step.order, actor_id, uploads, file_ids=file_ids, kind="instruction", origin=(REVISION, revision.id))
    return finish(
        session,
        step,
        kind="revision_requested",
        params={"left": left, "files": len(files)},
        changes={"revisions_used": used, **clocks.STOPPED_FOR_GOOD},
        event=RevisionRequested(**told(step), revisions_left=left),
    )


def give_feedback(session: Session, order: int | str, actor_id: int, *, text: str, version: int | None = None) -> OrderFacts:
    """Say what one thinks of the latest draft, which then waits no longer: changes no state, spends no revision.

    Args:
        session: the action's writing transaction.
        order: the key, or the public number.
        actor_id: the employer.
        text: the feedback, as typed; required.
        version: of the page that the person saw.

    Raises:
        Refused: no draft waits for feedback, another rule refuses, or the text is missing or too long.
    """
    step = begin(session, order, "give_feedback", actor_id, version)
    said = written(text, "text", TEXT_LIMIT, missing=gettext("Say what you think of the draft."))
    latest = select(Delivery).where(col(Delivery.order_id) == step.order.id, col(Delivery.final).is_(False))
    draft = session.exec(latest.order_by(col(Delivery.id).desc()).limit(1)).one()
    session.add(
        Feedback(order_id=step.order.id, delivery_id=draft.id, employer_id=actor_id, round=draft.round, text=said, at=step.at)
    )
    return finish(
        session,
        step,
        kind="feedback",
        params={"round": draft.round},
        changes={"draft_at": None},
        event=FeedbackReceived(**told(step), round=draft.round),
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
    hooks.participate("order_completing", order=step.order, actor_id=step.actor_id, session=session)
    return finish(session, step, kind="completed", event=OrderCompleted(**told(step), completed_by=step.role))


def complete(session: Session, order: int | str) -> OrderFacts:
    """Complete an order whose review time is over without an answer; as approving does, in the system's name.

    Args:
        session: the timer's writing transaction.
        order: the key, or the public number.

    Raises:
        Refused: the order is not reviewed any more, or a hold stands on it.
    """
    step = begin(session, order, "complete", None)
    hooks.participate("order_completing", order=step.order, actor_id=step.actor_id, session=session)
    return finish(session, step, kind="completed_by_time", event=OrderCompleted(**told(step), completed_by=step.role))


def remind(session: Session, order: int | str) -> OrderFacts:
    """Remind the employer that the review time is nearly over; a reminder that comes after its end is none.

    Args:
        session: the timer's writing transaction.
        order: the key, or the public number.
    """
    step = begin(session, order, "remind", None)
    until = step.order.review_until
    if until is None or until <= step.at:
        return step.order
    event = ReviewReminded(**told(step), until=until)
    return finish(session, step, kind="reminded", changes={"reminded_at": step.at}, event=event, noted=True)


def extend_review(session: Session, order: int | str, actor_id: int, *, version: int | None = None) -> OrderFacts:
    """Take more time to review: once per final delivery, by the operator's number of days.

    Args:
        session: the action's writing transaction.
        order: the key, or the public number.
        actor_id: the employer.
        version: of the page that the person saw.

    Raises:
        Refused: it was extended already, or another rule refuses.
    """
    step = begin(session, order, "extend_review", actor_id, version)
    changes = clocks.extend(step.order)
    until = changes.get("review_until")
    return finish(session, step, kind="review_extended", changes=changes, event=ReviewExtended(**told(step), until=until))

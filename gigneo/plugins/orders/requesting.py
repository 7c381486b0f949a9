"""Requests for a cancellation by agreement: the employer asks, the freelancer answers, silence is noted."""

from datetime import timedelta

from sqlalchemy import update
from sqlmodel import Session, col

from gigneo.api import Refused, gettext, setting, written, written_or_empty
from gigneo.hooks import (
    CancellationRejected,
    CancellationRequested,
    CancellationUnanswered,
    CancellationWithdrawn,
    OrderFacts,
    RequestFacts,
)
from gigneo.plugins.orders import clocks
from gigneo.plugins.orders.asking import answer, ask
from gigneo.plugins.orders.cancelling import end
from gigneo.plugins.orders.limits import TEXT_LIMIT
from gigneo.plugins.orders.models import Request
from gigneo.plugins.orders.queries import facts_by_id, lock
from gigneo.plugins.orders.settings import cancellation_reasons
from gigneo.plugins.orders.steps import Step, begin, finish, told

AGREEMENT = "agreement"


def request_cancellation(
    session: Session, order: int | str, actor_id: int, *, reason: str, description: str, version: int | None = None
) -> OrderFacts:
    """Ask the freelancer to cancel: no money moves, and the review time stands still, once per final delivery.

    Args:
        session: the action's writing transaction.
        order: the key, or the public number.
        actor_id: the employer.
        reason: one of the operator's reasons.
        description: why, as typed; required.
        version: of the page that the person saw.

    Raises:
        Refused: a request is open already, another rule refuses, the reason is none of the list, or nothing is described.
    """
    step = begin(session, order, "request_cancellation", actor_id, version)
    if reason not in cancellation_reasons():
        raise Refused(gettext("Choose a reason."), code="reason", field="reason")
    text = written(description, "description", TEXT_LIMIT, missing=gettext("Describe why the order should be cancelled."))
    reviewed = step.order.review_until is not None or step.order.review_left_seconds is not None
    stops = reviewed and not step.order.review_stopped
    answer_by = step.at + timedelta(hours=int(setting("orders", "answer_hours")))
    silence_agrees = bool(setting("orders", "silence_approves"))
    request_id = ask(
        session,
        step.order,
        "cancellation",
        actor_id,
        step.at,
        to_id=step.order.freelancer_id,
        reason=reason,
        text=text,
        answer_by=answer_by,
        stops_review=stops,
        silence_agrees=silence_agrees,
    )
    changes = {**clocks.pause(step.order, step.at), "review_stopped": True} if stops else {}
    return finish(
        session,
        step,
        kind="cancellation_requested",
        params={"reason": f"{reason}: {text}"},
        changes=changes,
        event=CancellationRequested(
            **told(step),
            request_id=request_id,
            reason=reason,
            answer_by=None if step.order.holds else answer_by,
            silence_agrees=silence_agrees,
        ),
    )


def withdraw_cancellation(session: Session, order: int | str, actor_id: int, *, version: int | None = None) -> OrderFacts:
    """Take the cancellation request back: the order goes on where it was.

    Args:
        session: the action's writing transaction.
        order: the key, or the public number.
        actor_id: the employer.
        version: of the page that the person saw.

    Raises:
        Refused: no request is open, or another rule refuses.
    """
    step = begin(session, order, "withdraw_cancellation", actor_id, version)
    asked = _asked(step)
    answer(session, asked, "withdrawn", actor_id, step.at)
    event = CancellationWithdrawn(**told(step), request_id=asked.id)
    return finish(session, step, kind="cancellation_withdrawn", changes=_resumed(session, step), event=event)


def approve_cancellation(session: Session, order: int | str, actor_id: int, *, version: int | None = None) -> OrderFacts:
    """Agree to cancel: the whole escrow goes back to the employer, and nobody's record is touched.

    Args:
        session: the action's writing transaction.
        order: the key, or the public number.
        actor_id: the freelancer.
        version: of the page that the person saw.

    Raises:
        Refused: no request is open, another rule refuses, or whoever moves the money does.
    """
    step = begin(session, order, "approve_cancellation", actor_id, version)
    return _agree(session, step, actor_id, "cancelled_by_agreement")


def reject_cancellation(
    session: Session, order: int | str, actor_id: int, *, answer_text: str = "", version: int | None = None
) -> OrderFacts:
    """Don't agree to cancel: the order goes on, and both sides may ask the administrator.

    Args:
        session: the action's writing transaction.
        order: the key, or the public number.
        actor_id: the freelancer.
        answer_text: why not, as typed; may be empty.
        version: of the page that the person saw.

    Raises:
        Refused: no request is open, another rule refuses, or the text is too long.
    """
    step = begin(session, order, "reject_cancellation", actor_id, version)
    asked, said = _asked(step), written_or_empty(answer_text, "answer_text", TEXT_LIMIT)
    answer(session, asked, "rejected", actor_id, step.at, said)
    return finish(
        session,
        step,
        kind="cancellation_rejected",
        params={"reason": said} if said else {},
        changes={**_resumed(session, step), "refused_at": step.at},
        event=CancellationRejected(**told(step), request_id=asked.id),
    )


def silence(session: Session, order: int | str) -> OrderFacts:
    """Note that nobody answered a cancellation request in time.

    No money moves: the order is flagged for the administrator, and the request can still be answered. Where the operator
    had chosen so when it was asked, silence agrees instead, and the order is cancelled.

    Args:
        session: the timer's writing transaction.
        order: the key, or the public number.

    Raises:
        Refused: no request is open any more, or a hold stands on the order.
    """
    facts = lock(session, order)
    waiting = None if facts is None else facts.request("cancellation")
    if waiting is not None and waiting.silence_agrees:
        step = begin(session, order, "cancel_by_silence", None)
        return _agree(session, step, None, "cancelled_by_silence")
    step = begin(session, order, "note_silence", None)
    asked = _asked(step)
    session.execute(update(Request).where(col(Request.id) == asked.id).values(silent_at=step.at))
    event = CancellationUnanswered(**told(step), request_id=asked.id)
    return finish(session, step, kind="cancellation_unanswered", changes={"refused_at": step.at}, event=event)


def _agree(session: Session, step: Step, by_id: int | None, kind: str) -> OrderFacts:
    answer(session, _asked(step), "accepted", by_id, step.at)
    return end(session, step, AGREEMENT, kind=kind)


def _asked(step: Step) -> RequestFacts:
    asked = step.order.request("cancellation")
    if asked is None:
        raise Refused(gettext("No cancellation was requested."), code="no_request")
    return asked


def _resumed(session: Session, step: Step) -> dict[str, object]:
    """Let the review time go on, if this request alone has stopped it."""
    without = facts_by_id(session, step.order.id)
    return {} if without is None else clocks.resume(without, step.at)

"""What the forms of an order share: the form key, the version that the person saw, and answers that say what happened."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from flask import request
from sqlmodel import Session

from gigneo.api import Refused, RefusedMany, once, person, read, whole_number, write
from gigneo.hooks import OrderFacts
from gigneo.plugins.orders.contents import activity
from gigneo.plugins.orders.history import Entry, entries
from gigneo.plugins.orders.queries import facts_by_id


@dataclass(frozen=True, slots=True)
class Answer:
    """What a refused form says.

    Attributes:
        reasons: every reason, for the summary.
        field: the field that it is about, if one.
        code: the first reason's code.
        happened: what happened to the order since the page was made, when the page was stale.
    """

    reasons: tuple[str, ...]
    field: str | None
    code: str
    happened: tuple[Entry, ...] = ()

    @property
    def stale(self) -> bool:
        """Whether the order moved on while the person was looking."""
        return self.code in {"stale", "wrong_state"}


def act(order: OrderFacts, action: str, body: Mapping[str, Any], run: Callable[[Session], object]) -> Answer | None:
    """Run a use case once for the form that was posted.

    Args:
        order: the order, as the request found it.
        action: which form it is.
        body: everything the person entered.
        run: calls the use case with the transaction's session.

    Returns:
        ``None`` when it was done, now or the first time; otherwise why not. Nothing was written then.
    """

    def do(session: Session) -> str:
        run(session)
        return order.number

    try:
        with write() as session:
            entered = {**body, "action": action, "order": order.number, "version": seen_version()}
            once(session, request.form.get("form_key", ""), entered, lambda: do(session))
    except (Refused, RefusedMany) as refusal:
        read().rollback()  # what is read next is what is there now, not what the request began with
        return answer_to(refusal, order)
    return None


def answer_to(refusal: Refused | RefusedMany, order: OrderFacts) -> Answer:
    """Return what a form says about a refusal."""
    viewer = person()
    seen = seen_version()
    happened: tuple[Entry, ...] = ()
    if refusal.code in {"stale", "wrong_state"} and seen >= 0 and viewer is not None:
        rows = activity(read(), order.id, size=5, after_version=seen)
        happened = tuple(entries(rows, viewer.id, order.currency))
    reasons = tuple(str(reason.reason) for reason in refusal.refusals)
    return Answer(reasons, refusal.field, refusal.code, happened)


def reload(order: OrderFacts) -> OrderFacts:
    """Return the order as it is now, after a form was refused."""
    read().rollback()
    return facts_by_id(read(), order.id) or order


def seen_version() -> int:
    """Return the order's version on the page that the form came from; nonsense, or none, is a version that never was."""
    version = whole_number(request.form.get("version"))
    return -1 if version is None else version

"""What other plugins may use of orders, when their manifest requires it."""

from collections.abc import Mapping
from typing import Any

from flask.typing import ResponseReturnValue
from sqlmodel import Session

from gigneo.api import Refused, contributions, gettext
from gigneo.hooks import OrderFacts
from gigneo.plugins.orders.agreeing import offer_seen, offer_sent
from gigneo.plugins.orders.answers import not_offered
from gigneo.plugins.orders.attaching import add_files, take_back
from gigneo.plugins.orders.cancelling import cancel, cancel_late
from gigneo.plugins.orders.copying import copy_orders, count_records
from gigneo.plugins.orders.decisions import decide, find
from gigneo.plugins.orders.delivering import deliver, mark_late
from gigneo.plugins.orders.extending import accept_extension, decline_extension, request_extension, withdraw_extension
from gigneo.plugins.orders.file_rows import FileRow, by_origin, files_that_came_with
from gigneo.plugins.orders.filing import attach, file_limits, keep, kept_uploads, upload_rules
from gigneo.plugins.orders.form_files import FormFiles
from gigneo.plugins.orders.glancing import Glance, glancing
from gigneo.plugins.orders.holding import lift_hold, place_hold
from gigneo.plugins.orders.loaders import load_page, load_party_order
from gigneo.plugins.orders.placing import drop, expire, pay, place
from gigneo.plugins.orders.queries import OrderHeader, facts_by_id, facts_by_number, lock
from gigneo.plugins.orders.records import Rates, rates_of
from gigneo.plugins.orders.requesting import (
    approve_cancellation,
    reject_cancellation,
    request_cancellation,
    silence,
    withdraw_cancellation,
)
from gigneo.plugins.orders.reviewing import approve, complete, extend_review, give_feedback, remind, request_revision
from gigneo.plugins.orders.routes import render_order
from gigneo.plugins.orders.searching import words_of
from gigneo.plugins.orders.settings import cancellation_reasons
from gigneo.plugins.orders.settling import (
    answer_as_administrator,
    ask_administrator,
    cancel_as_administrator,
    complete_as_administrator,
    refund_as_administrator,
)
from gigneo.plugins.orders.steps import Step, begin, event_fields, finish, record
from gigneo.plugins.orders.tallying import tally
from gigneo.plugins.orders.wording import fill, values_of


def facts(session: Session, order: int | str) -> OrderFacts:
    """Read an order as hooks see it.

    Args:
        session: a reading session, or a writing one.
        order: the key, or the public number.

    Raises:
        Refused: there is no such order.
    """
    found = facts_by_id(session, order) if isinstance(order, int) else facts_by_number(session, order)
    if found is None:
        raise Refused(gettext("There is no such order."), code="not_found")
    return found


def lock_order(session: Session, order: int | str) -> OrderFacts:
    """Lock an order's row, then read it: do this first in a transaction that judges by the order.

    Raises:
        Refused: there is no such order.
    """
    found = lock(session, order)
    if found is None:
        raise Refused(gettext("There is no such order."), code="not_found")
    return found


def record_activity(
    session: Session,
    order_id: int,
    kind: str,
    text: str,
    *,
    params: Mapping[str, Any] | None = None,
    actor_id: int | None = None,
) -> None:
    """Add a fact to an order's history, shown under Activity to both sides.

    Args:
        session: the action's writing transaction.
        order_id: the order.
        kind: ``<plugin>.<what happened>``.
        text: what happened, in words that follow the person's name.
        params: plain values, kept with it; ``reason`` is shown below the text.
        actor_id: who did it; ``None`` for the system.
    """
    record(session, order_id, kind, actor_id, params=params, text=text, version=facts(session, order_id).version)


def why_not(session: Session, order: OrderFacts, action: str, role: str) -> list[str]:
    """Say why somebody may not do something with an order now; nothing when they may.

    Args:
        session: a reading session.
        order: the order.
        action: its name in the process table.
        role: ``employer`` or ``freelancer``.
    """
    decision = decide(order, find(action), role, session)
    return [str(fill(refusal.reason, values_of(order))) for refusal in decision.refusals]


def show_tab(order: OrderHeader, name: str, status: int = 200, **values: Any) -> ResponseReturnValue:
    """Render the order page on one of its tabs, as when the form of a tab was refused.

    Args:
        order: as :func:`load_page` gives it.
        name: the tab.
        status: of the answer.
        values: for its template; they win over what its ``load`` gives.
    """
    return render_order(order, next(tab for tab in contributions().order_tabs if tab.name == name), status, **values)


__all__ = [
    "FileRow", "FormFiles", "Glance", "OrderHeader", "Rates", "Step", "accept_extension", "add_files", "answer_as_administrator",
    "approve", "approve_cancellation", "ask_administrator", "attach", "begin", "by_origin", "cancel",
    "cancel_as_administrator", "cancel_late", "cancellation_reasons", "complete", "complete_as_administrator",
    "copy_orders", "count_records", "decline_extension", "deliver", "drop", "event_fields", "expire", "extend_review",
    "facts", "file_limits", "files_that_came_with", "finish", "give_feedback", "glancing", "keep", "kept_uploads", "lift_hold",
    "load_page", "load_party_order", "lock_order", "mark_late", "not_offered", "offer_seen", "offer_sent", "pay", "place",
    "place_hold", "rates_of", "record_activity", "refund_as_administrator", "reject_cancellation", "remind",
    "request_cancellation", "request_extension", "request_revision", "show_tab", "silence", "take_back", "tally", "upload_rules",
    "why_not", "withdraw_cancellation", "withdraw_extension", "words_of",
]  # fmt: skip

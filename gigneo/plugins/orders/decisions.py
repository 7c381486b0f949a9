"""What a person may do with an order, and why not the rest: one answer, shown by the page and enforced by the use cases."""

import logging
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import TYPE_CHECKING

from gigneo.api import Contributions, Refused, contributions, gettext, hooks
from gigneo.api import lazy_gettext as _l
from gigneo.contributions import Refusal
from gigneo.hooks import OrderAction, OrderFacts, OrderGuard
from gigneo.plugins.orders.guards import SWITCHED_OFF
from gigneo.plugins.orders.states import ADMINISTRATOR, EMPLOYER, FREELANCER, STATES, SYSTEM
from gigneo.plugins.orders.table import table, table_of

if TYPE_CHECKING:
    from sqlmodel import Session

log = logging.getLogger("gigneo.plugins.orders")


@dataclass(frozen=True, slots=True)
class Decision:
    """The answer for one action.

    Attributes:
        action: the row of the process table.
        refusals: every reason why it may not happen now; none means that it may.
    """

    action: OrderAction
    refusals: tuple[Refusal, ...] = ()

    @property
    def offered(self) -> bool:
        """Whether it may happen now."""
        return not self.refusals


@dataclass(frozen=True, slots=True)
class Choices:
    """What an order page offers one person.

    Attributes:
        offered: buttons, in order; each address once.
        refused: what is not offered, each with the reasons.
        turn: whose turn it is: ``employer``, ``freelancer`` or ``None``.
        all: every decision that concerns the role, by the action's name.
    """

    offered: tuple[OrderAction, ...]
    refused: tuple[Decision, ...]
    turn: str | None
    all: dict[str, Decision]

    def allows(self, name: str) -> bool:
        """Whether an action is offered."""
        decision = self.all.get(name)
        return decision is not None and decision.offered


def find(name: str) -> OrderAction:
    """Return an action of the site's process by its name.

    Raises:
        Refused: no module that is on contributes it, or another module's action stands in its place.
    """
    action = table().actions.get(name)
    if action is None:
        raise Refused(gettext("That is not possible on this site."), code="no_such_action")
    return action


def decide(order: OrderFacts, action: OrderAction, role: str, session: "Session") -> Decision:
    """Say whether somebody may do something with an order now.

    Args:
        order: the order, with its holds.
        action: the row of the process table.
        role: ``employer``, ``freelancer``, ``administrator`` or ``system``.
        session: what vetoes read with; the action's own transaction when it is enforced.
    """
    closed = _closed(action, role, order.kind, order.state)
    return closed if closed is not None else _judged(order, action, role, session)


def _closed(action: OrderAction, role: str, kind: str, state: str) -> Decision | None:
    """Return the decision about an action that role, kind or state rule out, whatever the order is; else ``None``."""
    if role not in action.actors:
        return Decision(action, (Refusal(_OTHER_SIDE, "wrong_role"),))
    if action.kinds and kind not in action.kinds:
        return Decision(action, (Refusal(_NOT_NOW, "wrong_kind"),))
    if state not in action.states:
        reason = action.unavailable.get(state) or _FINISHED.get(state) or _NOT_NOW
        return Decision(action, (Refusal(reason, "wrong_state"),))
    return None


def _judged(order: OrderFacts, action: OrderAction, role: str, session: "Session") -> Decision:
    """Ask guards, holds and vetoes about an action that is open to this role in this state."""
    refusals: list[Refusal] = []
    if role != SYSTEM:
        for guard in table().guards[action.name]:
            if refusal := _ask(guard, order, action, role):
                refusals.append(refusal)
    if refusals and refusals[0].code in QUIET:
        return Decision(action, tuple(refusals))
    settles = role == ADMINISTRATOR  # whatever an administrator decides settles every hold
    blocking = () if settles else tuple(hold for hold in order.holds if action.name in hold.actions)
    seen = order if len(blocking) == len(order.holds) else replace(order, holds=blocking)
    if action.veto is not None:
        refusals += hooks.veto(action.veto, order=seen, role=role, session=session)
    elif (held := refuse_held(seen)) is not None:
        refusals.append(held)
    return Decision(action, tuple(refusals))


def _ask(guard: OrderGuard, order: OrderFacts, action: OrderAction, role: str) -> Refusal | None:
    """Ask a guard. One that fails refuses: what can't be judged is not allowed."""
    try:
        return guard.check(order, action, role)
    except Exception:
        log.exception("The guard %s of %s failed.", guard.name, contributions().owner_of(guard))
        return Refusal(_l("A module could not answer whether this is allowed, so it is not."), "guard_failed")


def refuse_held(order: OrderFacts) -> Refusal | None:
    """Refuse when holds stand on the order; the first one gives the reason.

    Args:
        order: its ``holds`` are those that block the action in question.
    """
    return Refusal(order.holds[0].reason, "held") if order.holds else None


def choices(order: OrderFacts, role: str, session: "Session") -> Choices:
    """Decide every action of a role, for the page.

    Args:
        order: the order, with its holds.
        role: the person's role on this order.
        session: the page's read session.
    """
    decisions = []
    for action, closed in contributions().derived(_by_state)(role, order.kind, order.state):
        if closed is not None:
            decisions.append(closed)
            continue
        decisions.append(_judged(order, action, role, session))
        if any(refusal.code in _FAILED for refusal in decisions[-1].refusals):
            session.rollback()  # PostgreSQL runs nothing more in a transaction in which a statement failed
    offered: dict[str, OrderAction] = {}
    for decision in decisions:
        if decision.offered and decision.action.endpoint is not None:
            offered.setdefault(decision.action.endpoint, decision.action)
    refused = tuple(
        decision
        for decision in decisions
        if not decision.offered
        and decision.action.endpoint is not None
        and decision.action.endpoint not in offered
        and _worth_saying(decision, order.state)
    )
    return Choices(
        tuple(offered.values()), refused, turn_of(order.state), {decision.action.name: decision for decision in decisions}
    )


def _by_state(found: Contributions) -> Callable[[str, str, str], tuple[tuple[OrderAction, Decision | None], ...]]:
    """Return what gives a role's actions in a state, each with the decision that needs no look at the order."""
    made = table_of(found)
    return lru_cache(maxsize=256)(
        lambda role, kind, state: tuple((action, _closed(action, role, kind, state)) for action in made.of(role, kind))
    )


def turn_of(state: str) -> str | None:
    """Return whose turn it is in a state, by the process table."""
    return contributions().derived(_turns).get(state)


def states_needing(role: str) -> frozenset[str]:
    """Return the states in which somebody of this role was asked for something: the "needs me" of the lists."""
    return frozenset(
        state for state, whose in contributions().derived(_turns).items() if whose == role and not STATES[state].working
    )


def _turns(found: Contributions) -> dict[str, str]:
    """Return state → whose turn it is; the first action that says so decides."""
    turns: dict[str, str] = {}
    for action in table_of(found).actions.values():
        whose = next((role for role in (EMPLOYER, FREELANCER) if role in action.actors), None)
        if action.turn and whose is not None:
            for state in action.states:
                turns.setdefault(state, whose)
    return turns


def _worth_saying(decision: Decision, state: str) -> bool:
    """A reason is shown when a rule gave it; that finished orders allow nothing goes without saying."""
    code = decision.refusals[0].code
    if code != "wrong_state":
        return code not in QUIET
    return state in decision.action.unavailable


QUIET = frozenset({SWITCHED_OFF, "no_request"})
"""Refusals that are no news to anybody: nothing was asked, or the operator does not have the action."""

_FAILED = frozenset({"veto_failed", "guard_failed"})
_OTHER_SIDE = _l("Only the other side of this order can do that.")
_NOT_NOW = _l("That is not possible in the order's present state.")
_FINISHED = {
    "completed": _l("The order is completed."),
    "cancelled": _l("The order was cancelled."),
}

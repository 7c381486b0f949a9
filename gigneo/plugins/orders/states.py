"""The six states of an order, as data: what they are called, how they look, and which of them are open."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from gigneo.api import lazy_gettext as _l
from gigneo.contributions import LazyText

PENDING: Final = "pending_payment"
ACTIVE: Final = "active"
DELIVERED: Final = "delivered"
IN_REVISION: Final = "in_revision"
COMPLETED: Final = "completed"
CANCELLED: Final = "cancelled"


@dataclass(frozen=True, slots=True)
class State:
    """A state that an order can be in.

    Attributes:
        name: as stored.
        label: for people.
        tone: of its badge: ``go``, ``good``, ``warn``, ``bad`` or ``plain``.
        step: which step of the progress it belongs to: 0 placed, 1 in progress, 2 delivered, 3 completed.
        open: money is in escrow and work goes on.
        working: somebody works for days; nobody has asked this person for an answer, so that it is not "needs me".
    """

    name: str
    label: LazyText
    tone: str
    step: int
    open: bool = False
    working: bool = False


STATES: Final[Mapping[str, State]] = MappingProxyType(
    {
        state.name: state
        for state in (
            State(PENDING, _l("Waiting for payment"), "warn", 0),
            State(ACTIVE, _l("In progress"), "plain", 1, open=True, working=True),
            State(DELIVERED, _l("Delivered"), "go", 2, open=True),
            State(IN_REVISION, _l("In revision"), "warn", 1, open=True),
            State(COMPLETED, _l("Completed"), "good", 3),
            State(CANCELLED, _l("Cancelled"), "bad", 0),
        )
    }
)
OPEN: Final = frozenset(state.name for state in STATES.values() if state.open)
FINISHED: Final = frozenset({COMPLETED, CANCELLED})
EMPLOYER: Final = "employer"
FREELANCER: Final = "freelancer"
ADMINISTRATOR: Final = "administrator"
SYSTEM: Final = "system"
MANAGE: Final = "orders.manage"
"""The right to see and to settle all orders."""


def other_role(role: str) -> str:
    """Return the role of the other party."""
    return FREELANCER if role == EMPLOYER else EMPLOYER

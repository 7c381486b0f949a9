"""What disputes tells others."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from gigneo.api import hookspec
from gigneo.hooks import OrderEvent

if TYPE_CHECKING:
    from sqlmodel import Session


@dataclass(frozen=True, slots=True)
class DisputeOpened(OrderEvent):
    """``disputes_opened``: one side of an order opened a dispute; the order is on hold.

    Attributes:
        dispute_id: the dispute.
        reason: why, one of the form's reasons.
    """

    hook: ClassVar[str] = "disputes_opened"
    mail: ClassVar[str | None] = None
    dispute_id: int
    reason: str


@dataclass(frozen=True, slots=True)
class DisputeSettled(OrderEvent):
    """``disputes_settled``: a dispute was withdrawn, or closed by an administrator; the order goes on where it was.

    Attributes:
        dispute_id: the dispute.
        reason: the administrator's; empty when it was withdrawn.
    """

    hook: ClassVar[str] = "disputes_settled"
    mail: ClassVar[str | None] = None
    dispute_id: int
    reason: str


class DisputeSpecs:
    """The hooks of disputes."""

    @hookspec("event")
    def disputes_opened(self, event: DisputeOpened, session: "Session") -> None:
        """A dispute was opened."""

    @hookspec("event")
    def disputes_settled(self, event: DisputeSettled, session: "Session") -> None:
        """A dispute was withdrawn, or closed by an administrator."""


SPECS = (DisputeSpecs,)
"""The spec classes that join the site's."""

EVENTS = (DisputeOpened, DisputeSettled)
"""The events that a task's payload is turned back into."""

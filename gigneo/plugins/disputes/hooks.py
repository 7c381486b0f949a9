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


class DisputeSpecs:
    """The hooks of disputes."""

    @hookspec("event")
    def disputes_opened(self, event: DisputeOpened, session: "Session") -> None:
        """A dispute was opened."""


SPECS = (DisputeSpecs,)
"""The spec classes that join the site's."""

EVENTS = (DisputeOpened,)
"""The events that a task's payload is turned back into."""

"""What this module offers to others: a fact of its own."""

from dataclasses import dataclass
from typing import ClassVar

from sqlmodel import Session

from gigneo.hooks import OrderEvent, hookspec


@dataclass(frozen=True, slots=True)
class NoteAdded(OrderEvent):
    """``extras_note_added``: a party noted something on an order."""

    hook: ClassVar[str] = "extras_note_added"
    mail: ClassVar[str | None] = "extras/noted"

    note_id: int
    text: str


class ExtrasSpecs:
    """Facts about notes."""

    @hookspec("event", since="1.0")
    def extras_note_added(self, event: NoteAdded, session: Session) -> None:
        """A note was added; after the commit, in a transaction of its own."""


SPECS = (ExtrasSpecs,)
EVENTS = (NoteAdded,)

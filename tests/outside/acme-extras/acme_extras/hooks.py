"""What this module offers to others: a fact of its own."""

from dataclasses import dataclass
from typing import ClassVar

from sqlmodel import Session

from gigneo.hooks import hookspec


@dataclass(frozen=True, slots=True)
class NoteAdded:
    """``extras_note_added``: a party noted something on an order."""

    hook: ClassVar[str] = "extras_note_added"

    note_id: int
    order_id: int


class ExtrasSpecs:
    """Facts about notes."""

    @hookspec("event", since="1.0")
    def extras_note_added(self, event: NoteAdded, session: Session) -> None:
        """A note was added; after the commit, in a transaction of its own."""


SPECS = (ExtrasSpecs,)
EVENTS = (NoteAdded,)

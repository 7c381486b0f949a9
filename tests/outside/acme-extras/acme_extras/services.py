"""What can be done with notes."""

from sqlmodel import Session, col, func, select

from acme_extras.hooks import NoteAdded
from acme_extras.models import Heard, Note
from gigneo.api import Refused, emit, now, setting
from gigneo.plugins.orders.api import event_fields, lock_order, record_activity


def add_note(session: Session, number: str, author_id: int, text: str) -> Note:
    """Note something on an order.

    Raises:
        Refused: the note is too long.
    """
    order = lock_order(session, number)
    if len(text) > setting("extras", "longest"):
        raise Refused("This note is too long.", "too_long", field="text")
    note = Note(order_id=order.id, author_id=author_id, text=text, at=now())
    session.add(note)
    session.flush()
    record_activity(session, order.id, "extras.noted", "noted something", actor_id=author_id)
    about = event_fields(order, author_id, note.at)
    emit(session, NoteAdded(**about, note_id=note.id, text=text))
    return note


def notes_of(session: Session, order_id: int) -> list[Note]:
    """Return an order's notes, oldest first."""
    return list(session.exec(select(Note).where(Note.order_id == order_id).order_by(col(Note.id))))


def hear(session: Session, what: str, order_id: int | None = None) -> None:
    """Keep that something was heard."""
    session.add(Heard(what=what, order_id=order_id))


def count_notes(session: Session) -> int:
    """Return how many notes there are."""
    return session.exec(select(func.count()).select_from(Note)).one()

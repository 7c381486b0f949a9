"""The conversations of copied orders."""

from gigneo.api import Copies
from gigneo.plugins.messages.models import Message, Seen


def copy_messages(copies: Copies) -> None:
    """Copy what was said about orders, and how far each side has read it."""
    copies.rows(Message.__table__)
    copies.rows(Seen.__table__, message_id=lambda old: copies.key(old.c.message_id))

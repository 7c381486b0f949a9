"""The tables of messages. The migration makes them; these classes only describe them."""

from datetime import datetime

from sqlalchemy import CheckConstraint, Index, Text, UniqueConstraint
from sqlmodel import Field

from gigneo.api import BigKey, ForeignId, Id, When, table_base

Base = table_base("messages")


class Message(Base, table=True):  # type: ignore[misc, valid-type, call-arg]
    """What somebody wrote, or a line of the system: then nobody is its author and ``kind`` says what happened."""

    __tablename__ = "messages_message"
    __table_args__ = (
        CheckConstraint("(author_id IS NULL) = (kind <> '')", name="author_or_kind"),
        Index("ix_messages_message_order", "order_id", "created_at", "id"),
        Index("ix_messages_message_unread", "order_id", "id"),
    )

    id: int | None = Id()
    order_id: int = ForeignId("orders_order.id", index=False)
    author_id: int | None = ForeignId("account_user.id", nullable=True, index=False)
    kind: str = ""
    body: str = Field(default="", sa_type=Text)
    created_at: datetime = When()


class Seen(Base, table=True):  # type: ignore[misc, valid-type, call-arg]
    """How far somebody has read a conversation: the newest message that was seen, and when there last was one to read."""

    __tablename__ = "messages_seen"
    __table_args__ = (UniqueConstraint("order_id", "person_id"),)

    id: int | None = Id()
    order_id: int = ForeignId("orders_order.id", index=False)
    person_id: int = ForeignId("account_user.id", index=False)
    message_id: int = Field(sa_type=BigKey)
    seen_at: datetime | None = When(nullable=True)

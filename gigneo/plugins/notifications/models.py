"""The tables of notifications. The migration makes them; these classes only describe them."""

from datetime import datetime

from sqlalchemy import Index, Text, UniqueConstraint, column
from sqlmodel import Field

from gigneo.api import ForeignId, Id, When, table_base

Base = table_base("notifications")


class KeptNotice(Base, table=True):  # type: ignore[misc, valid-type, call-arg]
    """A notice that was kept for a person's bell.

    Attributes:
        id: the key; later notices have larger ones.
        person_id: whom it tells.
        kind: what kind of thing it tells.
        template: the mail's template, whose first line is the notice.
        context: what the template is given, as typed JSON.
        path: the page that it is about.
        place: the part of the site that the page belongs to.
        at: when it was told.
        read_at: when the person followed it, saw its page, or marked it as read.
    """

    __tablename__ = "notifications_notice"
    __table_args__ = (
        Index("ix_notifications_notice_newest", "person_id", "at", "id"),
        Index(
            "ix_notifications_notice_unread",
            "person_id",
            "place",
            "read_at",
            sqlite_where=column("read_at").is_(None),
            postgresql_where=column("read_at").is_(None),
        ),
    )

    id: int | None = Id()
    person_id: int = ForeignId("account_user.id", index=False, ondelete="CASCADE")
    kind: str
    template: str
    context: str = Field(sa_type=Text)
    path: str
    place: str
    at: datetime = When(index=True)
    read_at: datetime | None = When(nullable=True)


class Choice(Base, table=True):  # type: ignore[misc, valid-type, call-arg]
    """What somebody chose otherwise than the kind says.

    Attributes:
        id: the key.
        person_id: who chose.
        kind: about which kind of thing.
        channel: ``bell`` or ``mail``.
        wanted: whether they want it there.
    """

    __tablename__ = "notifications_choice"
    __table_args__ = (UniqueConstraint("person_id", "kind", "channel"),)

    id: int | None = Id()
    person_id: int = ForeignId("account_user.id", index=False, ondelete="CASCADE")
    kind: str
    channel: str
    wanted: bool

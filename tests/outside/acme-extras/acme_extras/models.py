"""The notes, and what the module has heard of orders."""

from datetime import datetime

from sqlalchemy import Text
from sqlmodel import Field

from gigneo.api import ForeignId, Id, When, table_base

Base = table_base("extras")


class Note(Base, table=True):  # type: ignore[misc, valid-type, call-arg]
    """What one party noted on an order."""

    __tablename__ = "extras_note"

    id: int | None = Id()
    order_id: int = ForeignId("orders_order.id")
    author_id: int = ForeignId("account_user.id", index=False)
    text: str = Field(sa_type=Text)
    at: datetime = When()


class Heard(Base, table=True):  # type: ignore[misc, valid-type, call-arg]
    """A fact that reached the module, or a moment that it took part in."""

    __tablename__ = "extras_heard"

    id: int | None = Id()
    what: str
    order_id: int | None = ForeignId("orders_order.id", nullable=True)

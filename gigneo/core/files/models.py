"""Rows of files: who sent them, what owns them, and where their bytes are."""

from datetime import date, datetime

from sqlalchemy import ForeignKey, Index
from sqlmodel import Field

from gigneo.core.db.base import KERNEL, table_base
from gigneo.core.db.columns import BigKey, ForeignId, Id, Minor, When


class StoredFile(table_base(KERNEL), table=True):  # type: ignore[misc, call-arg]
    """One file that somebody sent.

    Its owner decides who may read it: ``owner_kind`` names a contributed :class:`~gigneo.contributions.FileOwner`. Its
    origin only says with what it came, as in ``orders.delivery``; a file that came alone has none.
    """

    __tablename__ = "file_stored"
    __table_args__ = (Index("ix_file_stored_owner", "owner_kind", "owner_id", "id"),)

    id: int | None = Id()
    storage_key: str = Field(unique=True, max_length=80)
    name: str = Field(max_length=255)
    content_type: str = Field(max_length=120)
    size_bytes: int = Minor()
    sha256: str = Field(max_length=64)
    owner_kind: str = Field(max_length=60)
    owner_id: int = Minor()
    origin_kind: str = Field(default="", max_length=60)
    origin_id: int | None = Minor(nullable=True)
    kind: str = Field(default="", max_length=40)
    uploaded_by: int = ForeignId("account_user.id")
    created_at: datetime = When()
    preview_key: str | None = Field(default=None, unique=True, max_length=80)


class DailyUse(table_base(KERNEL), table=True):  # type: ignore[misc, call-arg]
    """How many bytes somebody sent on a day, UTC. What is removed again still counts."""

    __tablename__ = "file_daily_use"

    person_id: int = Field(
        sa_type=BigKey,
        sa_column_args=[ForeignKey("account_user.id")],
        primary_key=True,
        sa_column_kwargs={"autoincrement": False},
    )
    day: date = Field(primary_key=True)
    size_bytes: int = Minor()

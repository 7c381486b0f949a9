"""Rows of files: who sent them, what owns them, and where their bytes are."""

from datetime import datetime

from sqlalchemy import Index
from sqlmodel import Field

from gigneo.core.db.base import KERNEL, table_base
from gigneo.core.db.columns import ForeignId, Id, Minor, When


class StoredFile(table_base(KERNEL), table=True):  # type: ignore[misc, call-arg]
    """One file that somebody sent.

    Its owner decides who may read it: ``owner_kind`` names a contributed :class:`~gigneo.contributions.FileOwner`.
    """

    __tablename__ = "file_stored"
    __table_args__ = (Index("ix_file_stored_owner", "owner_kind", "owner_id"),)

    id: int | None = Id()
    storage_key: str = Field(unique=True, max_length=80)
    name: str = Field(max_length=255)
    content_type: str = Field(max_length=120)
    size_bytes: int = Minor()
    sha256: str = Field(max_length=64)
    owner_kind: str = Field(max_length=60)
    owner_id: int = Minor()
    kind: str = Field(default="", max_length=40)
    uploaded_by: int = ForeignId("account_user.id")
    created_at: datetime = When()

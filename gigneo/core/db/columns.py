"""Column helpers: 64-bit keys and money, aware UTC times, the same on SQLite and PostgreSQL."""

from datetime import datetime, timezone
from functools import lru_cache
from typing import Any

from sqlalchemy import BigInteger, DateTime, ForeignKey, Integer
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeDecorator
from sqlmodel import Field

BigKey = BigInteger().with_variant(Integer, "sqlite")
"""64 bits on both databases; SQLite gives a rowid alias only to a column that is literally INTEGER."""


class UtcDateTime(TypeDecorator[datetime]):
    """An aware datetime in UTC. Naive values are refused, because they are guesses."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Store as UTC."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"{value!r} is naive: times are stored with their zone.")
        return value.astimezone(timezone.utc)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Read as aware UTC; SQLite keeps no zone."""
        if value is None:
            return None
        return value.replace(tzinfo=timezone.utc) if value.tzinfo is None else value.astimezone(timezone.utc)

    def bind_processor(self, dialect: Dialect) -> Any:
        """Write SQLite's text at once; a transaction writes the same moment again and again."""
        return _as_text if dialect.name == "sqlite" else super().bind_processor(dialect)

    def result_processor(self, dialect: Dialect, coltype: object) -> Any:
        """Read SQLite's text at once; a page shows the same few moments again and again."""
        return _read_text if dialect.name == "sqlite" else super().result_processor(dialect, coltype)


@lru_cache(maxsize=256)
def _as_text(value: datetime | None) -> str | None:
    if value is None:
        return None
    if value.tzinfo is None:
        raise ValueError(f"{value!r} is naive: times are stored with their zone.")
    return value.astimezone(timezone.utc).replace(tzinfo=None).isoformat(" ", "microseconds")  # as SQLAlchemy writes it


@lru_cache(maxsize=8192)
def _read_text(stored: str | None) -> datetime | None:
    return None if stored is None else datetime.fromisoformat(stored).replace(tzinfo=timezone.utc)


def Id() -> Any:
    """A 64-bit primary key, given by the database."""
    return Field(default=None, primary_key=True, sa_type=BigKey)


def ForeignId(target: str, *, nullable: bool = False, index: bool = True, ondelete: str | None = None) -> Any:
    """A 64-bit reference to ``target`` (``table.column``), indexed unless told otherwise.

    Args:
        target: table and column by name, also across plugins.
        nullable: whether the reference may be absent.
        index: whether to index it; leave it on for whatever is listed by.
        ondelete: what the database does when the target goes, as in SQL.
    """
    options: dict[str, Any] = {"default": None} if nullable else {}
    return Field(
        sa_type=BigKey, sa_column_args=[ForeignKey(target, ondelete=ondelete)], nullable=nullable, index=index, **options
    )


def Minor(*, default: int | None = None, nullable: bool = False) -> Any:
    """An amount in the currency's minor unit, 64 bits on both databases.

    Args:
        default: the amount when none is given; without one it is required, unless ``nullable``.
        nullable: whether the amount may be absent.
    """
    if default is None and not nullable:
        return Field(sa_type=BigInteger)
    return Field(default=default, sa_type=BigInteger, nullable=nullable)


def When(*, nullable: bool = False, index: bool = False) -> Any:
    """An aware UTC datetime."""
    if nullable:
        return Field(default=None, sa_type=UtcDateTime, nullable=True, index=index)
    return Field(sa_type=UtcDateTime, nullable=False, index=index)

"""Column types that SQLite's STRICT tables take: 64-bit INTEGER and TEXT, nothing that could turn into a float."""

from datetime import datetime
from typing import Any

from sqlalchemy import Text
from sqlalchemy.dialects.sqlite import DATETIME
from sqlalchemy.engine import Dialect
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.types import TypeEngine
from sqlmodel import Field

from gigneo.api import BigKey, UtcDateTime


class _TextDateTime(DATETIME):
    """SQLite's usual way to write a time as text, in a column that is declared TEXT."""


@compiles(_TextDateTime, "sqlite")
def _declare_text(_type: Any, _compiler: Any, **_options: Any) -> str:
    return "TEXT"


class StrictUtcDateTime(UtcDateTime):
    """An aware UTC datetime that STRICT tables take."""

    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[datetime]:
        """Give SQLite the text column, every other database its own type."""
        text: TypeEngine[datetime] = _TextDateTime()  # type: ignore[no-untyped-call]
        return dialect.type_descriptor(text if dialect.name == "sqlite" else self.impl_instance)


def Words(**options: Any) -> Any:
    """A text of any length."""
    return Field(sa_type=Text, **options)


def Amount(**options: Any) -> Any:
    """An amount in minor units, 64 bits on both databases; a float can't be stored."""
    return Field(sa_type=BigKey, **options)


def Moment(**options: Any) -> Any:
    """An aware UTC datetime."""
    return Field(sa_type=StrictUtcDateTime, **options)

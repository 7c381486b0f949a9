"""The one alembic environment: each owner's migrations run over a connection that ``gigneo.core.db.migrate`` has opened."""

from typing import Any, Literal

from alembic import context
from sqlmodel import AutoString

from gigneo.core.crash import crash_point
from gigneo.core.db.base import metadata
from gigneo.core.db.columns import UtcDateTime
from gigneo.core.db.ownership import owns, version_table

owner: str = context.config.attributes["owner"]


def render_type(kind: str, value: Any, autogen_context: Any) -> str | Literal[False]:
    """Write plain types, so that a migration stays readable after the code has moved on."""
    if kind != "type":
        return False
    if isinstance(value, UtcDateTime):
        return "sa.DateTime(timezone=True)"
    if isinstance(value, AutoString):
        return f"sa.String(length={value.length})" if value.length else "sa.String()"
    return False


def is_own(thing: Any, name: str | None, kind: str, reflected: bool, compare_to: Any) -> bool:
    """Look at the owner's tables only."""
    return kind != "table" or owns(owner, name or "")


context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    version_table=version_table(owner),
    include_object=is_own,
    render_item=render_type,
    render_as_batch=True,
    compare_type=True,
    on_version_apply=lambda **_: crash_point("mid-migration"),
)
context.run_migrations()

"""The operator's choices as the database keeps them: one row per module and name, each value as typed JSON."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import delete, insert
from sqlmodel import Session, col, select

from gigneo.core.db.models import SettingValue
from gigneo.core.typed_json import decode, encode


def read_settings(session: Session) -> dict[str, dict[str, Any]]:
    """Return every stored choice, by module and name. What was never chosen is not there."""
    settings: dict[str, dict[str, Any]] = {}
    for row in session.exec(select(SettingValue)):
        settings.setdefault(row.plugin, {})[row.key] = decode(row.value)
    return settings


def write_settings(session: Session, plugin: str, values: Mapping[str, Any]) -> None:
    """Store a module's choices; those that are not named stay as they are.

    The caller moves the revision in the same transaction, so that the next site has them.

    Args:
        session: a writing transaction.
        plugin: whose settings.
        values: plain values, decimals and times by name.
    """
    if not values:
        return
    session.execute(delete(SettingValue).where(col(SettingValue.plugin) == plugin, col(SettingValue.key).in_(values)))
    rows = [{"plugin": plugin, "key": key, "value": encode(value)} for key, value in values.items()]
    session.execute(insert(SettingValue), rows)


def delete_settings(session: Session, plugin: str) -> None:
    """Forget a module's choices, when it is uninstalled."""
    session.execute(delete(SettingValue).where(col(SettingValue.plugin) == plugin))

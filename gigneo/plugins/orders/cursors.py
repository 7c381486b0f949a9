"""Where the next page of a list begins, as it stands in an address."""

import base64
import binascii
from datetime import UTC, datetime
from typing import Any


def write_cursor(last_id: int, due_at: datetime | None = None) -> str:
    """Return where the next page begins, as it stands in the address.

    Args:
        last_id: the key of the last row.
        due_at: its due date, when the list is sorted by that.
    """
    key = f"{due_at.astimezone(UTC).isoformat()}~{last_id}" if due_at is not None else str(last_id)
    return base64.urlsafe_b64encode(key.encode()).decode().rstrip("=")


def read_cursor(cursor: str | None, by_due: bool) -> tuple[datetime | None, int] | None:
    """Return the due date and the id that a cursor stands for; nonsense is the first page."""
    if not cursor or len(cursor) > 90:
        return None
    try:
        key = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)).decode("ascii")
        due, _, last = key.rpartition("~")
        if by_due != bool(due) or not last.isdigit() or int(last) >= 2**63:
            return None
        return (datetime.fromisoformat(due).astimezone(UTC) if due else None), int(last)
    except (ValueError, OverflowError, binascii.Error):
        return None


def bound(after: tuple[datetime | None, int] | None, by_due: bool) -> dict[str, Any]:
    """Return what a cursor binds to the statement of the next page."""
    if after is None:
        return {}
    return {"due": after[0], "last_id": after[1]} if by_due else {"last_id": after[1]}

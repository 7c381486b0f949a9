"""The market of the services' tests, with orders to talk and to quarrel about."""

from collections.abc import Callable
from threading import get_ident

from sqlalchemy import event

from tests.plugins.services.conftest import Trade, dispatcher, nobody, trade

__all__ = ["dispatcher", "nobody", "statements", "trade"]


def statements(trade: Trade, act: Callable[[], object]) -> int:
    """Count the statements that are read while something happens, the log-in's among them."""
    heard, here = list[str](), get_ident()

    def tick(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        if get_ident() == here:
            heard.append(statement)

    event.listen(trade.runtime.engines.read, "before_cursor_execute", tick)
    try:
        act()
    finally:
        event.remove(trade.runtime.engines.read, "before_cursor_execute", tick)
    return sum(not said.startswith(("BEGIN", "ROLLBACK")) for said in heard)

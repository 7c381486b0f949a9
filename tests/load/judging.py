"""What must be true of a marketplace after any race and any crash, read past the product."""

import hashlib
from datetime import timedelta

from sqlalchemy import inspect, text

from gigneo.core.files.sweeping import orphans
from gigneo.hooks import OrderFacts
from gigneo.plugins.wallet.audit import prove
from tests.load.actions import Action
from tests.load.trading import Trade

NOTED = ("late", "reminded")
"""What is only noted: it has an activity, and leaves the version alone."""
_TWICE = (
    "SELECT order_id, order_version FROM orders_activity WHERE kind NOT IN ('late', 'reminded')"
    " GROUP BY order_id, order_version HAVING count(*) > 1"
)
_GAPS = (
    "SELECT o.id, o.version FROM orders_order o JOIN orders_activity a ON a.order_id = o.id"
    " WHERE a.kind NOT IN ('late', 'reminded') GROUP BY o.id, o.version"
    " HAVING o.version <> count(*) OR o.version <> max(a.order_version)"
)
_OPEN = (
    "SELECT r.id FROM orders_request r JOIN orders_order o ON o.id = r.order_id"
    " WHERE r.state = 'open' AND o.state IN ('completed', 'cancelled')"
)
_TIMERS = (
    "SELECT t.key FROM task t JOIN orders_order o ON t.key LIKE 'orders.timer:%:' || CAST(o.id AS TEXT)"
    " WHERE t.state = 'waiting' AND o.state IN ('completed', 'cancelled')"
)
_MONEY = (
    "SELECT o.number FROM orders_order o JOIN wallet_order_terms w ON w.order_id = o.id"
    " WHERE o.state = 'cancelled' AND w.settled_at IS NULL"
)
RULES = {
    "one activity per version": _TWICE,
    "as many activities as versions": _GAPS,
    "nothing is asked on a finished order": _OPEN,
    "no timer runs for a finished order": _TIMERS,
    "a cancelled order has no money": _MONEY,
}


def violations(trade: Trade) -> list[str]:
    """Return what is not as it must be: of the ledger, of versions and history, of requests and timers."""
    with trade.market.runtime.read() as session:
        found = [f"{name}: {row}" for name, statement in RULES.items() for row in session.execute(text(statement))]
        return found + [f"{fault.check}: {fault.subject}" for fault in prove(session).violations]


def history(trade: Trade, order: OrderFacts) -> list[str]:
    """Return the kinds of an order's activities, oldest first."""
    rows = trade.market.rows("SELECT kind FROM orders_activity WHERE order_id = :id ORDER BY id", id=order.id)
    return [row[0] for row in rows]


def happened_once(trade: Trade, action: Action, before: OrderFacts) -> list[str]:
    """Return what is wrong if an action, and nothing else, has happened to an order once since it was ``before``."""
    now, told = trade.market.facts(before), history(trade, before)
    noted = action.kind in NOTED
    found = {
        "version": (now.version, before.version + (not noted)),
        "state": (now.state, action.to or before.state),
        "last activity": (told[-1:], [action.kind]),
        "activities": (len([kind for kind in told if kind not in NOTED]), now.version),
        "notes": (told.count(action.kind) if noted else 0, int(noted)),
    }
    wrong = {name: f"{name} is {there}, not {wanted}" for name, (there, wanted) in found.items() if there != wanted}
    return [f"{action.name} on {before.number}: {fault}" for fault in wrong.values()]


def everything(trade: Trade) -> dict[str, list[str]]:
    """Return the content of every table but the log-ins', to say that nothing was changed."""
    with trade.market.runtime.read() as session:
        tables = set(inspect(session.connection()).get_table_names()) - {"account_session", "sqlite_sequence"}
        return {name: sorted(map(str, session.execute(text(f'SELECT * FROM "{name}"')))) for name in sorted(tables)}


def files_without_bytes(trade: Trade) -> list[str]:
    """Return the rows of files whose bytes are not there, or are others."""
    found = []
    for key, name, digest in trade.market.rows("SELECT storage_key, name, sha256 FROM file_stored"):
        content = b"".join(trade.market.runtime.storage.stream(key))
        if hashlib.sha256(content).hexdigest() != digest:
            found.append(f"{name} at {key}")
    return found


def bytes_without_row(trade: Trade) -> dict[str, bytes]:
    """Return what is kept and belongs to no file, by its key: the sweep would take it once it is old enough."""
    runtime = trade.market.runtime
    return {blob.key: b"".join(runtime.storage.stream(blob.key)) for blob in orphans(runtime, timedelta(0))}

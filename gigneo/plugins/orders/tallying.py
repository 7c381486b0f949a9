"""What happens too often for a line each is counted in an order's history: one line for each person and day."""

import json
from typing import Final

from sqlalchemy import bindparam, select
from sqlmodel import Session, col

from gigneo.api import now, prepared
from gigneo.hooks import OrderFacts
from gigneo.plugins.orders.models import Activity
from gigneo.plugins.orders.steps import ACTIVITIES, record


def tally(session: Session, order: OrderFacts, kind: str, actor_id: int) -> None:
    """Count one more of a kind of thing that somebody did today (UTC); the line of the day says how many.

    Args:
        session: the action's writing transaction.
        order: locked by it, so that nobody else counts meanwhile.
        kind: a kind of our history whose words depend on ``count``.
        actor_id: who did it.
    """
    at = now()
    given = {
        "order_id": order.id,
        "kind": kind,
        "actor_id": actor_id,
        "since": at.replace(hour=0, minute=0, second=0, microsecond=0),
    }
    today = session.execute(_TODAY, given).first()
    if today is None:
        record(session, order.id, kind, actor_id, params={"count": 1}, version=order.version, at=at)
    else:
        count = int(json.loads(today.params)["count"]) + 1
        session.execute(_COUNTED, {"row_id": today.id, "counted": json.dumps({"count": count})})


_TODAY: Final = prepared(
    select(col(Activity.id), col(Activity.params))
    .where(
        col(Activity.order_id) == bindparam("order_id"),
        col(Activity.kind) == bindparam("kind"),
        col(Activity.actor_id) == bindparam("actor_id"),
        col(Activity.at) >= bindparam("since"),
    )
    .order_by(col(Activity.id).desc())
    .limit(1)
)
_COUNTED: Final = prepared(ACTIVITIES.update().where(ACTIVITIES.c.id == bindparam("row_id")).values(params=bindparam("counted")))

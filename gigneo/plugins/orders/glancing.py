"""A short look at an order, for what is asked often: whose it is, its version, and numbers of a module, in one statement."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import bindparam, or_, select

from gigneo.api import person, prepared, read
from gigneo.plugins.orders.queries import ORDERS, THIS_ORDER, is_number

Column = Callable[[Any, Any], Any]


@dataclass(frozen=True, slots=True)
class Glance:
    """An order at a glance.

    Attributes:
        id: the key.
        version: moves with each step.
        numbers: what the module asked for, by its names; 0 where there is nothing.
    """

    id: int
    version: int
    numbers: Mapping[str, int]


def glancing(**columns: Column) -> Callable[..., Glance | None]:
    """Return a loader for ``party(…)`` that reads no more of an order than that somebody is a party of it, in one statement.

    Args:
        columns: name → a scalar subquery, called as ``column(order_id, person_id)``, as for a tab's badge.
    """
    made = (make(THIS_ORDER, bindparam("person_id")).label(name) for name, make in columns.items())
    statement: Final = prepared(
        select(ORDERS.c.id, ORDERS.c.version, *made).where(
            ORDERS.c.number == bindparam("number"),
            or_(ORDERS.c.employer_id == bindparam("person_id"), ORDERS.c.freelancer_id == bindparam("person_id")),
        )
    )

    def glance(number: str, **_ids: object) -> Glance | None:
        viewer = person()
        if viewer is None or not is_number(number):
            return None
        row = read().execute(statement, {"number": number, "person_id": viewer.id}).one_or_none()
        return None if row is None else Glance(row[0], row[1], {name: row[place] or 0 for place, name in enumerate(columns, 2)})

    return glance

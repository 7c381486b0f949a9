"""From which services copied orders came, and how often those were sold."""

from sqlalchemy import func, select, update
from sqlmodel import col

from gigneo.api import Copies, planned_value
from gigneo.plugins.services.models import Purchase, Service


def copy_purchases(copies: Copies) -> None:
    """Copy the purchases of orders as purchases of the services that the plan names, and count those that were completed."""
    copies.rows(Purchase.__table__, service_id=planned_value("source_id"))
    written = col(Purchase.order_id).between(copies.first_key, copies.last_key)
    sold = (
        select(col(Purchase.service_id), func.count().label("sold"))
        .where(written, col(Purchase.counted).is_(True))
        .group_by(col(Purchase.service_id))
        .subquery("counted")
    )
    services = Service.__table__
    copies.session.execute(update(services).where(services.c.id == sold.c.service_id).values(sold=services.c.sold + sold.c.sold))

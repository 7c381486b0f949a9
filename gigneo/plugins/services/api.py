"""What other plugins may ask of services."""

from sqlmodel import Session

from gigneo.plugins.services import queries
from gigneo.plugins.services.buying import Bought, buy
from gigneo.plugins.services.copying import copy_purchases
from gigneo.plugins.services.offering import PackageDraft, ServiceDraft, add_category, publish, set_published, slug_of
from gigneo.plugins.services.queries import Details, Offer


def details(session: Session, slug: str) -> Details | None:
    """Read a service and its packages by its part of the address."""
    return queries.details(session, slug)


__all__ = [
    "Bought",
    "Details",
    "Offer",
    "PackageDraft",
    "ServiceDraft",
    "add_category",
    "buy",
    "copy_purchases",
    "details",
    "publish",
    "set_published",
    "slug_of",
]

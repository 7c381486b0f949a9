"""What the addresses of services name: a service that the person may see, and a package of that service."""

from gigneo.api import Person, read
from gigneo.plugins.services import queries
from gigneo.plugins.services.queries import Details, Offer

SLUG_LENGTH = 80


def visible(slug: str, viewer: Person | None) -> Details | None:
    """Return a service that is on offer; its own freelancer also sees it when it is not."""
    if len(slug) > SLUG_LENGTH:
        return None
    found = queries.details(read(), slug)
    if found is None:
        return None
    own = viewer is not None and viewer.id == found.card.freelancer_id
    return found if found.card.offered or own else None


def visible_offer(slug: str, package_id: int, viewer: Person | None) -> tuple[Details, Offer] | None:
    """Return a service and one of its packages; both parts of the address are looked at together."""
    found = visible(slug, viewer)
    offer = found.offer(package_id) if found is not None else None
    return (found, offer) if found is not None and offer is not None else None

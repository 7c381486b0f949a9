"""The reads of the catalogue: plain columns into light frozen rows, a page at a time by key."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import Select, and_, func, select
from sqlmodel import Session, col

from gigneo.api import active_with_role, names_of
from gigneo.plugins.services.models import Category, Package, Service

PAGE: Final = 12
HUES: Final = 4


@dataclass(frozen=True, slots=True)
class Shelf:
    """A category with how much is on it.

    Attributes:
        id: the key.
        slug: its part of the address.
        name: for people.
        icon: a symbol of the theme.
        count: how many services are published in it.
    """

    id: int
    slug: str
    name: str
    icon: str
    count: int

    @property
    def hue(self) -> int:
        """Which of the theme's colours its services have."""
        return self.id % HUES


@dataclass(frozen=True, slots=True)
class Card:
    """A service as lists show it.

    Attributes:
        id: the key.
        slug: its part of the address.
        title: what is offered.
        summary: in one sentence.
        freelancer_id: who offers it.
        freelancer_name: for people.
        category: the category's name.
        icon: the category's symbol.
        hue: which of the theme's colours it has.
        from_minor: the lowest price.
        sold: how many orders were completed.
        published: whether its freelancer shows it.
        offered: whether others can find and buy it: it is published, and its freelancer is active and still one.
    """

    id: int
    slug: str
    title: str
    summary: str
    freelancer_id: int
    freelancer_name: str
    category: str
    icon: str
    hue: int
    from_minor: int
    sold: int
    published: bool
    offered: bool


@dataclass(frozen=True, slots=True)
class Offer:
    """A package as its page shows it.

    Attributes:
        id: the key.
        name: Basic, Standard or Premium.
        description: what it is.
        features: what it includes.
        price_minor: its price.
        days: the time to deliver.
        revisions: how many are included; ``None`` means unlimited.
    """

    id: int
    name: str
    description: str
    features: tuple[str, ...]
    price_minor: int
    days: int
    revisions: int | None


@dataclass(frozen=True, slots=True)
class Details:
    """A service with all that its page shows.

    Attributes:
        card: what lists show of it.
        description: Markdown, as typed.
        category_slug: the category's part of the address.
        offers: its packages, the smallest first.
    """

    card: Card
    description: str
    category_slug: str
    offers: tuple[Offer, ...]

    def offer(self, package_id: int) -> Offer | None:
        """Return one of its packages, or ``None`` when it is another service's."""
        return next((offer for offer in self.offers if offer.id == package_id), None)


_OFFERED = and_(col(Service.published), active_with_role(col(Service.freelancer_id), "freelancer"))
_lowest = select(func.min(col(Package.price_minor))).where(col(Package.service_id) == col(Service.id)).scalar_subquery()
_CARDS: Any = (
    select(
        col(Service.id),
        col(Service.slug),
        col(Service.title),
        col(Service.summary),
        col(Service.freelancer_id),
        col(Service.sold),
        col(Service.published),
        _OFFERED.label("offered"),
        col(Category.id).label("category_id"),
        col(Category.name).label("category"),
        col(Category.icon),
        func.coalesce(_lowest, 0).label("from_minor"),
    )
    .select_from(Service)
    .join(Category, col(Category.id) == col(Service.category_id))
)


def shelves(session: Session) -> list[Shelf]:
    """Read the categories that have something on them, in the operator's order."""
    statement = (
        select(col(Category.id), col(Category.slug), col(Category.name), col(Category.icon), func.count().label("total"))
        .join(Service, col(Service.category_id) == col(Category.id))
        .where(_OFFERED)
        .group_by(col(Category.id), col(Category.slug), col(Category.name), col(Category.icon), col(Category.position))
        .order_by(col(Category.position), col(Category.name))
    )
    return [Shelf(row.id, row.slug, row.name, row.icon, row.total) for row in session.execute(statement)]


def popular(session: Session, size: int) -> list[Card]:
    """Read what is bought most, for the home page."""
    most = _CARDS.where(_OFFERED).order_by(col(Service.sold).desc(), col(Service.id).desc())
    return _cards(session, most.limit(size))


def published(session: Session, category_id: int | None, after: int | None) -> tuple[list[Card], int | None]:
    """Read a page of the catalogue, newest first.

    Args:
        session: the page's read session.
        category_id: only this category; ``None`` for all.
        after: the last service of the page before; ``None`` for the first page.

    Returns:
        The services, and the last one's id when there are more.
    """
    statement = _CARDS.where(_OFFERED)
    if category_id is not None:
        statement = statement.where(col(Service.category_id) == category_id)
    if after is not None:
        statement = statement.where(col(Service.id) < after)
    cards = _cards(session, statement.order_by(col(Service.id).desc()).limit(PAGE + 1))
    return cards[:PAGE], cards[PAGE - 1].id if len(cards) > PAGE else None


def of_freelancer(session: Session, freelancer_id: int) -> list[Card]:
    """Read everything that somebody offers, published or not, newest first."""
    return _cards(session, _CARDS.where(col(Service.freelancer_id) == freelancer_id).order_by(col(Service.id).desc()).limit(500))


def details(session: Session, slug: str) -> Details | None:
    """Read a service by its part of the address, published or not."""
    more: tuple[Any, ...] = (col(Service.description), col(Category.slug).label("category_slug"))
    wanted = _CARDS.add_columns(*more).where(col(Service.slug) == slug)
    row = session.execute(wanted).one_or_none()
    if row is None:
        return None
    names = names_of(session, [row.freelancer_id])
    return Details(_card(row, names), row.description, row.category_slug, tuple(offers(session, row.id)))


def offers(session: Session, service_id: int) -> list[Offer]:
    """Read a service's packages, the smallest first."""
    statement = (
        select(
            col(Package.id),
            col(Package.name),
            col(Package.description),
            col(Package.features),
            col(Package.price_minor),
            col(Package.days),
            col(Package.revisions),
        )
        .where(col(Package.service_id) == service_id)
        .order_by(col(Package.position), col(Package.id))
    )
    return [
        Offer(row.id, row.name, row.description, tuple(json.loads(row.features)), row.price_minor, row.days, row.revisions)
        for row in session.execute(statement)
    ]


def _cards(session: Session, statement: Select[Any]) -> list[Card]:
    rows: Sequence[Any] = session.execute(statement).all()
    names = names_of(session, {row.freelancer_id for row in rows})
    return [_card(row, names) for row in rows]


def _card(row: Any, names: Any) -> Card:
    return Card(
        row.id,
        row.slug,
        row.title,
        row.summary,
        row.freelancer_id,
        names.get(row.freelancer_id, ""),
        row.category,
        row.icon,
        row.category_id % HUES,
        row.from_minor,
        row.sold,
        row.published,
        bool(row.offered),
    )

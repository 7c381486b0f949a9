"""The tables of services. The migration makes them; these classes only describe them."""

from datetime import datetime

from sqlalchemy import CheckConstraint, Index, Text, UniqueConstraint
from sqlmodel import Field

from gigneo.api import ForeignId, Id, Minor, When, table_base

Base = table_base("services")


class Category(Base, table=True):  # type: ignore[misc, valid-type, call-arg]
    """A shelf of the catalogue."""

    __tablename__ = "services_category"
    __table_args__ = (UniqueConstraint("slug"),)

    id: int | None = Id()
    slug: str
    name: str
    icon: str = "box"
    position: int = 50


class Service(Base, table=True):  # type: ignore[misc, valid-type, call-arg]
    """What a freelancer offers. ``sold`` counts completed orders."""

    __tablename__ = "services_service"
    __table_args__ = (
        UniqueConstraint("slug"),
        CheckConstraint("sold >= 0", name="sold"),
        Index("ix_services_service_published", "published", "id"),
        Index("ix_services_service_category", "category_id", "published", "id"),
        Index("ix_services_service_freelancer", "freelancer_id", "id"),
    )

    id: int | None = Id()
    slug: str
    title: str
    summary: str
    description: str = Field(sa_type=Text)
    freelancer_id: int = ForeignId("account_user.id", index=False)
    category_id: int = ForeignId("services_category.id", index=False)
    published: bool = False
    sold: int = 0
    created_at: datetime = When()


class Package(Base, table=True):  # type: ignore[misc, valid-type, call-arg]
    """One of a service's packages, with its own price and terms. No ``revisions`` means unlimited."""

    __tablename__ = "services_package"
    __table_args__ = (
        UniqueConstraint("service_id", "name"),
        CheckConstraint("price_minor >= 1", name="price"),
        CheckConstraint("days >= 1", name="days"),
        CheckConstraint("revisions IS NULL OR revisions >= 0", name="revisions"),
    )

    id: int | None = Id()
    service_id: int = ForeignId("services_service.id", index=False)
    name: str
    description: str
    features: str = Field(default="[]", sa_type=Text)
    price_minor: int = Minor()
    days: int
    revisions: int | None = None
    position: int = 0


class Purchase(Base, table=True):  # type: ignore[misc, valid-type, call-arg]
    """Which service an order came from, so that it can be counted once, also when this module was off meanwhile."""

    __tablename__ = "services_purchase"
    __table_args__ = (
        UniqueConstraint("order_id"),
        Index("ix_services_purchase_service", "service_id"),
        Index("ix_services_purchase_counted", "counted", "order_id"),
    )

    id: int | None = Id()
    order_id: int = ForeignId("orders_order.id", index=False)
    service_id: int = ForeignId("services_service.id", index=False)
    counted: bool = False

"""Buying a package: the order is placed, and paid in the same transaction when the wallet holds enough."""

import json
from collections.abc import Mapping
from dataclasses import dataclass

from sqlmodel import Session, col, select

from gigneo.api import Refused, currency, gettext
from gigneo.api import lazy_gettext as _l
from gigneo.contributions import Refusal
from gigneo.hooks import OrderTerms
from gigneo.plugins.orders import api as orders
from gigneo.plugins.services.models import Category, Package, Purchase, Service
from gigneo.plugins.wallet import api as wallet


@dataclass(frozen=True, slots=True)
class Bought:
    """What came of buying.

    Attributes:
        order_id: the order.
        number: its public number.
        paid: whether it was paid at once; otherwise it waits for the money.
    """

    order_id: int
    number: str
    paid: bool


def terms_of(service: Service, package: Package, category: str, employer_id: int) -> OrderTerms:
    """Return what an order of a package would be."""
    assert service.id is not None
    return OrderTerms(
        kind="service",
        source_id=service.id,
        title=service.title,
        package=package.name,
        features=tuple(json.loads(package.features)),
        employer_id=employer_id,
        freelancer_id=service.freelancer_id,
        price_minor=package.price_minor,
        currency=currency(),
        days=package.days,
        revisions=package.revisions,
        category=category,
    )


def buy(
    session: Session,
    package_id: int,
    employer_id: int,
    *,
    seen: Mapping[str, str] | None = None,
    number: str | None = None,
    pay: bool = True,
) -> Bought:
    """Buy a package.

    Args:
        session: the action's writing transaction.
        package_id: what is bought.
        employer_id: who buys.
        seen: the offer on the page that the person agreed on; another one is refused.
        number: a public number for the order, for demo data.
        pay: pay at once when the wallet holds enough; otherwise the order waits in any case.

    Raises:
        Refused: it is not on offer, or a rule of orders or of a module refuses.
        RefusedMany: several do, or the offer has changed meanwhile.
    """
    # Whoever unpublishes or changes the service waits; other buyers don't.
    found = session.execute(
        select(Package, Service, Category)
        .join(Service, col(Service.id) == col(Package.service_id))
        .join(Category, col(Category.id) == col(Service.category_id))
        .where(col(Package.id) == package_id)
        .with_for_update(read=True, of=Service)
    ).one_or_none()
    if found is None:
        raise Refused(gettext("This package is no longer on offer."), code="not_offered")
    package, service, category = found
    terms = terms_of(service, package, category.slug, employer_id)
    order = orders.place(session, terms, employer_id, seen=seen, number=number)
    session.add(Purchase(order_id=order.id, service_id=service.id))
    session.flush()
    total = order.price_minor + order.employer_fee_minor
    if not pay or not wallet.can_pay(session, employer_id, total):
        return Bought(order.id, order.number, paid=False)
    orders.pay(session, order.number, employer_id)
    return Bought(order.id, order.number, paid=True)


def refuse_terms(terms: OrderTerms, session: Session) -> Refusal | None:
    """Say why terms that claim to come from a service must not become an order."""
    if terms.kind != "service":
        return None
    service = session.get(Service, terms.source_id)
    if service is None or not service.published or service.freelancer_id != terms.freelancer_id:
        return Refusal(_l("This service is not on offer."), "not_offered")
    if terms.employer_id == service.freelancer_id:
        return Refusal(_l("This is your own service."), "own_service")
    package = session.exec(
        select(Package).where(col(Package.service_id) == service.id, col(Package.name) == terms.package)
    ).first()
    offered = package and (package.price_minor, package.days, package.revisions)
    if offered != (terms.price_minor, terms.days, terms.revisions):
        return Refusal(_l("The package has changed meanwhile. Look at it again before you buy."), "price_mismatch")
    return None


def count_sale(session: Session, order_id: int) -> None:
    """Count a completed order for its service, once."""
    purchase = session.exec(select(Purchase).where(col(Purchase.order_id) == order_id).with_for_update()).first()
    if purchase is None or purchase.counted:
        return
    service = session.exec(select(Service).where(col(Service.id) == purchase.service_id).with_for_update()).one()
    purchase.counted = True
    service.sold += 1
    session.add_all([purchase, service])
    session.flush()


def reconcile_sales(session: Session) -> None:
    """Count what was completed while this module was off: nobody told it."""
    waiting = session.exec(select(Purchase.order_id).where(col(Purchase.counted).is_(False)).order_by(col(Purchase.order_id)))
    for order_id in waiting.all():
        if orders.facts(session, order_id).state == "completed":
            count_sale(session, order_id)

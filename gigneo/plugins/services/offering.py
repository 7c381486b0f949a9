"""Putting a service into the catalogue, and taking it out."""

import json
import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from sqlmodel import Session, col, select

from gigneo.api import Refused, gettext, now, written, written_line
from gigneo.plugins.services.models import Category, Package, Service

TITLE_LIMIT: Final = 120
SUMMARY_LIMIT: Final = 200
PACKAGE_LIMIT: Final = 60
DESCRIPTION_LIMIT: Final = 10_000
LARGEST: Final = 2**53
SLUG_LENGTH: Final = 60


@dataclass(frozen=True, slots=True)
class PackageDraft:
    """A package that a freelancer wants to offer.

    Attributes:
        name: Basic, Standard or Premium.
        description: what it is.
        features: what it includes.
        price_minor: at least 1.
        days: at least 1.
        revisions: 0 or more; ``None`` means unlimited.
    """

    name: str
    description: str
    features: Sequence[str]
    price_minor: int
    days: int
    revisions: int | None


@dataclass(frozen=True, slots=True)
class ServiceDraft:
    """A service that a freelancer wants to offer.

    Attributes:
        title: what is offered.
        summary: in one sentence.
        description: Markdown.
        packages: at least one, the smallest first.
    """

    title: str
    summary: str
    description: str
    packages: Sequence[PackageDraft]


def add_category(session: Session, name: str, icon: str, position: int) -> int:
    """Add a category; one that is there keeps its name.

    Args:
        session: the action's writing transaction.
        name: for people.
        icon: a symbol of the theme.
        position: smaller comes first.

    Returns:
        The category's id.
    """
    slug = slug_of(name)
    category = session.exec(select(Category).where(col(Category.slug) == slug)).first()
    if category is None:
        category = Category(slug=slug, name=name, icon=icon, position=position)
        session.add(category)
        session.flush()
    assert category.id is not None
    return category.id


def publish(session: Session, freelancer_id: int, category_id: int, draft: ServiceDraft) -> str:
    """Put a service into the catalogue.

    Args:
        session: the action's writing transaction.
        freelancer_id: who offers it.
        category_id: where it stands.
        draft: what it is.

    Returns:
        The service's slug.

    Raises:
        Refused: something is missing, too long or not possible.
    """
    _check(draft)
    if session.get(Category, category_id) is None:
        raise Refused(gettext("There is no such category."), code="category", field="category")
    service = Service(
        slug=_free_slug(session, draft.title),
        title=written_line(draft.title, "title", TITLE_LIMIT),
        summary=written_line(draft.summary, "summary", SUMMARY_LIMIT),
        description=written(draft.description, "description", DESCRIPTION_LIMIT),
        freelancer_id=freelancer_id,
        category_id=category_id,
        published=True,
        created_at=now(),
    )
    session.add(service)
    session.flush()
    assert service.id is not None
    for position, package in enumerate(draft.packages):
        session.add(
            Package(
                service_id=service.id,
                name=package.name,
                description=package.description,
                features=json.dumps(list(package.features), ensure_ascii=False),
                price_minor=package.price_minor,
                days=package.days,
                revisions=package.revisions,
                position=position,
            )
        )
    session.flush()
    return service.slug


def set_published(session: Session, slug: str, freelancer_id: int, published: bool) -> None:
    """Show a service in the catalogue, or take it out. Orders that it led to stay as they are.

    Args:
        session: the action's writing transaction.
        slug: the service.
        freelancer_id: whose it must be.
        published: shown or not.

    Raises:
        Refused: this person has no such service.
    """
    service = session.exec(select(Service).where(col(Service.slug) == slug).with_for_update()).first()
    if service is None or service.freelancer_id != freelancer_id:
        raise Refused(gettext("There is no such service."), code="not_found")
    service.published = published
    session.add(service)
    session.flush()


def slug_of(title: str) -> str:
    """Return a title as a part of an address: lower case, ASCII, words joined by hyphens."""
    plain = unicodedata.normalize("NFKD", title).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", plain)[:SLUG_LENGTH].strip("-") or "service"


def _free_slug(session: Session, title: str) -> str:
    base = slug_of(title)
    taken = set(session.exec(select(Service.slug).where(col(Service.slug).startswith(base, autoescape=True))))
    if base not in taken:
        return base
    return next(f"{base}-{number}" for number in range(2, len(taken) + 3) if f"{base}-{number}" not in taken)


def _check(draft: ServiceDraft) -> None:
    if not draft.packages:
        raise Refused(gettext("A service needs a package that can be bought."), code="no_package", field="packages")
    for package in draft.packages:
        written_line(package.name, "packages", PACKAGE_LIMIT)
        possible = 1 <= package.price_minor <= LARGEST and 1 <= package.days <= 3650
        if not possible or (package.revisions is not None and not 0 <= package.revisions <= 1000):
            raise Refused(gettext("The terms of %(name)s are not possible.", name=package.name), code="terms", field="packages")

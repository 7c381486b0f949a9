"""What services adds to the site."""

from collections.abc import Iterable, Mapping
from typing import Any

from flask import Blueprint
from sqlmodel import Session

from gigneo.api import currency, hookimpl
from gigneo.api import lazy_gettext as _l
from gigneo.contributions import MenuItem, Refusal, SlotFragment
from gigneo.hooks import OrderCompleted, OrderTerms
from gigneo.plugins.services import buying, checkout, queries
from gigneo.plugins.services.routes import bp

ON_THE_HOME_PAGE = 8


class ServicesPlugin:
    """Services for the marketplace."""

    @hookimpl
    def routes(self) -> Iterable[Blueprint]:
        """The catalogue, a service, its checkout, and what a freelancer offers."""
        return [bp]

    @hookimpl
    def dashboard_menu(self) -> Iterable[MenuItem]:
        """A freelancer's own services."""
        roles = frozenset({"freelancer"})
        return [MenuItem("services", _l("My services"), "services.own_services", icon="tag", position=30, roles=roles)]

    @hookimpl
    def slot_fragments(self) -> Iterable[SlotFragment]:
        """The home page, and the way to the catalogue."""
        return [
            SlotFragment("home", "services", template="services/home.html", render=_home),
            SlotFragment("page.nav", "services", template="services/nav.html", position=10, fixed=True),
        ]

    @hookimpl
    def allow_order_place(self, terms: OrderTerms, session: Session) -> Refusal | None:
        """Only what is on offer can be ordered, at the price that it is offered for."""
        return buying.refuse_terms(terms, session)

    @hookimpl
    def order_completed(self, event: OrderCompleted, session: Session) -> None:
        """Count what was sold."""
        buying.count_sale(session, event.order_id)

    @hookimpl
    def on_enable(self, session: Session) -> None:
        """Count what was sold while nobody counted."""
        buying.reconcile_sales(session)


def _home(session: Session, **_place: Any) -> Mapping[str, Any]:
    return {"shelves": queries.shelves(session), "cards": queries.popular(session, ON_THE_HOME_PAGE), "currency": currency()}


plugin = ServicesPlugin()
__all__ = ["checkout", "plugin"]

"""What the order's own tabs load: overview, activity, attachments. Other modules' tabs and panels come the same way."""

import logging
from collections.abc import Mapping
from functools import partial
from typing import Any

from flask import request, url_for
from markupsafe import Markup
from sqlmodel import Session

from gigneo.api import Person, contributions, piece, render_fragment
from gigneo.api import lazy_gettext as _l
from gigneo.hooks import OrderFacts, OrderTab
from gigneo.plugins.orders.attachments_tab import load_attachments
from gigneo.plugins.orders.contents import activity, round_entries
from gigneo.plugins.orders.file_rows import DELIVERY, REVISION, count_files, files_that_came_with
from gigneo.plugins.orders.history import entries, history_page
from gigneo.plugins.orders.rounds import pair
from gigneo.plugins.orders.states import ADMINISTRATOR

log = logging.getLogger("gigneo.plugins.orders")
LATEST = 5


def load_overview(order: OrderFacts, person: Person, session: Session) -> Mapping[str, Any]:
    """Load deliveries with their rounds, the latest activity, and the panels of all modules."""
    sent = round_entries(session, order.id)
    files = files_that_came_with(session, order.id, DELIVERY, REVISION) if sent else []
    return {
        "rounds": tuple(pair(sent, files)),
        "latest": tuple(entries(activity(session, order.id, LATEST), person.id, order.currency)),
        "panels": render_panels(order, person, session),
    }


def load_activity(order: OrderFacts, person: Person, session: Session) -> Mapping[str, Any]:
    """Load a page of the history, by day."""
    page = history_page(session, order.id, person.id, order.currency, request.args.get("before"))
    here = partial(url_for, "orders.tab", number=order.number, tab="activity")
    return {
        "days": page.days,
        "newer": None if page.first else here(),
        "older": here(before=page.older) if page.older is not None else None,
    }


def render_panels(order: OrderFacts, person: Person, session: Session) -> Mapping[str, list[Markup]]:
    """Render the contributed panels by area. One that fails is left out and logged; the page goes on."""
    panels: dict[str, list[Markup]] = {"main": [], "side": []}
    role = order.role_of(person.id) or ADMINISTRATOR
    for panel in contributions().order_panels:
        try:
            given = panel.load(order, person, session) if panel.load is not None else {}
            if given is not None:
                draw = piece if panel.fixed else render_fragment
                panels[panel.area].append(draw(panel.template, order=order, role=role, **given))
        except Exception:
            session.rollback()
            log.exception("The panel %s of %s failed.", panel.name, contributions().owner_of(panel))
    return panels


TABS = (
    OrderTab("overview", _l("Overview"), "orders/overview.html", load_overview, position=10),
    OrderTab("activity", _l("Activity"), "orders/activity.html", load_activity, position=20),
    OrderTab("attachments", _l("Attachments"), "orders/attachments.html", load_attachments, count_files, position=40),
)

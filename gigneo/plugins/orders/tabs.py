"""What the order's own tabs load: overview, activity, attachments. Other modules' tabs and panels come the same way."""

import logging
from collections.abc import Mapping
from functools import partial
from typing import Any

from flask import request, url_for
from markupsafe import Markup
from sqlalchemy import func, or_, select
from sqlmodel import Session, col

from gigneo.api import Person, StoredFile, contributions, form_key, gettext, render_fragment, setting
from gigneo.api import lazy_gettext as _l
from gigneo.hooks import OrderFacts, OrderTab
from gigneo.plugins.orders.contents import FileRow, activity, all_files, delivery_files, round_entries
from gigneo.plugins.orders.forms import AttachmentForm, label_of
from gigneo.plugins.orders.history import entries, history_page
from gigneo.plugins.orders.models import Delivery
from gigneo.plugins.orders.rounds import pair
from gigneo.plugins.orders.states import ADMINISTRATOR

log = logging.getLogger("gigneo.plugins.orders")
LATEST = 5


def load_overview(order: OrderFacts, person: Person, session: Session) -> Mapping[str, Any]:
    """Load deliveries with their rounds, the latest activity, and the panels of all modules."""
    sent = round_entries(session, order.id)
    files = delivery_files(session, order.id) if sent else []
    return {
        "rounds": pair(sent, files),
        "latest": entries(activity(session, order.id, LATEST), person.id, order.currency),
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


def load_attachments(order: OrderFacts, person: Person, session: Session) -> Mapping[str, Any]:
    """Load every file of the order, and the form to add some."""
    return {
        "files": all_files(session, order.id),
        "form": AttachmentForm(),
        "upload_key": form_key(),
        "max_files": setting("orders", "files_per_delivery"),
        "origin": _origin,
        "kind_label": label_of,
    }


def render_panels(order: OrderFacts, person: Person, session: Session) -> Mapping[str, list[Markup]]:
    """Render the contributed panels by area. One that fails is left out and logged; the page goes on."""
    panels: dict[str, list[Markup]] = {"main": [], "side": []}
    role = order.role_of(person.id) or ADMINISTRATOR
    for panel in contributions().order_panels:
        try:
            given = panel.load(order, person, session) if panel.load is not None else {}
            panels[panel.area].append(render_fragment(panel.template, order=order, role=role, **given))
        except Exception:
            session.rollback()
            log.exception("The panel %s of %s failed.", panel.name, contributions().owner_of(panel))
    return panels


def count_files(order_id: Any, person_id: Any) -> Any:
    """The Attachments tab's badge: a column of the page's header statement."""
    deliveries = select(col(Delivery.id)).where(col(Delivery.order_id) == order_id)
    return (
        select(func.count())
        .select_from(StoredFile)
        .where(
            or_(
                (col(StoredFile.owner_kind) == "orders.order") & (col(StoredFile.owner_id) == order_id),
                (col(StoredFile.owner_kind) == "orders.delivery") & col(StoredFile.owner_id).in_(deliveries),
            )
        )
        .scalar_subquery()
    )


def _origin(file: FileRow) -> str:
    return gettext("Delivery") if file.owner_kind == "orders.delivery" else gettext("Upload")


TABS = (
    OrderTab("overview", _l("Overview"), "orders/overview.html", load_overview, position=10),
    OrderTab("activity", _l("Activity"), "orders/activity.html", load_activity, position=20),
    OrderTab("attachments", _l("Attachments"), "orders/attachments.html", load_attachments, count_files, position=40),
)

"""The pages of orders for their parties: the lists under Dashboard → Orders, and the order page with its tabs."""

from typing import Any

from flask import Blueprint, abort, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.wrappers import Response

from gigneo.api import contributions, form_key, now, party, person, read, signed_in
from gigneo.plugins.orders import lists
from gigneo.plugins.orders.decisions import choices
from gigneo.plugins.orders.loaders import load_page, load_party_order
from gigneo.plugins.orders.outlook import due_words, flag_words, outlook, progress, row_words, state_words
from gigneo.plugins.orders.queries import OrderHeader
from gigneo.plugins.orders.searching import read_search
from gigneo.plugins.orders.states import FINISHED, STATES, other_role
from gigneo.plugins.orders.wording import fill, values_of
from gigneo.plugins.wallet import api as wallet

bp = Blueprint("orders", __name__)
MAIN = 60
"""Actions before this position are buttons; the others are offered less loudly."""
TABS_PATH = {"service": "services", "job": "jobs"}


@bp.get("/dashboard/orders")
@signed_in
def all_lists() -> Response:
    """Go to the first list."""
    return redirect(url_for("orders.services"), 303)


@bp.get("/dashboard/orders/services")
@signed_in
def services() -> ResponseReturnValue:
    """List the viewer's service orders."""
    return _list("service")


@bp.get("/dashboard/orders/jobs")
@signed_in
def jobs() -> ResponseReturnValue:
    """List the viewer's job orders."""
    return _list("job")


@bp.get("/orders/<number>")
@party(load_party_order)
def overview(number: str) -> Response:
    """Go to the order's first tab."""
    return redirect(url_for("orders.tab", number=number, tab="overview"), 303)


@bp.get("/orders/<number>/<tab>")
@party(load_page)
def tab(number: str, tab: str) -> ResponseReturnValue:
    """Show a tab of the order page."""
    chosen = next((item for item in contributions().order_tabs if item.name == tab), None)
    if chosen is None:
        abort(404)
    return render_order(g.owned, chosen)


def render_order(order: OrderHeader, tab: Any, status: int = 200, **extra: Any) -> ResponseReturnValue:
    """Render the order page around one of its tabs.

    Args:
        order: with its badges.
        tab: the contributed tab.
        status: of the answer.
        extra: what the tab's template is given besides what its ``load`` gives.
    """
    viewer = person()
    assert viewer is not None
    facts, at = order.facts, now()
    role = facts.role_of(viewer.id) or ""
    offered = choices(facts, role, read())
    purse = wallet.purse_of(read(), facts.id) if facts.state in FINISHED and facts.started_at is not None else None
    said, values = outlook(order, role, offered, at, purse), values_of(facts)
    given = tab.load(facts, viewer, read()) if tab.load is not None else {}
    page = render_template(
        "orders/page.html",
        header=order,
        order=facts,
        role=role,
        state=STATES[facts.state],
        other=facts.freelancer_name if role == "employer" else facts.employer_name,
        other_role=other_role(role),
        choices=offered,
        outlook=said,
        over=facts.state in FINISHED,
        flagged=flag_words(facts),
        state_words=state_words(facts, said.mine),
        progress=progress(order),
        due=due_words(order, at),
        tabs=tab_items(order, tab),
        tab=tab,
        fill=lambda text: fill(text, values),
        main_actions=[action for action in offered.offered if action.position < MAIN],
        other_actions=[action for action in offered.offered if action.position >= MAIN],
        orders_list=url_for(f"orders.{TABS_PATH[facts.kind]}"),
        kind=kind_of(facts.kind),
        new_form_key=form_key,
        **{**given, **extra},
    )
    return page, status


def tab_items(order: OrderHeader, current: Any) -> list[dict[str, Any]]:
    """Return the tab bar of the order page."""
    return [
        {
            "label": tab.label,
            "url": url_for("orders.tab", number=order.facts.number, tab=tab.name),
            "current": tab is current,
            "badge": order.badges.get(tab.name),
            "new": False,
        }
        for tab in contributions().order_tabs
    ]


def kind_of(name: str) -> Any:
    """Return the contributed kind of an order."""
    return next(kind for kind in contributions().order_kinds if kind.name == name)


def _list(kind: str) -> ResponseReturnValue:
    viewer = person()
    assert viewer is not None
    show = lists.FILTERS.get(request.args.get("show", "all"), lists.FILTERS["all"])
    sort = request.args.get("sort", "newest") if show.by_due else "newest"
    sort = sort if sort in lists.SORTS else "newest"
    cursor, at, search = request.args.get("after"), now(), read_search(request.args.get("q", ""))
    page = lists.own_orders(read(), viewer.id, kind, show, sort, cursor, at, search)
    waiting = lists.counts_needing(read(), viewer.id)
    endpoint = f"orders.{TABS_PATH[kind]}"

    def link(**changed: str) -> str:
        values = {"show": show.name, "sort": sort, "q": search.text, **changed}
        defaults = {"show": "all", "sort": "newest", "q": ""}
        return url_for(endpoint, **{key: value for key, value in values.items() if defaults.get(key) != value})  # type: ignore[arg-type]

    return render_template(
        "orders/list.html",
        kinds=[
            {
                "label": item.tab,
                "url": url_for(f"orders.{TABS_PATH[item.name]}"),
                "current": item.name == kind,
                "badge": waiting.get(item.name),
                "new": True,
            }
            for item in contributions().order_kinds
            if item.name in TABS_PATH
        ],
        filters=[
            {
                "label": item.label,
                "url": link(show=item.name, sort=sort if item.by_due else "newest"),
                "current": item is show,
                "badge": _capped(waiting.get(kind, 0)) if item.needs_me and waiting.get(kind) else None,
            }
            for item in lists.FILTERS.values()
        ],
        rows=[(row, row.role_of(viewer.id), row_words(row, row.role_of(viewer.id), at)) for row in page.rows],
        states=STATES,
        show=show.name,
        here=url_for(endpoint),
        search=search.text,
        sort=sort,
        sorts=lists.sort_links(show, sort, link),
        newer=link() if cursor else None,
        older=link(after=page.older) if page.older else None,
        empty=lists.empty_words(show, search.text),
        unfiltered=None if show.name == "all" and not search.text else url_for(endpoint),
    )


def _capped(count: int) -> str:
    return "99+" if count > 99 else str(count)

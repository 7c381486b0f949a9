"""Gigneo → Orders: every order, one order with its whole story, and the holds that an administrator can lift."""

from typing import Any

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from gigneo.api import contributions, form_key, now, permission, person, read
from gigneo.api import gettext as _
from gigneo.hooks import HoldFacts
from gigneo.plugins.orders import lists
from gigneo.plugins.orders.contents import activity, all_files, delivery_files, round_entries
from gigneo.plugins.orders.forms import LiftHoldForm
from gigneo.plugins.orders.history import by_day, entries
from gigneo.plugins.orders.holding import lift_hold
from gigneo.plugins.orders.loaders import load_any
from gigneo.plugins.orders.outlook import due_words, progress
from gigneo.plugins.orders.posting import act
from gigneo.plugins.orders.queries import OrderHeader
from gigneo.plugins.orders.rounds import pair
from gigneo.plugins.orders.routes import kind_of
from gigneo.plugins.orders.states import STATES
from gigneo.plugins.orders.tabs import render_panels

bp = Blueprint("orders_admin", __name__, url_prefix="/admin/orders")
MANAGE = "orders.manage"


@bp.get("")
@permission(MANAGE)
def listing() -> ResponseReturnValue:
    """List all orders, by state, hold and number."""
    show = lists.ADMIN_FILTERS.get(request.args.get("show", "all"), lists.ADMIN_FILTERS["all"])
    sort = request.args.get("sort", "newest") if show.by_due else "newest"
    sort = sort if sort in lists.SORTS else "newest"
    asked = request.args.get("number", "").strip().removeprefix("#")
    number = asked if asked.isascii() and asked.isdigit() and len(asked) <= 12 else ""
    cursor, at = request.args.get("after"), now()
    page = lists.every_order(read(), show, sort, cursor, at, number) if number or not asked else lists.Page((), None)

    def link(**changed: str) -> str:
        values = {"show": show.name, "sort": sort, "number": number, **changed}
        defaults = {"show": "all", "sort": "newest", "number": ""}
        given = {key: value for key, value in values.items() if defaults.get(key) != value}
        return url_for("orders_admin.listing", **given)  # type: ignore[arg-type]

    return render_template(
        "orders/admin_list.html",
        filters=[
            {"label": item.label, "url": link(show=item.name, sort="newest"), "current": item is show}
            for item in lists.ADMIN_FILTERS.values()
        ],
        rows=[(row, row.is_late(at)) for row in page.rows],
        states=STATES,
        show=show.name,
        asked=asked,
        sort=sort,
        sort_url=link(sort="newest" if sort == "due" else "due") if show.by_due else None,
        newer=link() if cursor else None,
        older=link(after=page.older) if page.older else None,
    )


@bp.get("/<number>")
@permission(MANAGE)
def order(number: str) -> ResponseReturnValue:
    """Show an order with its whole story on one page."""
    found = load_any(number)
    if found is None:
        abort(404)
    return _render(found, LiftHoldForm())


@bp.get("/<number>/<tab>")
@permission(MANAGE)
def tab(number: str, tab: str) -> ResponseReturnValue:
    """Show a tab that another module opens to administrators."""
    found = load_any(number)
    chosen = next((item for item in contributions().order_tabs if item.name == tab and item.for_administrators), None)
    if found is None or chosen is None:
        abort(404)
    given = chosen.load(found.facts, person(), read()) if chosen.load is not None else {}
    return _render(found, LiftHoldForm(), chosen, given=given)


@bp.post("/<number>/holds/<int:hold_id>/lift")
@permission(MANAGE)
def lift(number: str, hold_id: int) -> ResponseReturnValue:
    """Lift a hold, for a reason that both sides see."""
    found, viewer = load_any(number), person()
    if found is None or viewer is None or all(hold.id != hold_id for hold in found.facts.holds):
        abort(404)
    form, facts = LiftHoldForm(request.form), found.facts
    if form.validate():
        reason = form.reason.data or ""
        answer = act(
            facts,
            "lift_hold",
            {"hold": hold_id, "reason": reason},
            lambda session: lift_hold(session, facts.id, hold_id, actor_id=viewer.id, reason=reason),
        )
        if answer is None:
            flash(_("The hold is lifted."), "success")
            return redirect(url_for("orders_admin.order", number=number), 303)
        form.reason.errors = list(answer.reasons)
    return _render(found, form, failed_hold=hold_id, status=409)


def _render(
    header: OrderHeader,
    form: LiftHoldForm,
    chosen: Any = None,
    *,
    given: Any = None,
    failed_hold: int | None = None,
    status: int = 200,
) -> ResponseReturnValue:
    viewer = person()
    assert viewer is not None
    facts, session = header.facts, read()
    history = entries(activity(session, facts.id), viewer.id, facts.currency) if chosen is None else []
    page = render_template(
        "orders/admin_order.html",
        header=header,
        order=facts,
        role="administrator",
        state=STATES[facts.state],
        kind=kind_of(facts.kind),
        due=due_words(header, now()),
        progress=progress(header),
        tabs=_tabs(facts.number, chosen),
        tab=chosen,
        rounds=pair(round_entries(session, facts.id), delivery_files(session, facts.id)) if chosen is None else [],
        files=all_files(session, facts.id) if chosen is None else [],
        days=by_day(history),
        panels=render_panels(facts, viewer, session) if chosen is None else {"main": [], "side": []},
        blocked=_blocked,
        hold_form=form,
        hold_key=form_key,
        failed_hold=failed_hold,
        **(given or {}),
    )
    return page, status


def _blocked(hold: HoldFacts) -> str:
    """Name what a hold blocks, as the buttons say it; the action of a module that is off by its own name."""
    labels = {action.name: str(action.label) for action in contributions().order_actions}
    return ", ".join(dict.fromkeys(labels.get(name, name) for name in sorted(hold.actions)))


def _tabs(number: str, chosen: Any) -> list[dict[str, Any]]:
    whole = {"label": _("Everything"), "url": url_for("orders_admin.order", number=number), "current": chosen is None}
    others = [
        {"label": item.label, "url": url_for("orders_admin.tab", number=number, tab=item.name), "current": item is chosen}
        for item in contributions().order_tabs
        if item.for_administrators
    ]
    return [{**entry, "badge": None, "new": False} for entry in (whole, *others)] if others else []

"""Gigneo → Orders: every order, one order with its whole story, and the tabs that others open to administrators."""

from functools import partial
from typing import Any

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from gigneo.api import audit, contributions, form_key, names_of, now, once, permission, person, read, write
from gigneo.api import gettext as _
from gigneo.hooks import HoldFacts, OrderFacts
from gigneo.plugins.orders import describing, drawing, lists
from gigneo.plugins.orders.answers import status_of
from gigneo.plugins.orders.contents import requests, round_entries
from gigneo.plugins.orders.decisions import decide
from gigneo.plugins.orders.file_rows import (
    DELIVERY,
    REVISION,
    WITH_ORDER,
    files_from,
    files_that_came_with,
    has_files_from_elsewhere,
)
from gigneo.plugins.orders.forms import LiftHoldForm
from gigneo.plugins.orders.history import history_page
from gigneo.plugins.orders.holding import lift_hold
from gigneo.plugins.orders.loaders import load_any
from gigneo.plugins.orders.opening import open_origins, opened_tabs
from gigneo.plugins.orders.outlook import due_words, flag_words, progress
from gigneo.plugins.orders.posting import act
from gigneo.plugins.orders.queries import OrderHeader, lock
from gigneo.plugins.orders.rounds import pair
from gigneo.plugins.orders.routes import kind_of
from gigneo.plugins.orders.searching import read_search
from gigneo.plugins.orders.states import ADMINISTRATOR, FINISHED, MANAGE, STATES
from gigneo.plugins.orders.steps import OWN_ORDER, record
from gigneo.plugins.orders.table import table
from gigneo.plugins.orders.tabs import render_panels

bp = Blueprint("orders_admin", __name__, url_prefix="/admin/orders")


@bp.get("")
@permission(MANAGE)
def listing() -> ResponseReturnValue:
    """List all orders, by state, flag, hold, number, title and person."""
    show = lists.ADMIN_FILTERS.get(request.args.get("show", "all"), lists.ADMIN_FILTERS["all"])
    sort = request.args.get("sort", "newest") if show.by_due else "newest"
    sort = sort if sort in lists.SORTS else "newest"
    cursor, at, search = request.args.get("after"), now(), read_search(request.args.get("q", ""))
    page = lists.every_order(read(), show, sort, cursor, at, search)

    def link(**changed: str) -> str:
        values = {"show": show.name, "sort": sort, "q": search.text, **changed}
        defaults = {"show": "all", "sort": "newest", "q": ""}
        given = {key: value for key, value in values.items() if defaults.get(key) != value}
        return url_for("orders_admin.listing", **given)  # type: ignore[arg-type]

    return render_template(
        "orders/admin_list.html",
        filters=[
            {"label": item.label, "url": link(show=item.name, sort="newest"), "current": item is show}
            for item in lists.ADMIN_FILTERS.values()
        ],
        rows=[(row, row.is_late(at), row.is_due_soon(at)) for row in page.rows],
        states=STATES,
        show=show.name,
        search=search.text,
        sort=sort,
        empty=lists.empty_words(show, search.text),
        sorts=lists.sort_links(show, sort, link),
        newer=link() if cursor else None,
        older=link(after=page.older) if page.older else None,
        finished=FINISHED,
    )


@bp.get("/process")
@permission(MANAGE)
def process() -> ResponseReturnValue:
    """Draw and list the process of this site's orders, with what the modules add."""
    kinds = contributions().order_kinds
    kind = next((each for each in kinds if each.name == request.args.get("kind")), kinds[0])
    found = describing.rows(kind.name)
    return render_template(
        "orders/admin_process.html",
        kinds=[
            {
                "label": each.tab,
                "url": url_for("orders_admin.process", kind=each.name),
                "current": each is kind,
                "badge": None,
                "new": False,
            }
            for each in kinds
        ],
        rows=found,
        boxes=drawing.boxes(),
        arrows=drawing.arrows(found),
        states=STATES,
        width=drawing.WIDTH,
        height=drawing.HEIGHT,
    )


@bp.get("/<number>")
@permission(MANAGE)
def order(number: str) -> ResponseReturnValue:
    """Show an order with its whole story on one page."""
    return render_order(found_or_404(number), LiftHoldForm())


@bp.get("/<number>/<tab>")
@permission(MANAGE)
def tab(number: str, tab: str) -> ResponseReturnValue:
    """Show a tab that its module opens to administrators; a private one only after it was opened on purpose."""
    found, viewer = found_or_404(number), person()
    chosen = _tab_or_404(tab)
    if chosen.private and (viewer is None or tab not in opened_tabs(read(), found.facts.id, viewer.id)):
        return render_order(found, LiftHoldForm(), chosen, locked=True)
    given = chosen.load(found.facts, viewer, read()) if chosen.load is not None else {}
    return render_order(found, LiftHoldForm(), chosen, given=given)


@bp.post("/<number>/<tab>/open")
@permission(MANAGE)
def open_private(number: str, tab: str) -> ResponseReturnValue:
    """Open a private tab on purpose: the audit keeps it, and both sides see it in the order's history."""
    found, viewer, chosen = found_or_404(number), person(), _tab_or_404(tab)
    if viewer is None or not chosen.private:
        abort(404)
    facts = found.facts

    def note(session: Any) -> str:
        locked = lock(session, facts.id)
        version = facts.version if locked is None else locked.version
        params = {"tab": tab, "label": str(chosen.label)}
        record(session, facts.id, "private_read", viewer.id, params=params, version=version)
        audit(session, "orders.private_read", f"order:{number}", {"tab": tab}, actor_id=viewer.id)
        return number

    with write() as session:
        entered = {"action": "orders.open_private", "order": number, "tab": tab}
        once(session, request.form.get("form_key", ""), entered, lambda: note(session))
    return redirect(url_for("orders_admin.tab", number=number, tab=tab), 303)


@bp.post("/<number>/holds/<int:hold_id>/lift")
@permission(MANAGE)
def lift(number: str, hold_id: int) -> ResponseReturnValue:
    """Lift a hold, for a reason that both sides see."""
    found, viewer = found_or_404(number), person()
    if viewer is None or all(hold.id != hold_id for hold in found.facts.holds):
        abort(404)
    form, facts = LiftHoldForm(request.form), found.facts
    status = 422
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
        form.reason.errors, status = list(answer.reasons), status_of(form, answer)
    return render_order(found, form, failed_hold=hold_id, status=status)


def found_or_404(number: str) -> OrderHeader:
    """Return the order of the address, or answer that there is none."""
    found = load_any(number)
    if found is None:
        abort(404)
    return found


def render_order(
    header: OrderHeader,
    form: LiftHoldForm,
    chosen: Any = None,
    *,
    given: Any = None,
    locked: bool = False,
    failed_hold: int | None = None,
    status: int = 200,
) -> ResponseReturnValue:
    """Render the administrator's page of an order: everything, or one tab.

    Args:
        header: the order.
        form: of the holds.
        chosen: the tab; ``None`` for everything.
        given: what the tab's template is given.
        locked: whether the tab must be opened on purpose first.
        failed_hold: whose form was refused.
        status: of the answer.
    """
    facts = header.facts
    page = render_template(
        "orders/admin_order.html",
        header=header,
        order=facts,
        role=ADMINISTRATOR,
        state=STATES[facts.state],
        kind=kind_of(facts.kind),
        due=due_words(header, now()),
        flagged=flag_words(facts),
        progress=progress(header),
        tabs=_tabs(facts.number, chosen),
        tab=chosen,
        locked=locked,
        blocked=_blocked,
        decisions=_decisions(facts),
        own=OWN_ORDER if _is_own(facts) and facts.state not in FINISHED else "",
        hold_form=form,
        hold_key=form_key,
        failed_hold=failed_hold,
        **(_everything(header) if chosen is None else {}),
        **(given or {}),
    )
    return page, status


def _everything(header: OrderHeader) -> dict[str, Any]:
    """Load what the page with the whole story shows."""
    viewer, facts, session = person(), header.facts, read()
    assert viewer is not None
    page = history_page(session, facts.id, viewer.id, facts.currency, request.args.get("before"))
    here = partial(url_for, "orders_admin.order", number=facts.number, _anchor="activity")
    free = None if _is_own(facts) else open_origins(session, facts.id, viewer.id)
    return {
        "rounds": pair(round_entries(session, facts.id), files_that_came_with(session, facts.id, DELIVERY, REVISION)),
        "requests": requests(session, facts.id),
        "files": files_from(session, facts.id, WITH_ORDER, free),
        "closed_files": free is not None and has_files_from_elsewhere(session, facts.id, free),
        "days": page.days,
        "newer": None if page.first else here(),
        "older": here(before=page.older) if page.older is not None else None,
        "panels": render_panels(facts, viewer, session),
        "bought": lists.count_bought(session, facts.employer_id),
        "names": names_of(session, [facts.employer_id, facts.freelancer_id]),
    }


def _decisions(order: OrderFacts) -> list[Any]:
    """Return what an administrator may decide about an order now; of their own, nothing."""
    if _is_own(order):
        return []
    return [action for action in table().of(ADMINISTRATOR, order.kind) if decide(order, action, ADMINISTRATOR, read()).offered]


def _is_own(order: OrderFacts) -> bool:
    viewer = person()
    return viewer is None or order.role_of(viewer.id) is not None


def _blocked(hold: HoldFacts) -> str:
    """Name what a hold blocks, as the buttons say it; the action of a module that is off by its own name."""
    labels = {action.name: str(action.label) for action in contributions().order_actions}
    return ", ".join(dict.fromkeys(labels.get(name, name) for name in sorted(hold.actions)))


def _tab_or_404(name: str) -> Any:
    chosen = next((item for item in contributions().order_tabs if item.name == name and item.for_administrators), None)
    if chosen is None:
        abort(404)
    return chosen


def _tabs(number: str, chosen: Any) -> list[dict[str, Any]]:
    whole = {"label": _("Everything"), "url": url_for("orders_admin.order", number=number), "current": chosen is None}
    others = [
        {"label": item.label, "url": url_for("orders_admin.tab", number=number, tab=item.name), "current": item is chosen}
        for item in contributions().order_tabs
        if item.for_administrators
    ]
    return [{**entry, "badge": None, "new": False} for entry in (whole, *others)] if others else []

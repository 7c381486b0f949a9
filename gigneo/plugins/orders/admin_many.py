"""Several orders completed or cancelled at once: a page that lists them and asks for one reason, then each by itself.

Every order has its own transaction and its own form key, made from the form's: what failed can be tried again, and what was
done is not done twice.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlmodel import Session

from gigneo.api import Refused, RefusedMany, form_key, ngettext, once, permission, person, read, write
from gigneo.api import gettext as _
from gigneo.api import lazy_gettext as _l
from gigneo.contributions import LazyText
from gigneo.hooks import OrderFacts
from gigneo.plugins.orders.admin import bp
from gigneo.plugins.orders.admin_deciding import DECISIONS, Deciding
from gigneo.plugins.orders.decisions import decide, find
from gigneo.plugins.orders.queries import facts_by_number
from gigneo.plugins.orders.states import ADMINISTRATOR, MANAGE
from gigneo.plugins.orders.steps import OWN_ORDER

MOST: Final = 100
MANY: Final[Mapping[str, LazyText]] = MappingProxyType({"complete": _l("Complete orders"), "cancel": _l("Cancel orders")})
"""The decisions that can be taken of several orders at once, and what their page is called."""


@dataclass(frozen=True, slots=True)
class Chosen:
    """One of the orders.

    Attributes:
        order: as it is now.
        why_not: why it can't be decided so; empty when it can.
    """

    order: OrderFacts
    why_not: str = ""


@bp.get("/many/<decision>")
@permission(MANAGE)
def choose_many(decision: str) -> ResponseReturnValue:
    """List the orders that were ticked, say which can't be decided so, and ask for the reason."""
    deciding = _deciding(decision)
    chosen = [_judged(order, deciding) for order in _orders(_numbers(request.args.getlist("order")))]
    return _page(decision, deciding, chosen, deciding.form())


@bp.post("/many/<decision>")
@permission(MANAGE)
def decide_many(decision: str) -> ResponseReturnValue:
    """Decide each of the orders by itself, and say what failed, and why."""
    deciding, viewer = _deciding(decision), person()
    seen = dict(each.partition(".")[::2] for each in request.form.getlist("seen"))
    orders = _orders(_numbers(list(seen)))
    form = deciding.form(request.form)
    if viewer is None or not form.validate() or not form.reason.data.strip():
        form.reason.errors = form.reason.errors or [_("Say why; both sides read it.")]
        return _page(decision, deciding, [_judged(order, deciding) for order in orders], form, 409)
    reason, key = form.reason.data or "", request.form.get("form_key", "")
    failed = []
    for order in orders:
        try:
            _decide(deciding, order, viewer.id, reason, seen[order.number], key)
        except (Refused, RefusedMany) as refusal:
            read().rollback()
            failed.append(Chosen(order, " ".join(str(each.reason) for each in refusal.refusals)))
    done = len(orders) - len(failed)
    if done:
        flash(
            ngettext("%(num)s order is decided. Both sides are told.", "%(num)s orders are decided. Both sides are told.", done),
            "success",
        )
    if not failed:
        return redirect(url_for("orders_admin.listing"), 303)
    return render_template("orders/admin_many_done.html", label=MANY[decision], failed=failed, done=done), 409


def _decide(deciding: Deciding, order: OrderFacts, viewer_id: int, reason: str, version: str, key: str) -> None:
    """Decide one order, once for the form that was posted."""
    entered = {"action": deciding.action, "order": order.number, "version": version, "reason": reason}
    known = int(version) if version.isascii() and version.isdigit() and len(version) < 10 else -1

    def run(session: Session) -> str:
        deciding.run(session, order.id, viewer_id, reason=reason, version=known)
        return order.number

    with write() as session:
        once(session, key and f"{key}:{order.number}", entered, lambda: run(session))


def _deciding(name: str) -> Deciding:
    if name not in MANY:
        abort(404)
    return DECISIONS[name]


def _numbers(given: list[str]) -> list[str]:
    """Return the numbers that are meant, each once."""
    return list(dict.fromkeys(given))


def _orders(numbers: list[str]) -> list[OrderFacts]:
    """Read the orders; a number that no order has is left out."""
    found = (facts_by_number(read(), number) for number in numbers[:MOST])
    return [order for order in found if order is not None]


def _judged(order: OrderFacts, deciding: Deciding) -> Chosen:
    viewer = person()
    if viewer is None or order.role_of(viewer.id) is not None:
        return Chosen(order, str(OWN_ORDER))
    refusals = decide(order, find(deciding.action), ADMINISTRATOR, read()).refusals
    return Chosen(order, " ".join(str(refusal.reason) for refusal in refusals))


def _page(name: str, deciding: Deciding, chosen: list[Chosen], form: object, status: int = 200) -> ResponseReturnValue:
    action, asked = find(deciding.action), request.form.getlist("seen") or request.args.getlist("order")
    page = render_template(
        "orders/admin_many.html",
        label=MANY[name],
        tone=action.tone,
        says=deciding.says,
        url=url_for("orders_admin.decide_many", decision=name),
        possible=[each.order for each in chosen if not each.why_not],
        impossible=[each for each in chosen if each.why_not],
        too_many=_("At most %(most)s orders can be decided at once; the first ones are listed.", most=MOST)
        if len(asked) > MOST
        else "",
        form=form,
        form_key=form_key(),
    )
    return page, status

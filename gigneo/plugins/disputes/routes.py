"""The forms of disputes for the two sides of an order."""

from flask import Blueprint, flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from gigneo.api import Refused, RefusedMany, form_key, gettext, limit, once, party, person, read, whole_number, write
from gigneo.hooks import OrderFacts
from gigneo.plugins.disputes.forms import DisputeForm
from gigneo.plugins.disputes.settling import OPENING, open_dispute, withdraw
from gigneo.plugins.orders import api as orders

bp = Blueprint("disputes", __name__)


@bp.get("/orders/<number>/dispute/open")
@party(orders.load_party_order)
def open_form(number: str) -> ResponseReturnValue:
    """Show the form, or why no dispute can be opened."""
    if orders.why_not(read(), g.owned, OPENING, _role(g.owned)):
        return orders.not_offered(g.owned, OPENING)
    return _page(g.owned, DisputeForm(), form_key(), ())


@bp.post("/orders/<number>/dispute/open")
@party(orders.load_party_order)
def open_now(number: str) -> ResponseReturnValue:
    """Open a dispute; what can't be sent stays in the form."""
    viewer = person()
    assert viewer is not None
    form, key = DisputeForm(request.form), request.form.get("form_key", "")
    if not form.validate():
        return _page(g.owned, form, key, ()), 422
    limit("disputes.open", str(viewer.id), 10, 3600)
    entered = {"action": "disputes.open", "order": number, "reason": form.reason.data, "description": form.description.data}
    try:
        with write() as session:
            once(
                session,
                key,
                entered,
                lambda: str(
                    open_dispute(
                        session,
                        number,
                        viewer.id,
                        reason=form.reason.data,
                        description=form.description.data or "",
                        version=_version(),
                    )
                ),
            )
    except (Refused, RefusedMany) as refusal:
        reasons = tuple(str(one.reason) for one in refusal.refusals)
        fresh = orders.facts(read(), number)
        if refusal.field is not None and refusal.field in form:
            form[refusal.field].errors = [*form[refusal.field].errors, *reasons]
            return _page(fresh, form, form_key(), ()), 422
        return _page(fresh, form, form_key(), reasons), 409
    flash(gettext("The dispute is open, and the order is on hold. The other side is told."), "success")
    return redirect(url_for("orders.tab", number=number, tab="dispute"), 303)


@bp.post("/orders/<number>/dispute/withdraw")
@party(orders.load_page)
def take_back(number: str) -> ResponseReturnValue:
    """Withdraw the dispute."""
    viewer = person()
    assert viewer is not None
    try:
        with write() as session:
            entered = {"action": "disputes.withdraw", "order": number}
            once(session, request.form.get("form_key", ""), entered, lambda: str(withdraw(session, number, viewer.id)))
    except Refused as refusal:
        read().rollback()
        flash(str(refusal.reason), "danger")
        return orders.show_tab(orders.load_page(number) or g.owned, "dispute", 409)
    flash(gettext("The dispute is withdrawn. The order goes on where it was."), "success")
    return redirect(url_for("orders.tab", number=number, tab="dispute"), 303)


def _page(order: OrderFacts, form: DisputeForm, key: str, reasons: tuple[str, ...]) -> str:
    role = _role(order)
    refused = orders.why_not(read(), order, OPENING, role)
    return render_template(
        "disputes/open.html",
        order=order,
        other=order.freelancer_name if role == "employer" else order.employer_name,
        form=form,
        form_key=key,
        reasons=tuple(dict.fromkeys([*reasons, *refused])),
        possible=not refused,
    )


def _role(order: OrderFacts) -> str:
    viewer = person()
    assert viewer is not None
    return order.role_of(viewer.id) or ""


def _version() -> int | None:
    sent = request.form.get("version", "")
    version = whole_number(sent)
    return None if not sent else -1 if version is None else version

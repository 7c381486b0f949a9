"""The steps that ask before they happen, and the form of a revision request."""

from collections.abc import Callable
from typing import Final

from flask import abort, g, render_template, request, url_for
from flask.typing import ResponseReturnValue

from gigneo.api import form_key, party, read
from gigneo.api import gettext as _
from gigneo.hooks import OrderAction, OrderFacts
from gigneo.plugins.orders import cancelling, placing, reviewing
from gigneo.plugins.orders.answers import at_its_field, back_to, choices_of, not_offered, refusal_page, viewer
from gigneo.plugins.orders.decisions import find
from gigneo.plugins.orders.forms import RevisionForm
from gigneo.plugins.orders.loaders import load_party_order
from gigneo.plugins.orders.posting import Answer, act, reload, seen_version
from gigneo.plugins.orders.routes import bp
from gigneo.plugins.orders.wording import fill, values_of
from gigneo.plugins.wallet import api as wallet

USE_CASES: Final[dict[str, Callable[..., OrderFacts]]] = {
    "pay": placing.pay,
    "drop": placing.drop,
    "approve": reviewing.approve,
    "cancel": cancelling.cancel,
}
"""The actions that ask for nothing but a yes."""


@bp.route("/orders/<number>/pay", methods=["GET", "POST"])
@party(load_party_order)
def pay(number: str) -> ResponseReturnValue:
    """Ask whether to pay, and pay."""
    return _confirm("pay")


@bp.route("/orders/<number>/drop", methods=["GET", "POST"])
@party(load_party_order)
def drop(number: str) -> ResponseReturnValue:
    """Ask whether to drop an unpaid order, and drop it."""
    return _confirm("drop")


@bp.route("/orders/<number>/approve", methods=["GET", "POST"])
@party(load_party_order)
def approve(number: str) -> ResponseReturnValue:
    """Ask whether to approve the delivery, and approve it."""
    return _confirm("approve")


@bp.route("/orders/<number>/cancel", methods=["GET", "POST"])
@party(load_party_order)
def cancel(number: str) -> ResponseReturnValue:
    """Ask whether to cancel, and cancel."""
    return _confirm("cancel")


@bp.get("/orders/<number>/confirm/<action>")
@party(load_party_order)
def confirm(number: str, action: str) -> ResponseReturnValue:
    """Ask before an action of another module that acts by POST and says what will happen."""
    order: OrderFacts = g.owned
    decision = choices_of(order).all.get(action)
    if decision is None or decision.action.endpoint is None or decision.action.confirm is None:
        abort(404)
    if not decision.offered:
        return not_offered(order, action)
    return _ask(order, decision.action, url_for(decision.action.endpoint, number=number))


@bp.route("/orders/<number>/request-revision", methods=["GET", "POST"])
@party(load_party_order)
def request_revision(number: str) -> ResponseReturnValue:
    """Show the form of a revision request, and send it."""
    order: OrderFacts = g.owned
    form = RevisionForm(request.form)
    if request.method == "GET":
        if not choices_of(order).allows("request_revision"):
            return not_offered(order, "request_revision")
        return _revision_page(order, form, None), 200
    answer: Answer | None = None
    if form.validate():
        instructions = form.instructions.data or ""
        answer = act(
            order,
            "request_revision",
            {"instructions": instructions},
            lambda session: reviewing.request_revision(
                session, order.id, viewer().id, instructions=instructions, version=seen_version()
            ),
        )
        if answer is None:
            return back_to(number)
        if answer.code == "wrong_role":
            return refusal_page(order, answer.reasons, None)
    return _revision_page(order, form, answer), 409


def _revision_page(order: OrderFacts, form: RevisionForm, answer: Answer | None) -> str:
    order = reload(order) if answer is not None else order
    return render_template(
        "orders/revision.html",
        order=order,
        form=form,
        answer=at_its_field(form, answer),
        possible=choices_of(order).allows("request_revision"),
        form_key=form_key(),
    )


def _confirm(name: str) -> ResponseReturnValue:
    """Ask before an action that can't be taken back, and do it when the form comes."""
    order: OrderFacts = g.owned
    here = url_for(f"orders.{name}", number=order.number)
    if request.method == "GET":
        decided = choices_of(order).all.get(name)
        return _ask(order, decided.action, here) if decided is not None and decided.offered else not_offered(order, name)
    use_case = USE_CASES[name]
    answer = act(order, name, {}, lambda session: use_case(session, order.id, viewer().id, version=seen_version()))
    if answer is None:
        return back_to(order.number)
    if answer.code == "wrong_role":
        return refusal_page(order, answer.reasons, None)
    return _ask(order, find(name), here, answer)


def _ask(order: OrderFacts, action: OrderAction, target: str, answer: Answer | None = None) -> ResponseReturnValue:
    order = reload(order) if answer is not None else order
    values = values_of(order)
    decision = choices_of(order).all.get(action.name)
    short = answer is not None and answer.code == "not_enough"
    page = render_template(
        "orders/confirm.html",
        order=order,
        role=order.role_of(viewer().id),
        label=fill(action.label, values),
        text=fill(action.confirm or "", values),
        lines=_money_lines(order, action.name),
        tone=action.tone,
        target=target,
        answer=answer,
        possible=decision is not None and decision.offered,
        form_key=form_key(),
        top_up=_top_up(order) if short else None,
    )
    return page, 200 if answer is None else 409


def _top_up(order: OrderFacts) -> str:
    """Return where what is missing can be paid in, on the way back to paying this order."""
    missing = order.price_minor + order.employer_fee_minor - wallet.balance(read(), viewer().id).available
    return url_for("wallet.top_up", needed=max(missing, 0), next=url_for("orders.pay", number=order.number))


def _money_lines(order: OrderFacts, name: str) -> list[tuple[str, int, str]]:
    """Return the amounts that a step moves, each with its name and how it is shown."""
    total = order.price_minor + order.employer_fee_minor
    fee = [(_("Fee"), order.employer_fee_minor, "")] if order.employer_fee_minor else []
    if name == "pay":
        return [(_("Price"), order.price_minor, ""), *fee, (_("From your wallet into escrow"), total, "total")]
    if name == "cancel":
        return [(_("Back to %(name)s", name=order.employer_name), total, "total")]
    if name == "approve":
        return [(_("Leaves escrow for %(name)s", name=order.freelancer_name), order.price_minor, "total")]
    return []

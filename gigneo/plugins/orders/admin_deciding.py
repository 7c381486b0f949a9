"""What an administrator decides about an order: complete it, cancel it, or give money back that is still clearing."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Final

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from gigneo.api import fmt, form_key, isolated, now, permission, person, read
from gigneo.api import gettext as _
from gigneo.api import lazy_gettext as _l
from gigneo.contributions import LazyText, Refusal
from gigneo.hooks import OrderFacts
from gigneo.plugins.orders import settling
from gigneo.plugins.orders.admin import bp, found_or_404
from gigneo.plugins.orders.answers import at_its_field, status_of
from gigneo.plugins.orders.decisions import decide, find
from gigneo.plugins.orders.forms import AnswerForm, DecisionForm, RefundForm
from gigneo.plugins.orders.posting import Answer, act, reload, seen_version
from gigneo.plugins.orders.states import ADMINISTRATOR, MANAGE
from gigneo.plugins.orders.steps import OWN_ORDER
from gigneo.plugins.wallet import api as wallet


@dataclass(frozen=True, slots=True)
class Deciding:
    """A decision and its page.

    Attributes:
        action: its name in the process table.
        path: the last part of its address.
        run: the use case.
        form: what is asked.
        says: what it does to the money and to both sides.
        lines: called with the order; the amounts that it moves.
        done: what is said afterwards.
    """

    action: str
    path: str
    run: Callable[..., OrderFacts]
    form: type[Any]
    says: LazyText
    lines: Callable[[OrderFacts], list[tuple[str, int, str]]]
    done: LazyText


def _released(order: OrderFacts) -> list[tuple[str, int, str]]:
    """Return how the escrow is shared out, and when the freelancer can spend their part."""
    fee = [(_("Employer's fee, to the platform"), order.employer_fee_minor, "muted")] if order.employer_fee_minor else []
    values = {"name": isolated(order.freelancer_name), "when": fmt.datetime(now() + wallet.clearing_time())}
    return [
        (_("For %(name)s, clearing until %(when)s", **values), order.payout_minor, ""),
        (_("Commission, to the platform"), order.commission_minor, "muted"),
        *fee,
        (_("Leaves escrow"), order.total_minor, "total"),
    ]


def _refundable(order: OrderFacts) -> list[tuple[str, int, str]]:
    """Return what is clearing for the freelancer, and what of the price can still go back."""
    purse = wallet.purse_of(read(), order.id)
    return [
        (_("Clearing for %(name)s", name=isolated(order.freelancer_name)), purse.clearing_minor if purse else 0, "muted"),
        (_("At most back to %(name)s", name=isolated(order.employer_name)), purse.refundable_minor if purse else 0, "total"),
    ]


_DECISIONS: Final = (
    Deciding(
        "administrator_answer",
        "answer",
        settling.answer_as_administrator,
        AnswerForm,
        _l(
            "The question is closed, and the order goes on where it was: nothing is completed, cancelled or lifted. Both sides"
            " are told, and read your answer in the order's activity."
        ),
        lambda order: [],
        _l("Your answer is given. Both sides are told."),
    ),
    Deciding(
        "administrator_complete",
        "complete",
        settling.complete_as_administrator,
        DecisionForm,
        _l(
            "The order is completed, and that can't be taken back: the money leaves escrow for the freelancer. Every open"
            " request and hold is settled. Both sides are told, with your reason."
        ),
        _released,
        _l("The order is completed. Both sides are told."),
    ),
    Deciding(
        "administrator_cancel",
        "cancel",
        settling.cancel_as_administrator,
        DecisionForm,
        _l(
            "The order is cancelled, and that can't be taken back: everything in escrow goes back to the employer's wallet, and"
            " nobody's record is touched. Every open request and hold is settled. Both sides are told, with your reason."
        ),
        lambda order: [(_("Back to %(name)s", name=isolated(order.employer_name)), order.total_minor, "total")],
        _l("The order is cancelled. Both sides are told."),
    ),
    Deciding(
        "administrator_refund",
        "refund",
        settling.refund_as_administrator,
        RefundForm,
        _l(
            "As long as the money of a completed order is clearing, all or a part of the price can go back to the employer. The"
            " platform gives back its commission and fee on that part. The order stays completed."
        ),
        _refundable,
        _l("The money went back. Both sides are told."),
    ),
)
DECISIONS: Final[Mapping[str, Deciding]] = MappingProxyType({each.path: each for each in _DECISIONS})


@bp.route("/<number>/decide/<decision>", methods=["GET", "POST"])
@permission(MANAGE)
def decide_order(number: str, decision: str) -> ResponseReturnValue:
    """Show what a decision does, ask for the reason, and carry it out."""
    order, deciding, viewer = found_or_404(number).facts, DECISIONS.get(decision), person()
    if deciding is None or viewer is None:
        abort(404)
    form = deciding.form(request.form)
    if request.method == "GET":
        return _page(order, deciding, form)
    answer: Answer | None = None
    if form.validate():
        entered = dict(form.data)
        answer = act(
            order,
            deciding.action,
            entered,
            lambda session: deciding.run(session, order.id, viewer.id, **entered, version=seen_version()),
        )
        if answer is None:
            flash(str(deciding.done), "success")
            return redirect(url_for("orders_admin.order", number=number), 303)
    return _page(order, deciding, form, answer, status_of(form, answer))


def _page(
    order: OrderFacts, deciding: Deciding, form: Any, answer: Answer | None = None, status: int = 200
) -> ResponseReturnValue:
    order = reload(order) if answer is not None else order
    action = find(deciding.action)
    viewer = person()
    refusals = list(decide(order, action, ADMINISTRATOR, read()).refusals)
    if viewer is None or order.role_of(viewer.id) is not None:
        refusals = [Refusal(OWN_ORDER, "own_order")]
    rendered = render_template(
        "orders/admin_decide.html",
        order=order,
        asked=order.request("administrator"),
        label=action.label,
        tone=action.tone,
        says=deciding.says,
        lines=deciding.lines(order),
        form=form,
        answer=at_its_field(form, answer),
        refusals=[str(refusal.reason) for refusal in refusals],
        form_key=form_key(),
    )
    return rendered, 409 if refusals and status == 200 else status

"""The pages of actions: each asks before it acts, and answers a refusal with what happened and what was typed."""

from collections.abc import Callable, Sequence
from typing import Any

from flask import abort, flash, g, render_template, request, url_for
from flask.typing import ResponseReturnValue

from gigneo.api import Received, form_key, party, read
from gigneo.hooks import OrderAction, OrderFacts
from gigneo.plugins.orders.action_pages import PAGES, ActionPage
from gigneo.plugins.orders.answers import at_its_field, back_to, choices_of, not_offered, refusal_page, status_of, viewer
from gigneo.plugins.orders.decisions import find
from gigneo.plugins.orders.filing import file_limits
from gigneo.plugins.orders.form_files import FormFiles
from gigneo.plugins.orders.loaders import load_party_order
from gigneo.plugins.orders.posting import Answer, act, reload, seen_version
from gigneo.plugins.orders.routes import bp
from gigneo.plugins.orders.wording import fill, values_of
from gigneo.plugins.wallet import api as wallet


@bp.get("/orders/<number>/confirm/<action>")
@party(load_party_order)
def confirm(number: str, action: str) -> ResponseReturnValue:
    """Ask before an action of another module that acts by POST and says what will happen."""
    order: OrderFacts = g.owned
    judged = choices_of(order)
    decision = judged.all.get(action)
    if decision is None or decision.action.endpoint is None or decision.action.confirm is None:
        abort(404)
    if not decision.offered:
        return not_offered(order, action, judged)
    return _page(order, decision.action, None, url_for(decision.action.endpoint, number=number), offered=True)


def _view(page: ActionPage) -> Callable[..., ResponseReturnValue]:
    """Make the view of an action's page."""

    @party(load_party_order)
    def view(number: str) -> ResponseReturnValue:
        order: OrderFacts = g.owned
        form = page.form(request.form) if page.form is not None else None
        if request.method == "GET":
            judged = choices_of(order)
            decided = judged.all.get(page.action)
            if decided is None or not decided.offered:
                return not_offered(order, page.action, judged)
            return _page(order, decided.action, page, url_for(f"orders.{page.action}", number=number), form, offered=True)
        return _posted(order, page, form)

    view.__name__ = page.action
    view.__doc__ = f"Ask before the action ``{page.action}``, and do it when the form comes."
    return view


for _each in PAGES.values():
    bp.add_url_rule(f"/orders/<number>/{_each.path}", _each.action, _view(_each), methods=["GET", "POST"])


def _posted(order: OrderFacts, page: ActionPage, form: Any) -> ResponseReturnValue:
    """Do what was confirmed or filled in; a form that is refused comes back as it was typed, with its files."""
    files = FormFiles() if form is not None and "files" in form else None
    if files is None:
        return _judged(order, page, form)
    with files.received() as received:
        return _judged(order, page, form, files, received)


def _judged(
    order: OrderFacts, page: ActionPage, form: Any, files: FormFiles | None = None, received: Sequence[Received] = ()
) -> ResponseReturnValue:
    action, answer = find(page.action), None
    valid = form is None or form.validate()
    if valid and not (files and files.problems):
        entered = {} if form is None else {name: value for name, value in form.data.items() if name != "files"}
        sent = {} if files is None else {"file_ids": files.kept, "uploads": received}
        answer = act(
            order,
            page.action,
            {**entered, **(files.entered(received) if files is not None else {})},
            lambda session: page.run(session, order.id, viewer().id, **entered, **sent, version=seen_version()),
        )
        if answer is None:
            flash(str(page.done), "success")
            return back_to(order.number)
        if answer.code == "wrong_role":
            return refusal_page(order, answer.reasons, None)
    here = url_for(f"orders.{page.action}", number=order.number)
    kept: Sequence[Any] = ()
    if files is not None:
        form.files.errors = [*form.files.errors, *files.problems]
        kept = files.wait(received, viewer().id)
    return _page(order, action, page, here, form, answer, status_of(form, answer), kept)


def _page(
    order: OrderFacts,
    action: OrderAction,
    page: ActionPage | None,
    target: str,
    form: Any = None,
    answer: Answer | None = None,
    status: int = 200,
    kept: Sequence[Any] = (),
    *,
    offered: bool | None = None,
) -> ResponseReturnValue:
    order = reload(order) if answer is not None else order
    values = values_of(order)
    if offered is None:
        offered = choices_of(order).allows(action.name)
    short = answer is not None and answer.code == "not_enough"
    rendered = render_template(
        "orders/act.html",
        order=order,
        role=order.role_of(viewer().id),
        label=fill(action.label, values),
        text=fill(action.confirm or "", values),
        lead=page.lead(order) if page is not None else (),
        lines=page.lines(order) if page is not None else (),
        asked=order.request(page.request) if page is not None and page.request else None,
        hints=page.hints if page is not None else {},
        form=form,
        limits=file_limits() if form is not None and "files" in form else None,
        kept=kept,
        tone=action.tone,
        target=target,
        answer=at_its_field(form, answer) if form is not None else answer,
        possible=offered,
        form_key=form_key(),
        top_up=_top_up(order) if short else None,
    )
    return rendered, status


def _top_up(order: OrderFacts) -> str:
    """Return where what is missing can be paid in, on the way back to paying this order."""
    missing = order.total_minor - wallet.balance(read(), viewer().id).available
    return url_for("wallet.top_up", needed=max(missing, 0), next=url_for("orders.pay", number=order.number))

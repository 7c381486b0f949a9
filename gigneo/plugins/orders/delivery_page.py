"""The delivery form: draft work or a final delivery, with files, and nothing lost when it is refused."""

from collections.abc import Sequence
from typing import Any

from flask import flash, g, render_template, request
from flask.typing import ResponseReturnValue

from gigneo.api import Received, form_key, isolated, ngettext, party
from gigneo.api import gettext as _
from gigneo.hooks import OrderFacts
from gigneo.plugins.orders import delivering
from gigneo.plugins.orders.answers import at_its_field, back_to, choices_of, not_offered, refusal_page, status_of, viewer
from gigneo.plugins.orders.decisions import Choices
from gigneo.plugins.orders.filing import file_limits
from gigneo.plugins.orders.form_files import FormFiles
from gigneo.plugins.orders.forms import DeliveryForm
from gigneo.plugins.orders.loaders import load_party_order
from gigneo.plugins.orders.posting import Answer, act, reload, seen_version
from gigneo.plugins.orders.routes import bp
from gigneo.plugins.orders.wording import fill, values_of


@bp.route("/orders/<number>/deliver", methods=["GET", "POST"])
@party(load_party_order)
def deliver(number: str) -> ResponseReturnValue:
    """Show the delivery form, and deliver."""
    order: OrderFacts = g.owned
    form = DeliveryForm(request.form)
    if request.method == "GET":
        offered = choices_of(order)
        if not offered.allows("deliver_final") and not offered.allows("deliver_draft"):
            return not_offered(order, "deliver_final", offered)
        return _deliver_page(order, form, offered=offered)
    files = FormFiles()
    answer: Answer | None = None
    with files.received() as received:
        if form.validate() and not files.problems:
            answer = _submit_delivery(order, form, files, received)
            if answer is None:
                flash(_("Your final delivery is sent.") if form.type.data == "final" else _("Your draft is shared."), "success")
                return back_to(number)
            if answer.code == "wrong_role":
                return refusal_page(order, answer.reasons, None)
        waiting = files.wait(received, viewer().id)
    form.files.errors = [*form.files.errors, *files.problems]
    return _deliver_page(order, form, answer, waiting, status_of(form, answer))


def _submit_delivery(order: OrderFacts, form: DeliveryForm, files: FormFiles, received: list[Received]) -> Answer | None:
    description = form.description.data or ""
    return act(
        order,
        "deliver",
        {"type": form.type.data, "description": description, **files.entered(received)},
        lambda session: delivering.deliver(
            session,
            order.id,
            viewer().id,
            final=form.type.data == "final",
            description=description,
            file_ids=files.kept,
            uploads=received,
            version=seen_version(),
        ),
    )


def _deliver_page(
    order: OrderFacts,
    form: DeliveryForm,
    answer: Answer | None = None,
    kept: Sequence[Any] = (),
    status: int = 200,
    *,
    offered: Choices | None = None,
) -> ResponseReturnValue:
    order = reload(order) if answer is not None else order
    offered = offered or choices_of(order)
    page = render_template(
        "orders/deliver.html",
        order=order,
        form=form,
        answer=at_its_field(form, answer),
        kept=kept,
        possible=offered.allows("deliver_draft") or offered.allows("deliver_final"),
        hints=_delivery_hints(order, offered),
        limits=file_limits(),
        due_matters=order.due_at is not None and order.delivered_at is None,
        form_key=form_key(),
    )
    return page, status


def _delivery_hints(order: OrderFacts, offered: Choices) -> dict[str, str]:
    """Say what each kind of delivery leads to, or why it is not possible."""
    name = isolated(order.employer_name)
    hints = {"draft": _("Work in progress, for feedback. Nothing else changes, and no revision is used."), "final": ""}
    left = order.revisions_left
    if left == 0:
        hints["final"] = _("The finished work. %(name)s approves it; no revisions are left.", name=name)
    elif left is None:
        hints["final"] = _("The finished work. %(name)s approves it or asks for a revision.", name=name)
    else:
        hints["final"] = ngettext(
            "The finished work. %(name)s approves it or asks for the %(num)s revision that is left.",
            "The finished work. %(name)s approves it or asks for one of %(num)s revisions.",
            left,
            name=name,
        )
    for hint, action in (("draft", "deliver_draft"), ("final", "deliver_final")):
        decision = offered.all.get(action)
        if decision is not None and not decision.offered:
            hints[hint] = " ".join(fill(refusal.reason, values_of(order)) for refusal in decision.refusals)
    return hints

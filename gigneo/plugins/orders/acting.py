"""The forms of the order's actions: deliver, request a revision, and the steps that ask before they happen."""

from collections.abc import Callable, Sequence
from typing import Any, Final

from flask import abort, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.datastructures import FileStorage

from gigneo.api import Person, Refused, check_upload, form_key, ngettext, party, person, read, setting, write
from gigneo.api import gettext as _
from gigneo.hooks import OrderAction, OrderFacts
from gigneo.plugins.orders import cancelling, delivering, placing, reviewing
from gigneo.plugins.orders.decisions import Choices, choices, find
from gigneo.plugins.orders.forms import DeliveryForm, RevisionForm
from gigneo.plugins.orders.loaders import load_party_order
from gigneo.plugins.orders.posting import Answer, act, reload, seen_version
from gigneo.plugins.orders.routes import bp
from gigneo.plugins.orders.wording import fill, values_of

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
    decision = _choices(order).all.get(action)
    if decision is None or decision.action.endpoint is None or decision.action.confirm is None:
        abort(404)
    if not decision.offered:
        return _not_offered(order, action)
    return _ask(order, decision.action, url_for(decision.action.endpoint, number=number))


@bp.route("/orders/<number>/deliver", methods=["GET", "POST"])
@party(load_party_order)
def deliver(number: str) -> ResponseReturnValue:
    """Show the delivery form, and deliver."""
    order: OrderFacts = g.owned
    form = DeliveryForm(request.form)
    if request.method == "GET":
        offered = _choices(order)
        if not offered.allows("deliver_final") and not offered.allows("deliver_draft"):
            return _not_offered(order, "deliver_final")
        return _deliver_page(order, form)
    kept = _ids("kept")
    uploads = [upload for upload in request.files.getlist("files") if upload.filename]
    problems = _judge_files(form, kept, uploads)
    answer: Answer | None = None
    if form.validate() and not problems:
        answer = _submit_delivery(order, form, kept, uploads)
        if answer is None:
            return _back(number)
    if answer is not None and answer.code == "wrong_role":
        return _refusal_page(order, answer.reasons, None)
    form.files.errors = [*form.files.errors, *problems]
    return _deliver_page(order, form, answer, _keep_for_later(kept, uploads), 409)


def _submit_delivery(order: OrderFacts, form: DeliveryForm, kept: list[int], uploads: list[FileStorage]) -> Answer | None:
    description = form.description.data or ""
    entered = {
        "type": form.type.data,
        "description": description,
        "kept": kept,
        "files": [[upload.filename, _size(upload)] for upload in uploads],
    }
    return act(
        order,
        "deliver",
        entered,
        lambda session: delivering.deliver(
            session,
            order.id,
            _viewer().id,
            final=form.type.data == "final",
            description=description,
            file_ids=kept,
            uploads=uploads,
            version=seen_version(),
        ),
    )


def _deliver_page(
    order: OrderFacts,
    form: DeliveryForm,
    answer: Answer | None = None,
    kept: Sequence[Any] = (),
    status: int = 200,
) -> ResponseReturnValue:
    order = reload(order) if answer is not None else order
    offered = _choices(order)
    page = render_template(
        "orders/deliver.html",
        order=order,
        form=form,
        answer=_at_its_field(form, answer),
        kept=kept,
        possible=offered.allows("deliver_draft") or offered.allows("deliver_final"),
        hints=_delivery_hints(order, offered),
        max_files=setting("orders", "files_per_delivery"),
        due_matters=order.due_at is not None and order.delivered_at is None,
        form_key=form_key(),
    )
    return page, status


def _delivery_hints(order: OrderFacts, offered: Choices) -> dict[str, str]:
    """Say what each kind of delivery leads to, or why it is not possible."""
    name = order.employer_name
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


def _judge_files(form: DeliveryForm, kept: list[int], uploads: list[FileStorage]) -> tuple[str, ...]:
    """Return what is wrong with the files, each named."""
    problems = []
    limit = setting("orders", "files_per_delivery")
    if len(kept) + len(uploads) > limit:
        problems.append(form.too_many(limit))
    for upload in uploads:
        try:
            check_upload(upload)
        except Refused as refusal:
            problems.append(str(refusal.reason))
    return tuple(problems)


def _keep_for_later(kept: list[int], uploads: list[FileStorage]) -> Sequence[Any]:
    """Keep the good files of a form that was refused, so that they need not be sent again."""
    viewer, good = _viewer(), []
    for upload in uploads[: setting("orders", "files_per_delivery")]:
        try:
            check_upload(upload)
        except Refused:
            continue
        good.append(upload)
    if good:
        with write() as session:
            kept = [*kept, *(file.id for file in (delivering.keep(session, upload, viewer.id) for upload in good) if file.id)]
    return delivering.kept_uploads(read(), viewer.id, kept)


@bp.route("/orders/<number>/request-revision", methods=["GET", "POST"])
@party(load_party_order)
def request_revision(number: str) -> ResponseReturnValue:
    """Show the form of a revision request, and send it."""
    order: OrderFacts = g.owned
    form = RevisionForm(request.form)
    if request.method == "GET":
        if not _choices(order).allows("request_revision"):
            return _not_offered(order, "request_revision")
        return _revision_page(order, form, None), 200
    answer: Answer | None = None
    if form.validate():
        instructions = form.instructions.data or ""
        answer = act(
            order,
            "request_revision",
            {"instructions": instructions},
            lambda session: reviewing.request_revision(
                session, order.id, _viewer().id, instructions=instructions, version=seen_version()
            ),
        )
        if answer is None:
            return _back(number)
        if answer.code == "wrong_role":
            return _refusal_page(order, answer.reasons, None)
    return _revision_page(order, form, answer), 409


def _revision_page(order: OrderFacts, form: RevisionForm, answer: Answer | None) -> str:
    order = reload(order) if answer is not None else order
    return render_template(
        "orders/revision.html",
        order=order,
        form=form,
        answer=_at_its_field(form, answer),
        possible=_choices(order).allows("request_revision"),
        form_key=form_key(),
    )


def _confirm(name: str) -> ResponseReturnValue:
    """Ask before an action that can't be taken back, and do it when the form comes."""
    order: OrderFacts = g.owned
    here = url_for(f"orders.{name}", number=order.number)
    if request.method == "GET":
        decided = _choices(order).all.get(name)
        return _ask(order, decided.action, here) if decided is not None and decided.offered else _not_offered(order, name)
    use_case = USE_CASES[name]
    answer = act(order, name, {}, lambda session: use_case(session, order.id, _viewer().id, version=seen_version()))
    if answer is None:
        return _back(order.number)
    if answer.code == "wrong_role":
        return _refusal_page(order, answer.reasons, None)
    return _ask(order, find(name), here, answer)


def _ask(order: OrderFacts, action: OrderAction, target: str, answer: Answer | None = None) -> ResponseReturnValue:
    order = reload(order) if answer is not None else order
    values = values_of(order)
    decision = _choices(order).all.get(action.name)
    short = answer is not None and answer.code == "not_enough"
    page = render_template(
        "orders/confirm.html",
        order=order,
        role=order.role_of(_viewer().id),
        label=fill(action.label, values),
        text=fill(action.confirm or "", values),
        lines=_money_lines(order, action.name),
        tone=action.tone,
        target=target,
        answer=answer,
        possible=decision is not None and decision.offered,
        form_key=form_key(),
        top_up=url_for("wallet.top_up", next=url_for("orders.pay", number=order.number)) if short else None,
    )
    return page, 200 if answer is None else 409


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


def _not_offered(order: OrderFacts, name: str) -> ResponseReturnValue:
    """Answer somebody who opened the form of an action that is not open to them, with the reasons."""
    decision = _choices(order).all.get(name)
    values = values_of(order)
    reasons = tuple(fill(refusal.reason, values) for refusal in decision.refusals) if decision else ()
    return _refusal_page(order, reasons, fill(decision.action.label, values) if decision else None)


def _refusal_page(order: OrderFacts, reasons: tuple[str, ...], label: str | None) -> ResponseReturnValue:
    return render_template("orders/refused.html", order=order, reasons=reasons, label=label), 409


def _at_its_field(form: Any, answer: Answer | None) -> Answer | None:
    """Put a refusal at the field that it is about; what is about no field stays for the summary."""
    if answer is None or answer.field is None or answer.field not in form:
        return answer
    form[answer.field].errors = [*form[answer.field].errors, *answer.reasons]
    return None


def _viewer() -> Person:
    viewer = person()
    assert viewer is not None
    return viewer


def _choices(order: OrderFacts) -> Choices:
    return choices(order, order.role_of(_viewer().id) or "", read())


def _ids(name: str) -> list[int]:
    return sorted({int(text) for text in request.form.getlist(name) if text.isascii() and text.isdigit() and len(text) < 19})


def _size(upload: FileStorage) -> int:
    upload.stream.seek(0, 2)
    size = upload.stream.tell()
    upload.stream.seek(0)
    return size


def _back(number: str) -> ResponseReturnValue:
    return redirect(url_for("orders.tab", number=number, tab="overview"), 303)

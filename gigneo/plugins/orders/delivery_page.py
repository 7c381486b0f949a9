"""The delivery form: draft work or a final delivery, with files, and nothing lost when it is refused."""

from collections.abc import Sequence
from typing import Any

from flask import flash, g, render_template, request
from flask.typing import ResponseReturnValue
from werkzeug.datastructures import FileStorage

from gigneo.api import Refused, check_upload, content_of, form_key, isolated, ngettext, party, read, setting, whole_number, write
from gigneo.api import gettext as _
from gigneo.hooks import OrderFacts
from gigneo.plugins.orders import delivering
from gigneo.plugins.orders.answers import at_its_field, back_to, choices_of, not_offered, refusal_page, status_of, viewer
from gigneo.plugins.orders.decisions import Choices
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
    kept = _ids("kept")
    uploads = [upload for upload in request.files.getlist("files") if upload.filename]
    problems = _judge_files(form, kept, uploads)
    answer: Answer | None = None
    if form.validate() and not problems:
        answer = _submit_delivery(order, form, kept, uploads)
        if answer is None:
            flash(_("Your final delivery is sent.") if form.type.data == "final" else _("Your draft is shared."), "success")
            return back_to(number)
    if answer is not None and answer.code == "wrong_role":
        return refusal_page(order, answer.reasons, None)
    form.files.errors = [*form.files.errors, *problems]
    return _deliver_page(order, form, answer, _keep_for_later(kept, uploads), status_of(form, answer))


def _submit_delivery(order: OrderFacts, form: DeliveryForm, kept: list[int], uploads: list[FileStorage]) -> Answer | None:
    description = form.description.data or ""
    entered = {
        "type": form.type.data,
        "description": description,
        "kept": kept,
        "files": [content_of(upload) for upload in uploads],
    }
    return act(
        order,
        "deliver",
        entered,
        lambda session: delivering.deliver(
            session,
            order.id,
            viewer().id,
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
        max_files=setting("orders", "files_per_delivery"),
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
    me, good = viewer(), []
    for upload in uploads[: setting("orders", "files_per_delivery")]:
        try:
            check_upload(upload)
        except Refused:
            continue
        good.append(upload)
    if good:
        with write() as session:
            kept = [*kept, *(file.id for file in (delivering.keep(session, upload, me.id) for upload in good) if file.id)]
    return delivering.kept_uploads(read(), me.id, kept)


def _ids(name: str) -> list[int]:
    return sorted({number for text in request.form.getlist(name) if (number := whole_number(text)) is not None})

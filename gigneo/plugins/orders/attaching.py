"""Files that either side adds to an order outside a delivery: references, instructions, whatever belongs to it."""

from collections.abc import Iterable
from typing import Any

from flask import g, redirect, request, url_for
from flask.typing import ResponseReturnValue
from sqlmodel import Session

from gigneo.api import Refused, RefusedMany, content_of, contributions, gettext, once, party, person, save_upload, setting, write
from gigneo.plugins.orders.forms import FILE_KINDS, AttachmentForm
from gigneo.plugins.orders.loaders import load_page
from gigneo.plugins.orders.queries import OrderHeader, lock
from gigneo.plugins.orders.routes import bp, render_order
from gigneo.plugins.orders.steps import record

ORDER_OWNER = "orders.order"


def add_files(session: Session, order: int | str, actor_id: int, kind: str, uploads: Iterable[Any]) -> list[int]:
    """Add files to an order. Possible in every state, for both sides.

    Args:
        session: the action's writing transaction.
        order: the key, or the public number.
        actor_id: one of the two parties.
        kind: what the files are, one of :data:`FILE_KINDS`.
        uploads: as they came with the form.

    Returns:
        The files' ids.

    Raises:
        Refused: the person is no party, the kind does not exist, there is no file, too many, or one that can't be sent.
    """
    facts = lock(session, order)
    if facts is None or facts.role_of(actor_id) is None:
        raise Refused(gettext("There is no such order."), code="not_found")
    files, limit = list(uploads), setting("orders", "files_per_delivery")
    if kind not in dict(FILE_KINDS):
        raise Refused(gettext("Say what the file is."), code="kind", field="kind")
    if not files:
        raise Refused(gettext("Choose at least one file."), code="no_file", field="files")
    if len(files) > limit:
        raise Refused(gettext("At most %(limit)s files at once.", limit=limit), code="too_many", field="files")
    ids = []
    for upload in files:
        row = save_upload(session, upload, ORDER_OWNER, facts.id, uploaded_by=actor_id, kind=kind)
        record(session, facts.id, "file_added", actor_id, params={"name": row.name}, version=facts.version)
        assert row.id is not None
        ids.append(row.id)
    return ids


@bp.post("/orders/<number>/attachments")
@party(load_page)
def add_files_form(number: str) -> ResponseReturnValue:
    """Take the files of the Attachments tab's form."""
    order: OrderHeader = g.owned
    viewer = person()
    assert viewer is not None
    form = AttachmentForm(request.form)
    uploads = [upload for upload in request.files.getlist("files") if upload.filename]
    entered = {"order": number, "kind": form.kind.data, "files": [content_of(upload) for upload in uploads]}
    status = 422
    if form.validate():
        try:
            with write() as session:
                once(
                    session,
                    request.form.get("form_key", ""),
                    entered,
                    lambda: str(add_files(session, order.facts.id, viewer.id, form.kind.data, uploads)),
                )
            return redirect(url_for("orders.tab", number=number, tab="attachments"), 303)
        except (Refused, RefusedMany) as refusal:
            status = 422 if refusal.field is not None else 409
            field = form.kind if refusal.field == "kind" else form.files
            field.errors = [*field.errors, *(str(reason.reason) for reason in refusal.refusals)]
    tab = next(tab for tab in contributions().order_tabs if tab.name == "attachments")
    return render_order(order, tab, status, form=form)

"""Where files are added to an order and taken back. The page that shows them is the order's tab."""

from flask import abort, flash, g, jsonify, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import TooManyRequests

from gigneo.api import Refused, RefusedMany, contributions, form_key, gettext, isolated, limit, once, party, read, write
from gigneo.plugins.orders.answers import viewer
from gigneo.plugins.orders.attaching import add_files, file_of, take_back, why_it_stays
from gigneo.plugins.orders.file_rows import last_act_of_others
from gigneo.plugins.orders.form_files import FormFiles
from gigneo.plugins.orders.forms import AttachmentForm
from gigneo.plugins.orders.loaders import load_page, load_party_order
from gigneo.plugins.orders.queries import OrderHeader
from gigneo.plugins.orders.routes import bp, render_order

PER_HOUR = 20
SPENT_KEYS = frozenset({"key_reused", "key_missing"})


@bp.post("/orders/<number>/attachments")
@party(load_page)
def add_files_form(number: str) -> ResponseReturnValue:
    """Take the files of the Attachments tab's form; a script that shows how far they are gets words instead of a page."""
    form, key = AttachmentForm(request.form), request.form.get("form_key", "")
    files = FormFiles()
    form.files.errors = list(files.problems)
    status, headers = 422, dict[str, str]()
    if form.validate() and not files.problems:
        try:
            limit("orders.upload", str(viewer().id), PER_HOUR, 3600)
            _add(number, form.kind.data, key, files)
            here = url_for("orders.tab", number=number, tab="attachments")
            return (jsonify(location=here), 201) if _is_script() else redirect(here, 303)
        except TooManyRequests as refusal:
            status, headers = 429, {"Retry-After": str(refusal.retry_after or 3600)}
            form.files.errors = [gettext("That was a lot in an hour. Wait a while, then send the rest.")]
        except (Refused, RefusedMany) as refusal:
            status = 422 if refusal.field is not None else 409
            field = form.kind if refusal.field == "kind" else form.files
            field.errors = [*field.errors, *(str(reason.reason) for reason in refusal.refusals)]
            key = form_key() if refusal.code in SPENT_KEYS else key
    elif files.problems:
        form.files.errors = list(dict.fromkeys([*files.problems, *form.files.errors]))
    return _refused(form, key, status, headers)


def _add(number: str, kind: str, key: str, files: FormFiles) -> None:
    me = viewer().id
    with files.received() as received:
        if files.problems:
            raise Refused(files.problems[-1], field="files")
        entered = {"order": number, "kind": kind, **files.entered(received)}
        with write() as session:
            once(session, key, entered, lambda: str(add_files(session, number, me, kind, received)))


def _refused(form: AttachmentForm, key: str, status: int, headers: dict[str, str]) -> ResponseReturnValue:
    if _is_script():
        return (
            jsonify(errors=[message for messages in form.errors.values() for message in messages], form_key=key),
            status,
            headers,
        )
    order: OrderHeader = g.owned
    tab = next(tab for tab in contributions().order_tabs if tab.name == "attachments")
    answer = make_response(render_order(order, tab, status, form=form, form_key=key))
    answer.headers.update(headers)
    return answer


def _is_script() -> bool:
    return request.headers.get("X-Requested-With") == "fetch"


@bp.route("/orders/<number>/attachments/<int:file_id>/remove", methods=["GET", "POST"])
@party(load_party_order)
def remove_file(number: str, file_id: int) -> ResponseReturnValue:
    """Ask before a file is removed, and remove it."""
    reasons, me = list[str](), viewer().id
    if request.method == "POST":
        try:
            with write() as session:
                entered = {"action": "remove_file", "order": number, "file": file_id}
                name = once(session, request.form.get("form_key", ""), entered, lambda: take_back(session, number, me, file_id))
            flash(gettext("%(name)s is removed.", name=isolated(name)), "success")
            return redirect(url_for("orders.tab", number=number, tab="attachments"), 303)
        except Refused as refusal:
            if refusal.code == "not_found":
                abort(404)
            reasons = [str(refusal.reason)]
            read().rollback()
    row = file_of(read(), g.owned.id, file_id)
    if row is None:
        abort(404)
    others = last_act_of_others(read(), g.owned.id, me)
    if stays := why_it_stays(g.owned, me, row.uploaded_by, row.origin_kind, row.created_at, others):
        reasons = [str(stays.reason)]
    page = render_template("orders/remove_file.html", order=g.owned, file=row, reasons=reasons, form_key=form_key(), stays=stays)
    return page, 409 if reasons else 200

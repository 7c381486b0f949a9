"""Gigneo → Disputes: what waits for the administrator, and closing a dispute."""

from typing import Any

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from gigneo.api import Refused, form_key, gettext, names_of, once, permission, person, read, whole_number, write
from gigneo.plugins.disputes import queries
from gigneo.plugins.disputes.forms import CloseForm, words_of
from gigneo.plugins.disputes.settling import close, count_open
from gigneo.plugins.disputes.tab import STATE_WORDS
from gigneo.plugins.orders import api as orders

bp = Blueprint("disputes_admin", __name__)
MANAGE = "disputes.manage"


@bp.get("/admin/disputes")
@permission(MANAGE)
def listing() -> ResponseReturnValue:
    """List disputes, the open ones first of all."""
    only_open = request.args.get("show") != "all"
    after = whole_number(request.args.get("after"))
    rows, older = queries.listed(read(), only_open, after)
    facts = {row.order_id: orders.facts(read(), row.order_id) for row in rows}
    here: dict[str, Any] = {} if only_open else {"show": "all"}
    return render_template(
        "disputes/admin_list.html",
        rows=[(row, facts[row.order_id]) for row in rows],
        names=names_of(read(), {row.opened_by_id for row in rows}),
        words=words_of,
        states=STATE_WORDS,
        only_open=only_open,
        open_count=count_open(read()),
        newer=url_for("disputes_admin.listing", **here) if after else None,
        older=url_for("disputes_admin.listing", **here, after=older) if older else None,
    )


@bp.get("/admin/disputes/<int:dispute_id>")
@permission(MANAGE)
def dispute(dispute_id: int) -> ResponseReturnValue:
    """Show a dispute, and the form that closes it."""
    return _page(dispute_id, CloseForm(), form_key())


@bp.post("/admin/disputes/<int:dispute_id>")
@permission(MANAGE)
def close_now(dispute_id: int) -> ResponseReturnValue:
    """Close a dispute."""
    viewer = person()
    assert viewer is not None
    form, key = CloseForm(request.form), request.form.get("form_key", "")
    if not form.validate():
        return _page(dispute_id, form, key), 422
    reason = form.reason.data or ""
    try:
        with write() as session:
            entered = {"action": "disputes.close", "dispute": dispute_id, "reason": reason}
            once(session, key, entered, lambda: str(close(session, dispute_id, viewer.id, reason)))
    except Refused as refusal:
        if refusal.code == "not_found":
            abort(404)
        form.reason.errors = [str(refusal.reason)]
        return _page(dispute_id, form, form_key()), 422 if refusal.field == "reason" else 409
    flash(gettext("The dispute is closed. Both sides read why, and the order goes on."), "success")
    return redirect(url_for("disputes_admin.dispute", dispute_id=dispute_id), 303)


def _page(dispute_id: int, form: CloseForm, key: str) -> str:
    row = queries.one(read(), dispute_id) if dispute_id < 2**63 else None
    if row is None:
        abort(404)
    who = {row.opened_by_id, row.settled_by_id} - {None}
    return render_template(
        "disputes/admin_dispute.html",
        dispute=row,
        order=orders.facts(read(), row.order_id),
        names=names_of(read(), [one for one in who if one is not None]),
        words=words_of,
        states=STATE_WORDS,
        form=form,
        form_key=key,
    )

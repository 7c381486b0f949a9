"""Gigneo → Reviews: every review, the reported ones first; one is hidden, restored or left to stand, with a reason."""

from typing import Any

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from gigneo.api import form_key, names_of, permission, read
from gigneo.plugins.orders import api as orders
from gigneo.plugins.reviews import queries
from gigneo.plugins.reviews.answering import send, viewer
from gigneo.plugins.reviews.forms import ModerationForm
from gigneo.plugins.reviews.models import MANAGE, STARS
from gigneo.plugins.reviews.moderating import DECISIONS, moderate

bp = Blueprint("reviews_admin", __name__)


@bp.get("/admin/reviews")
@permission(MANAGE)
def listing() -> ResponseReturnValue:
    """List reviews."""
    show = request.args.get("show", "all")
    show = show if show in queries.FILTERS else "all"
    after = _cursor(request.args.get("after", ""))
    rows, older = queries.listed(read(), show, after)
    here: dict[str, Any] = {} if show == "all" else {"show": show}
    return render_template(
        "reviews/admin_list.html",
        rows=rows,
        orders={row.order_id: orders.facts(read(), row.order_id) for row in rows},
        show=show,
        reported=queries.count_reported(read()),
        stars=STARS,
        newer=url_for("reviews_admin.listing", **here) if after else None,
        older=url_for("reviews_admin.listing", **here, after=f"{int(older[0])}-{older[1]}") if older else None,
    )


@bp.get("/admin/reviews/<int:review_id>")
@permission(MANAGE)
def review(review_id: int) -> ResponseReturnValue:
    """Show a review with its reports, and the form that decides about it."""
    return _page(review_id, ModerationForm(), (), 200)


@bp.post("/admin/reviews/<int:review_id>")
@permission(MANAGE)
def decide(review_id: int) -> ResponseReturnValue:
    """Hide a review, restore it or let it stand."""
    form = ModerationForm(request.form)
    if not form.validate():
        return _page(review_id, form, (), 422)
    chosen, why, me = form.decision.data, form.reason.data or "", viewer().id
    entered = {"review": review_id, "decision": chosen, "reason": why}
    code, reasons = send("moderate", entered, lambda session: moderate(session, review_id, me, decision=chosen, reason=why), form)
    if code:
        return _page(review_id, form, reasons, 429 if code == "too_often" else 409)
    flash(str(DECISIONS[chosen].done), "success")
    return redirect(url_for("reviews_admin.review", review_id=review_id), 303)


def _page(review_id: int, form: ModerationForm, reasons: tuple[str, ...], status: int) -> ResponseReturnValue:
    row = queries.one(read(), review_id)
    if row is None:
        abort(404)
    reports = queries.reports_of(read(), review_id)
    who = {row.author_id, row.subject_id, *(each.reporter_id for each in reports)}
    page = render_template(
        "reviews/admin_review.html",
        review=row,
        reports=reports,
        order=orders.facts(read(), row.order_id),
        names=names_of(read(), who if row.hidden_by_id is None else {*who, row.hidden_by_id}),
        decisions=[each for each in DECISIONS.values() if each.possible(row)],
        form=form,
        form_key=form_key(),
        reasons=reasons,
        stars=STARS,
    )
    return page, status


def _cursor(text: str) -> tuple[bool, int] | None:
    """Return where the page that the address asks for goes on; nonsense asks for the first one."""
    reported, _, key = text.partition("-")
    if reported not in {"0", "1"} or not (key.isascii() and key.isdigit() and len(key) < 19):
        return None
    return reported == "1", int(key)

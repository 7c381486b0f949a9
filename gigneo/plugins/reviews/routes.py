"""The pages of reviews for people: writing, answering and reporting one, and reading what is public about somebody."""

from typing import Any, Final

from flask import Blueprint, abort, flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from gigneo.api import form_key, gettext, names_of, party, public, read, signed_in
from gigneo.hooks import OrderFacts
from gigneo.plugins.orders import api as orders
from gigneo.plugins.reviews import queries
from gigneo.plugins.reviews.answering import send, viewer
from gigneo.plugins.reviews.forms import RATINGS, ReplyForm, ReportForm, ReviewForm
from gigneo.plugins.reviews.models import STARS
from gigneo.plugins.reviews.moderating import report, reported_by
from gigneo.plugins.reviews.process import ends_at
from gigneo.plugins.reviews.queries import ReviewRow
from gigneo.plugins.reviews.replying import reply
from gigneo.plugins.reviews.writing import WRITING, write_review

bp = Blueprint("reviews", __name__)
_STATUS: Final = {"too_often": 429, "": 422}
"""Refusal → status of the answer; no refusal means that the form itself was incomplete."""


@bp.get("/orders/<number>/review")
@party(orders.load_party_order)
def write_form(number: str) -> ResponseReturnValue:
    """Show the form, or why there is none now."""
    return _writing(g.owned, ReviewForm(), None, ())


@bp.post("/orders/<number>/review")
@party(orders.load_party_order)
def write_now(number: str) -> ResponseReturnValue:
    """Write a review; what can't be sent stays in the form."""
    order: OrderFacts = g.owned
    form = ReviewForm(request.form)
    if not form.validate():
        return _writing(order, form, "", ())
    entered = {"order": number, "rating": form.rating.data, "text": form.text.data or ""}
    me = viewer().id
    code, reasons = send(
        "write",
        entered,
        lambda session: write_review(session, order.id, me, rating=form.rating.data, text=form.text.data or ""),
        form,
    )
    if code:
        return _writing(order, form, code, reasons)
    flash(gettext("Your review is written. Thank you."), "success")
    return _back_to(number)


@bp.get("/orders/<number>/review/reply")
@party(orders.load_party_order)
def reply_form(number: str) -> ResponseReturnValue:
    """Show the form that answers a review."""
    return _replying(g.owned, ReplyForm(), None, ())


@bp.post("/orders/<number>/review/reply")
@party(orders.load_party_order)
def reply_now(number: str) -> ResponseReturnValue:
    """Answer a review for everybody to read."""
    order: OrderFacts = g.owned
    form = ReplyForm(request.form)
    if not form.validate():
        return _replying(order, form, "", ())
    said, me = form.text.data or "", viewer().id
    code, reasons = send("reply", {"order": number, "text": said}, lambda session: reply(session, order.id, me, text=said), form)
    if code:
        return _replying(order, form, code, reasons)
    flash(gettext("Your answer is there for everybody to read."), "success")
    return _back_to(number)


@bp.get("/reviews/<int:review_id>/report")
@signed_in
def report_form(review_id: int) -> ResponseReturnValue:
    """Show the form that reports a review."""
    return _reporting(_public_or_404(review_id), ReportForm(), None, ())


@bp.post("/reviews/<int:review_id>/report")
@signed_in
def report_now(review_id: int) -> ResponseReturnValue:
    """Report a review to the administrator."""
    review, form = _public_or_404(review_id), ReportForm(request.form)
    if not form.validate():
        return _reporting(review, form, "", ())
    why, me = form.reason.data or "", viewer().id
    code, reasons = send(
        "report", {"review": review_id, "reason": why}, lambda session: report(session, review_id, me, reason=why), form
    )
    if code:
        return _reporting(_public_or_404(review_id), form, code, reasons)
    flash(gettext("The administrator is told, and will look at the review."), "success")
    return redirect(url_for("reviews.about", person_id=review.subject_id), 303)


@bp.get("/people/<int:person_id>/reviews")
@public
def about(person_id: int) -> ResponseReturnValue:
    """List everything that is public about somebody, newest first."""
    text = request.args.get("after", "")
    after = int(text) if text.isascii() and text.isdigit() and 0 < len(text) < 19 else None
    averages = queries.averages(read(), person_id) if person_id < 2**63 else {}
    if not averages:
        abort(404)
    rows, older = queries.about(read(), person_id, after)
    here: dict[str, Any] = {"person_id": person_id}
    return render_template(
        "reviews/about.html",
        person_id=person_id,
        averages=list(averages.items()),
        rows=rows,
        names=names_of(read(), {person_id, *(row.author_id for row in rows)}),
        stars=STARS,
        newer=url_for("reviews.about", **here) if after else None,
        older=url_for("reviews.about", **here, after=older) if older else None,
    )


def _writing(order: OrderFacts, form: ReviewForm, code: str | None, reasons: tuple[str, ...]) -> ResponseReturnValue:
    role = order.role_of(viewer().id) or ""
    refused = orders.why_not(read(), order, WRITING, role)
    page = render_template(
        "reviews/write.html",
        order=order,
        other=order.freelancer_name if role == "employer" else order.employer_name,
        form=form,
        hints={stars: hint for stars, _label, hint in RATINGS},
        form_key=form_key(),
        reasons=tuple(dict.fromkeys([*reasons, *refused])),
        possible=not refused,
        ends=ends_at(order),
    )
    return page, 409 if refused else _status(code)


def _replying(order: OrderFacts, form: ReplyForm, code: str | None, reasons: tuple[str, ...]) -> ResponseReturnValue:
    me = viewer().id
    review = next((row for row in queries.of_order(read(), order.id) if row.subject_id == me and row.public), None)
    possible = review is not None and review.replied_at is None
    if not possible:
        done = gettext("You have answered this review already.")
        reasons = (done if review is not None else gettext("There is no review that you could answer."),)
    page = render_template(
        "reviews/reply.html",
        order=order,
        other=order.freelancer_name if order.role_of(me) == "employer" else order.employer_name,
        review=review,
        form=form,
        form_key=form_key(),
        reasons=reasons,
        possible=possible,
        stars=STARS,
    )
    return page, _status(code) if possible else 409


def _reporting(review: ReviewRow, form: ReportForm, code: str | None, reasons: tuple[str, ...]) -> ResponseReturnValue:
    me = viewer().id
    own = review.author_id == me
    possible = not own and not reported_by(read(), review.id, me)
    if not possible:
        reasons = (gettext("This is your own review.") if own else gettext("You have reported this review already."),)
    page = render_template(
        "reviews/report.html",
        review=review,
        names=names_of(read(), {review.author_id, review.subject_id}),
        form=form,
        form_key=form_key(),
        reasons=reasons,
        possible=possible,
        stars=STARS,
    )
    return page, _status(code) if possible else 409


def _status(code: str | None) -> int:
    return 200 if code is None else _STATUS.get(code, 409)


def _public_or_404(review_id: int) -> ReviewRow:
    found = queries.one(read(), review_id)
    if found is None or not found.public:
        abort(404)
    return found


def _back_to(number: str) -> ResponseReturnValue:
    return redirect(url_for("orders.tab", number=number, tab="overview"), 303)

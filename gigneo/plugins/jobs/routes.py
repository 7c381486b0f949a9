"""The pages of jobs: the public list, a job, and under Dashboard → Jobs what the viewer posted and proposed."""

from typing import Any

from flask import Blueprint, abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from gigneo.api import currency, form_key, gettext, names_of, person, public, read, signed_in
from gigneo.plugins.jobs import queries, words
from gigneo.plugins.jobs.answering import page_key, viewer
from gigneo.plugins.jobs.loaders import Seen, visible
from gigneo.plugins.jobs.models import HIRED, OPEN

bp = Blueprint("jobs", __name__)


@bp.get("/jobs")
@public
def listing() -> ResponseReturnValue:
    """List the jobs that are open, or those that somebody was hired for."""
    state = HIRED if request.args.get("show") == HIRED else OPEN
    after = page_key()
    rows, older = queries.listed(read(), state, after)
    here: dict[str, Any] = {"show": HIRED} if state == HIRED else {}
    return render_template(
        "jobs/list.html",
        rows=rows,
        open=state == OPEN,
        words=words,
        filters=[
            {"label": gettext("Open"), "url": url_for("jobs.listing"), "current": state == OPEN},
            {"label": gettext("Hired"), "url": url_for("jobs.listing", show=HIRED), "current": state == HIRED},
        ],
        newer=url_for("jobs.listing", **here) if after else None,
        older=url_for("jobs.listing", **here, after=older) if older else None,
    )


@bp.get("/jobs/<job_number>")
@public
def job(job_number: str) -> ResponseReturnValue:
    """Show a job: to its employer with all proposals, to a freelancer with their own."""
    found = visible(job_number, person())
    if found is None:
        abort(404)
    return render_job(found)


def render_job(seen: Seen, status: int = 200, reasons: tuple[str, ...] = ()) -> ResponseReturnValue:
    """Render a job's page.

    Args:
        seen: the job, as the viewer sees it.
        status: of the answer.
        reasons: why something was not done.
    """
    found, after = seen.job, page_key()
    proposals, older = queries.proposals_for(read(), found.id, after) if seen.own else ([], None)
    names = names_of(read(), {found.employer_id, *(one.freelancer_id for one in proposals)})
    page = render_template(
        "jobs/job.html",
        job=found,
        seen=seen,
        employer=names.get(found.employer_id, ""),
        description=queries.description_of(read(), found.id),
        proposals=proposals,
        names=names,
        words=words,
        currency=currency(),
        reasons=reasons,
        withdraw_key=form_key(),
        newer=url_for("jobs.job", job_number=found.number, _anchor="proposals") if after else None,
        older=url_for("jobs.job", job_number=found.number, after=older, _anchor="proposals") if older else None,
    )
    return page, status


@bp.get("/dashboard/jobs")
@signed_in
def own_jobs() -> ResponseReturnValue:
    """List what the viewer posted, each with what it waits for."""
    who = viewer()
    if "employer" not in who.roles:
        return redirect(url_for("jobs.own_proposals"), 303)
    after = page_key()
    rows, older = queries.of_employer(read(), who.id, after)
    return render_template(
        "jobs/own_jobs.html",
        rows=[(row, words.employers_turn(row)) for row in rows],
        words=words,
        tabs=_tabs("jobs.own_jobs"),
        newer=url_for("jobs.own_jobs") if after else None,
        older=url_for("jobs.own_jobs", after=older) if older else None,
    )


@bp.get("/dashboard/jobs/proposals")
@signed_in
def own_proposals() -> ResponseReturnValue:
    """List what the viewer proposed, each with what it waits for."""
    who, after = viewer(), page_key()
    rows, older = queries.of_freelancer(read(), who.id, after)
    return render_template(
        "jobs/own_proposals.html",
        rows=[(proposal, row, words.freelancers_turn(proposal, row)) for proposal, row in rows],
        words=words,
        tabs=_tabs("jobs.own_proposals"),
        currency=currency(),
        newer=url_for("jobs.own_proposals") if after else None,
        older=url_for("jobs.own_proposals", after=older) if older else None,
    )


def _tabs(current: str) -> list[dict[str, Any]]:
    """Return the two sides of Dashboard → Jobs, for those who are on both."""
    if not {"employer", "freelancer"} <= viewer().roles:
        return []
    sides = (("jobs.own_jobs", gettext("Your jobs")), ("jobs.own_proposals", gettext("Your proposals")))
    return [{"label": label, "url": url_for(endpoint), "current": endpoint == current} for endpoint, label in sides]

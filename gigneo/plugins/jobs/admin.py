"""Gigneo → Jobs: every job, and closing one with a reason."""

from typing import Any

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlmodel import Session

from gigneo.api import form_key, gettext, names_of, permission, read
from gigneo.plugins.jobs import queries, words
from gigneo.plugins.jobs.answering import act, page_key, status_of, viewer
from gigneo.plugins.jobs.forms import CloseForm
from gigneo.plugins.jobs.loaders import NUMBER_LENGTH
from gigneo.plugins.jobs.models import MANAGE, OPEN
from gigneo.plugins.jobs.posting import close_as_administrator
from gigneo.plugins.jobs.queries import JobRow

bp = Blueprint("jobs_admin", __name__)


@bp.get("/admin/jobs")
@permission(MANAGE)
def listing() -> ResponseReturnValue:
    """List the jobs in a state, or all of them."""
    state = request.args.get("show", OPEN)
    state = state if state in words.JOB_STATES else "all" if state == "all" else OPEN
    after = page_key()
    rows, older = queries.every(read(), after) if state == "all" else queries.in_state(read(), state, after)
    here: dict[str, Any] = {} if state == OPEN else {"show": state}
    choices = [*((name, label) for name, (label, _tone) in words.JOB_STATES.items()), ("all", gettext("All"))]
    return render_template(
        "jobs/admin_list.html",
        rows=rows,
        words=words,
        filters=[
            {"label": label, "url": url_for("jobs_admin.listing", show=name), "current": name == state} for name, label in choices
        ],
        newer=url_for("jobs_admin.listing", **here) if after else None,
        older=url_for("jobs_admin.listing", **here, after=older) if older else None,
    )


@bp.get("/admin/jobs/<job_number>")
@permission(MANAGE)
def job(job_number: str) -> ResponseReturnValue:
    """Show a job, and the form that closes it."""
    return _page(_find(job_number), CloseForm())


@bp.post("/admin/jobs/<job_number>")
@permission(MANAGE)
def close_now(job_number: str) -> ResponseReturnValue:
    """Close a job."""
    found, who, form = _find(job_number), viewer(), CloseForm(request.form)
    if not form.validate():
        return _page(found, form), 422
    reason = form.reason.data or ""

    def run(session: Session) -> str:
        close_as_administrator(session, found.id, who.id, reason)
        return found.number

    done, reasons = act("jobs.close_as_administrator", {"job": found.number, "reason": reason}, run, form)
    if done is None:
        return _page(_find(job_number), form, reasons), status_of(form)
    flash(gettext("The job is closed. Its employer and whoever proposed read why."), "success")
    return redirect(url_for("jobs_admin.job", job_number=found.number), 303)


def _find(job_number: str) -> JobRow:
    found = queries.one(read(), job_number) if len(job_number) <= NUMBER_LENGTH else None
    if found is None:
        abort(404)
    return found


def _page(job: JobRow, form: CloseForm, reasons: tuple[str, ...] = ()) -> str:
    return render_template(
        "jobs/admin_job.html",
        job=job,
        employer=names_of(read(), [job.employer_id]).get(job.employer_id, ""),
        description=queries.description_of(read(), job.id),
        words=words,
        form=form,
        reasons=reasons,
        form_key=form_key(),
    )

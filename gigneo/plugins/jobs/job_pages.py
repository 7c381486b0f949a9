"""An employer's own pages: posting a job, changing it, and closing it."""

from typing import Any

from flask import flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlmodel import Session

from gigneo.api import currency, form_key, gettext, party, read, signed_in
from gigneo.plugins.jobs.answering import act, hidden_number, status_of, too_often, viewer
from gigneo.plugins.jobs.forms import JobForm
from gigneo.plugins.jobs.loaders import load_own_job
from gigneo.plugins.jobs.models import OPEN
from gigneo.plugins.jobs.posting import change_job, close_job, post_job
from gigneo.plugins.jobs.queries import JobRow, description_of
from gigneo.plugins.jobs.routes import bp

POSTS_PER_HOUR = 20


@bp.get("/jobs/new")
@signed_in
def new() -> ResponseReturnValue:
    """Show the form of a new job."""
    return _form_page(JobForm(), None)


@bp.post("/jobs/new")
@signed_in
def post() -> ResponseReturnValue:
    """Post a job; what can't be sent stays in the form."""
    who, form = viewer(), JobForm(request.form)
    if "employer" not in who.roles:
        return _form_page(form, None), 403
    if not form.validate():
        return _form_page(form, None), 422
    reasons, headers = too_often("jobs.post", POSTS_PER_HOUR, 3600)
    if reasons:
        return _form_page(form, None, reasons), 429, headers
    entered = _entered(form)
    number, reasons = act("jobs.post", entered, lambda session: post_job(session, who.id, **entered), form)
    if number is None:
        return _form_page(form, None, reasons), status_of(form)
    flash(gettext("Your job is posted. Freelancers can propose now."), "success")
    return redirect(url_for("jobs.job", job_number=number), 303)


@bp.get("/jobs/<job_number>/edit")
@party(load_own_job)
def edit(job_number: str) -> ResponseReturnValue:
    """Show the form that changes a job."""
    found: JobRow = g.owned
    given = {name: getattr(found, name) for name in ("title", "category")}
    given |= {"budget_min": found.budget_min_minor, "budget_max": found.budget_max_minor}
    return _form_page(JobForm(data={**given, "description": description_of(read(), found.id)}), found)


@bp.post("/jobs/<job_number>/edit")
@party(load_own_job)
def change(job_number: str) -> ResponseReturnValue:
    """Change a job; what can't be sent stays in the form."""
    found: JobRow = g.owned
    who, form, version = viewer(), JobForm(request.form), hidden_number("version")
    if not form.validate():
        return _form_page(form, found), 422
    entered = _entered(form)

    def run(session: Session) -> str:
        change_job(session, found.id, who.id, **entered, version=version)
        return found.number

    done, reasons = act("jobs.change", {**entered, "job": found.number, "version": version}, run, form)
    if done is None:
        return _form_page(form, load_own_job(job_number) or found, reasons), status_of(form)
    flash(gettext("Your job is changed. Whoever proposed before sees that."), "success")
    return redirect(url_for("jobs.job", job_number=found.number), 303)


@bp.get("/jobs/<job_number>/close")
@party(load_own_job)
def close(job_number: str) -> ResponseReturnValue:
    """Ask before a job is closed: that can't be taken back."""
    return _close_page(g.owned)


@bp.post("/jobs/<job_number>/close")
@party(load_own_job)
def close_now(job_number: str) -> ResponseReturnValue:
    """Close a job."""
    found: JobRow = g.owned
    who, version = viewer(), hidden_number("version")

    def run(session: Session) -> str:
        close_job(session, found.id, who.id, version=version)
        return found.number

    done, reasons = act("jobs.close", {"job": found.number, "version": version}, run)
    if done is None:
        return _close_page(load_own_job(job_number) or found, reasons), 409
    flash(gettext("Your job is closed. Whoever proposed sees that."), "success")
    return redirect(url_for("jobs.job", job_number=found.number), 303)


def _entered(form: JobForm) -> dict[str, Any]:
    return {
        "title": form.title.data or "",
        "description": form.description.data or "",
        "category": form.category.data or "",
        "budget_min_minor": form.budget_min.data,
        "budget_max_minor": form.budget_max.data,
    }


def _form_page(form: JobForm, job: JobRow | None, reasons: tuple[str, ...] = ()) -> str:
    return render_template(
        "jobs/job_form.html",
        form=form,
        job=job,
        possible="employer" in viewer().roles if job is None else job.state == OPEN,
        reasons=reasons,
        currency=currency(),
        form_key=form_key(),
    )


def _close_page(job: JobRow, reasons: tuple[str, ...] = ()) -> str:
    return render_template("jobs/close.html", job=job, possible=job.state == OPEN, reasons=reasons, form_key=form_key())

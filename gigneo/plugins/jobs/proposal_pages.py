"""A freelancer's own pages: proposing for a job, changing what was proposed, and withdrawing it."""

from typing import Any

from flask import abort, flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlmodel import Session

from gigneo.api import Person, currency, form_key, gettext, party, signed_in
from gigneo.plugins.jobs import words
from gigneo.plugins.jobs.answering import act, hidden_number, status_of, too_often, viewer
from gigneo.plugins.jobs.forms import ProposalForm
from gigneo.plugins.jobs.loaders import Received, Seen, closed_meanwhile, load_last_proposal, load_own_proposal, visible
from gigneo.plugins.jobs.models import HIRED, OPEN
from gigneo.plugins.jobs.proposing import change_proposal, propose, withdraw
from gigneo.plugins.jobs.queries import JobRow, ProposalRow
from gigneo.plugins.jobs.routes import bp, render_job

PROPOSALS_PER_HOUR = 30


@bp.get("/jobs/<job_number>/propose")
@signed_in
def propose_form(job_number: str) -> ResponseReturnValue:
    """Show the form of a proposal, or of the one that there is."""
    seen = _seen(job_number)
    if seen.proposal is not None:
        return redirect(url_for("jobs.edit_proposal", job_number=seen.job.number), 303)
    return _form_page(ProposalForm(), seen.job, None, _why_not(seen, viewer()))


@bp.post("/jobs/<job_number>/propose")
@signed_in
def propose_now(job_number: str) -> ResponseReturnValue:
    """Propose; what can't be sent stays in the form."""
    seen, who, form = _seen(job_number, posted=True), viewer(), ProposalForm(request.form)
    if "freelancer" not in who.roles or seen.own:
        return _form_page(form, seen.job, None, _why_not(seen, who)), 403
    if not form.validate():
        return _form_page(form, seen.job, None, _why_not(seen, who)), 422
    reasons, headers = too_often("jobs.propose", PROPOSALS_PER_HOUR, 3600)
    if reasons:
        return _form_page(form, seen.job, None, "", reasons), 429, headers
    entered = _entered(form)

    def run(session: Session) -> str:
        return str(propose(session, seen.job.id, who.id, **entered))

    done, reasons = act("jobs.propose", {**entered, "job": seen.job.number}, run, form)
    if done is None:
        fresh = _seen(job_number, posted=True)
        return _form_page(form, fresh.job, None, _why_not(fresh, who), reasons), status_of(form)
    flash(gettext("Your proposal is with the employer. You can change or withdraw it until somebody is hired."), "success")
    return redirect(url_for("jobs.job", job_number=seen.job.number), 303)


@bp.get("/jobs/<job_number>/proposal/edit")
@party(load_own_proposal)
def edit_proposal(job_number: str) -> ResponseReturnValue:
    """Show the form that changes a proposal."""
    owned: Received = g.owned
    terms = owned.proposal
    given = {"price": terms.price_minor, "days": terms.days, "revisions": terms.revisions, "cover": terms.cover}
    form = ProposalForm(data={**given, "unlimited": terms.revisions is None})
    return _form_page(form, owned.job, terms, _not_any_more(owned))


@bp.post("/jobs/<job_number>/proposal/edit")
@party(load_own_proposal)
def change_terms(job_number: str) -> ResponseReturnValue:
    """Change a proposal; what can't be sent stays in the form."""
    owned: Received = g.owned
    who, form, version = viewer(), ProposalForm(request.form), hidden_number("version")
    if not form.validate():
        return _form_page(form, owned.job, owned.proposal, _not_any_more(owned)), 422
    entered = _entered(form)

    def run(session: Session) -> str:
        change_proposal(session, owned.proposal.id, who.id, **entered, version=version)
        return owned.job.number

    about = {"proposal": owned.proposal.id, "version": version}
    done, reasons = act("jobs.change_proposal", {**entered, **about}, run, form)
    if done is None:
        fresh = load_own_proposal(job_number) or owned
        return _form_page(form, fresh.job, fresh.proposal, _not_any_more(fresh), reasons), status_of(form)
    flash(gettext("Your proposal is changed."), "success")
    return redirect(url_for("jobs.job", job_number=owned.job.number), 303)


@bp.post("/jobs/<job_number>/proposal/withdraw")
@party(load_last_proposal)
def take_back(job_number: str) -> ResponseReturnValue:
    """Withdraw a proposal."""
    owned: Received = g.owned
    who, version = viewer(), hidden_number("version")

    def run(session: Session) -> str:
        withdraw(session, owned.proposal.id, who.id, version=version)
        return owned.job.number

    done, reasons = act("jobs.withdraw", {"proposal": owned.proposal.id, "version": version}, run)
    if done is None:
        return render_job(_seen(job_number), 409, reasons)
    flash(gettext("Your proposal is withdrawn. The employer does not see it any more."), "success")
    return redirect(url_for("jobs.job", job_number=owned.job.number), 303)


def _seen(job_number: str, *, posted: bool = False) -> Seen:
    """Return a job; to whoever had its form open, also one that was closed meanwhile, without what it said."""
    found = visible(job_number, viewer()) or (closed_meanwhile(job_number) if posted else None)
    if found is None:
        abort(404)
    return found


def _why_not(seen: Seen, who: Person) -> str:
    """Say why this person can't propose, or nothing."""
    if seen.own:
        return gettext("This is your own job. Freelancers propose here.")
    if "freelancer" not in who.roles:
        return gettext("Only freelancers propose for jobs, and your account is not one.")
    return _closed(seen.job)


def _not_any_more(owned: Received) -> str:
    """Say why a proposal can't be changed any more, or nothing."""
    if owned.proposal.state == HIRED:
        return gettext("You are hired for this job: its order says how it goes on.")
    return _closed(owned.job)


def _closed(job: JobRow) -> str:
    if job.state == OPEN:
        return ""
    return gettext("Somebody was hired for this job already.") if job.state == HIRED else gettext("This job is closed.")


def _entered(form: ProposalForm) -> dict[str, Any]:
    return {
        "price_minor": form.price.data,
        "days": form.days.data,
        "revisions": None if form.unlimited.data else form.revisions.data,
        "cover": form.cover.data or "",
        "job_version": hidden_number("job_version"),
    }


def _form_page(form: ProposalForm, job: JobRow, proposal: ProposalRow | None, why_not: str, reasons: tuple[str, ...] = ()) -> str:
    return render_template(
        "jobs/proposal_form.html",
        form=form,
        job=job,
        proposal=proposal,
        why_not="" if why_not in reasons else why_not,
        possible=not why_not,
        reasons=reasons,
        words=words,
        currency=currency(),
        form_key=form_key(),
    )

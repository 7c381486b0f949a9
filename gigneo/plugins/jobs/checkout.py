"""The checkout of a hire: the proposal's terms, what they cost, what is in the wallet, and hiring once."""

from flask import flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlmodel import Session

from gigneo.api import active_roles, currency, form_key, gettext, hooks, isolated, names_of, party, read
from gigneo.hooks import CommissionQuote
from gigneo.plugins.jobs import words
from gigneo.plugins.jobs.answering import act, hidden_number, viewer
from gigneo.plugins.jobs.hiring import OUTDATED, hire, terms_of
from gigneo.plugins.jobs.judging import is_outdated
from gigneo.plugins.jobs.loaders import Received, load_received
from gigneo.plugins.jobs.models import HIRED, OPEN, WITHDRAWN
from gigneo.plugins.jobs.routes import bp
from gigneo.plugins.orders import api as orders
from gigneo.plugins.wallet import api as wallet


@bp.get("/jobs/<job_number>/proposals/<int:proposal_id>/hire")
@party(load_received)
def checkout(job_number: str, proposal_id: int) -> ResponseReturnValue:
    """Show what a proposal costs, and the button."""
    return _page(g.owned)


@bp.post("/jobs/<job_number>/proposals/<int:proposal_id>/hire")
@party(load_received)
def hire_now(job_number: str, proposal_id: int) -> ResponseReturnValue:
    """Hire somebody, then go to the order, or to the wallet when it holds too little."""
    received: Received = g.owned
    who = viewer()
    if "employer" not in who.roles:
        return _page(received)
    version, seen = hidden_number("version"), orders.offer_sent()

    def run(session: Session) -> str:
        return hire(session, proposal_id, who.id, version=version, seen=seen).number

    number, reasons = act("jobs.hire", {"proposal": proposal_id, "version": version, **seen}, run)
    if number is None:
        return _page(load_received(job_number, proposal_id) or received, reasons)
    order = orders.facts(read(), number)
    if order.state == "pending_payment":
        hired = gettext(
            "You hired %(name)s. Top up your wallet to pay; the work starts then.", name=isolated(order.freelancer_name)
        )
        flash(hired, "info")
        missing = order.price_minor + order.employer_fee_minor - wallet.balance(read(), who.id).available
        return redirect(url_for("wallet.top_up", needed=max(missing, 0), next=url_for("orders.pay", number=number)), 303)
    flash(
        gettext("You hired %(name)s. The money is in escrow until the order is completed.", name=isolated(order.freelancer_name)),
        "success",
    )
    return redirect(url_for("orders.tab", number=number, tab="overview"), 303)


def _why_not(received: Received) -> str:
    """Say why nobody can be hired by this proposal, or nothing."""
    if "employer" not in viewer().roles:
        return gettext("Only employers hire, and your account is not one.")
    if received.proposal.state == HIRED:
        return gettext("You hired by this proposal.")
    if received.proposal.state == WITHDRAWN:
        return gettext("This proposal was withdrawn.")
    if received.job.state == OPEN:
        if is_outdated(received.proposal, received.job):
            return str(OUTDATED)
        freelancer_id = received.proposal.freelancer_id
        present = "freelancer" in active_roles(read(), [freelancer_id])[freelancer_id]
        return "" if present else gettext("This freelancer takes no orders at present.")
    if received.job.state == HIRED:
        return gettext("Somebody was hired for this job already.")
    return gettext("This job is closed.")


def _page(received: Received, reasons: tuple[str, ...] = ()) -> ResponseReturnValue:
    job, proposal = received.job, received.proposal
    terms = terms_of(job, proposal)
    quote = hooks.first("quote_commission", terms=terms, session=read()) or CommissionQuote(0)
    total = proposal.price_minor + quote.employer_fee_minor
    available = wallet.balance(read(), job.employer_id).available
    why_not = _why_not(received)
    page = render_template(
        "jobs/checkout.html",
        job=job,
        proposal=proposal,
        freelancer=names_of(read(), [proposal.freelancer_id]).get(proposal.freelancer_id, ""),
        words=words,
        currency=currency(),
        fee_minor=quote.employer_fee_minor,
        total_minor=total,
        available_minor=available,
        enough=available >= total,
        possible=not why_not,
        why_not="" if why_not in reasons else why_not,
        reasons=reasons,
        seen=orders.offer_seen(terms, total),
        form_key=form_key(),
    )
    return page, 409 if reasons else 403 if why_not and request.method == "POST" else 200

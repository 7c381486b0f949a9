"""Hiring: the order is placed with exactly the proposal's terms, and paid at once when the wallet holds enough."""

from collections.abc import Mapping
from dataclasses import dataclass

from sqlmodel import Session, col, select, update

from gigneo.api import Refused, currency, gettext, now, tell
from gigneo.api import lazy_gettext as _l
from gigneo.contributions import Refusal
from gigneo.hooks import OrderTerms
from gigneo.plugins.jobs.following import note_paid
from gigneo.plugins.jobs.judging import is_outdated
from gigneo.plugins.jobs.locking import lock_proposal, refuse_unless_open
from gigneo.plugins.jobs.models import DECLINED, HIRED, OPEN, WITHDRAWN, Hire, Job, Proposal
from gigneo.plugins.jobs.queries import JobRow, ProposalRow
from gigneo.plugins.orders import api as orders
from gigneo.plugins.wallet import api as wallet

KIND = "job"
OUTDATED = _l("The job was changed after this proposal was made. Its freelancer is told, and has to confirm it first.")


@dataclass(frozen=True, slots=True)
class Hired:
    """What came of hiring.

    Attributes:
        order_id: the order.
        number: its public number.
        paid: whether it was paid at once; otherwise it waits for the money.
    """

    order_id: int
    number: str
    paid: bool


def hire(
    session: Session,
    proposal_id: int,
    employer_id: int,
    *,
    version: int | None = None,
    seen: Mapping[str, str] | None = None,
    number: str | None = None,
    pay: bool = True,
) -> Hired:
    """Hire whoever made a proposal: a job order starts with exactly its terms, and all other proposals are declined.

    Args:
        session: the action's writing transaction.
        proposal_id: the proposal.
        employer_id: whose job it must be.
        version: of the proposal on the page that the person saw; another one is refused.
        seen: the offer on that page; another one is refused.
        number: a public number for the order, for demo data.
        pay: pay at once when the wallet holds enough; otherwise the order waits in any case.

    Raises:
        Refused: the job or the proposal is not open or has changed, or a rule of orders or of a module refuses.
        RefusedMany: several do, or what is paid has changed meanwhile.
    """
    job, proposal = lock_proposal(session, proposal_id)
    if job.employer_id != employer_id:
        raise Refused(gettext("There is no such proposal."), code="not_found")
    refuse_unless_open(job)
    if proposal.state == WITHDRAWN:
        raise Refused(gettext("This proposal was withdrawn."), code="withdrawn")
    if version is not None and version != proposal.version:
        words = gettext("The proposal has changed while you were looking at it. Nobody was hired; these are its terms now.")
        raise Refused(words, code="stale")
    order = orders.place(session, terms_of(job, proposal), employer_id, seen=seen, number=number)
    total = order.price_minor + order.employer_fee_minor
    _settle(session, job, proposal)
    session.add(
        Hire(
            job_id=proposal.job_id,
            proposal_id=proposal_id,
            order_id=order.id,
            order_number=order.number,
            hired_at=now(),
        )
    )
    session.flush()
    paid = pay and wallet.can_pay(session, employer_id, total)
    path = f"/orders/{order.number}/overview"
    about = {"title": job.title, "employer": order.employer_name, "paid": paid}
    tell(session, proposal.freelancer_id, "jobs.hired", "jobs/hired", path=path, **about)
    if paid:
        orders.pay(session, order.number, employer_id)
        note_paid(session, order.id)
    return Hired(order.id, order.number, paid=paid)


def terms_of(job: Job | JobRow, proposal: Proposal | ProposalRow) -> OrderTerms:
    """Return what an order by a proposal would be."""
    assert job.id is not None
    return OrderTerms(
        kind=KIND,
        source_id=job.id,
        title=job.title,
        package="",
        features=(),
        employer_id=job.employer_id,
        freelancer_id=proposal.freelancer_id,
        price_minor=proposal.price_minor,
        currency=currency(),
        days=proposal.days,
        revisions=proposal.revisions,
        category=job.category,
    )


def refuse_terms(terms: OrderTerms, session: Session) -> Refusal | None:
    """Say why terms that claim to come from a job must not become an order: they are an open proposal's, or nobody's."""
    if terms.kind != KIND:
        return None
    job = session.get(Job, terms.source_id)
    if job is None or job.state != OPEN or job.employer_id != terms.employer_id:
        return Refusal(_l("This job is not open."), "not_open")
    proposal = session.exec(
        select(Proposal).where(
            col(Proposal.job_id) == job.id,
            col(Proposal.freelancer_id) == terms.freelancer_id,
            col(Proposal.state) == OPEN,
        )
    ).first()
    if proposal is None:
        return Refusal(_l("There is no open proposal of this freelancer for this job."), "not_proposed")
    if is_outdated(proposal, job):
        return Refusal(OUTDATED, "job_changed")
    if terms != terms_of(job, proposal):
        return Refusal(_l("These are not the terms of the proposal. Look at it again before you hire."), "terms_mismatch")
    return None


def _settle(session: Session, job: Job, hired: Proposal) -> None:
    job.state = HIRED
    job.version += 1
    hired.state = HIRED
    hired.version += 1
    session.add_all([job, hired])
    session.flush()
    others = (col(Proposal.job_id) == job.id, col(Proposal.state) == OPEN)
    session.execute(update(Proposal).where(*others).values(state=DECLINED, version=col(Proposal.version) + 1))

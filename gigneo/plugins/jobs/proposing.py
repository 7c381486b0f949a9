"""Proposing for a job, changing what was proposed, and withdrawing it."""

from sqlmodel import Session, col, select

from gigneo.api import Refused, active_roles, gettext, now, tell, written
from gigneo.plugins.jobs.judging import COVER_LIMIT, check_terms
from gigneo.plugins.jobs.locking import lock_job, lock_proposal, refuse_stale, refuse_unless_open
from gigneo.plugins.jobs.models import HIRED, OPEN, WITHDRAWN, Job, Proposal


def propose(
    session: Session,
    job: int | str,
    freelancer_id: int,
    *,
    price_minor: int,
    days: int,
    revisions: int | None,
    cover: str,
    job_version: int | None = None,
) -> int:
    """Propose to do a job; its employer is told by mail.

    Args:
        session: the action's writing transaction.
        job: the key, or the public number.
        freelancer_id: who would do it.
        price_minor: for how much, in minor units.
        days: in how many days.
        revisions: with how many revisions; ``None`` means unlimited.
        cover: why them, as typed; only the employer reads it.
        job_version: of the job on the page that the person saw; another one is refused.

    Returns:
        The proposal's id.

    Raises:
        Refused: the job is not open or their own or has changed meanwhile, they have proposed already, or the terms are
            not possible.
    """
    found = lock_job(session, job)
    assert found.id is not None
    refuse_unless_open(found)
    if found.employer_id == freelancer_id:
        raise Refused(gettext("This is your own job."), code="own_job")
    if "employer" not in active_roles(session, [found.employer_id])[found.employer_id]:
        raise Refused(gettext("The employer of this job takes no proposals at present."), code="employer_absent")
    kept = select(Proposal.id).where(
        col(Proposal.job_id) == found.id, col(Proposal.freelancer_id) == freelancer_id, col(Proposal.state) != WITHDRAWN
    )
    if session.exec(kept).first() is not None:
        raise Refused(gettext("You have proposed for this job already; you can change what you proposed."), code="proposed")
    refuse_stale(job_version, found.version)
    check_terms(price_minor, days, revisions)
    cover = written(cover, "cover", COVER_LIMIT)
    at = now()
    proposal = Proposal(
        job_id=found.id,
        freelancer_id=freelancer_id,
        price_minor=price_minor,
        days=days,
        revisions=revisions,
        cover=cover,
        made_at=at,
        changed_at=at,
    )
    session.add(proposal)
    session.flush()
    assert proposal.id is not None
    tell(session, found.employer_id, "jobs.proposed", "jobs/proposed", path=f"/jobs/{found.number}", title=found.title)
    return proposal.id


def change_proposal(
    session: Session,
    proposal_id: int,
    freelancer_id: int,
    *,
    price_minor: int,
    days: int,
    revisions: int | None,
    cover: str,
    version: int | None = None,
    job_version: int | None = None,
) -> None:
    """Change an open proposal, or confirm it as it is after its job was changed.

    An employer who has the old terms on the screen can't hire by them any more.

    Args:
        session: the action's writing transaction.
        proposal_id: the proposal.
        freelancer_id: whose it must be.
        price_minor: for how much, in minor units.
        days: in how many days.
        revisions: with how many revisions; ``None`` means unlimited.
        cover: why them, as typed.
        version: of the proposal on the page that the person saw.
        job_version: of the job on it.

    Raises:
        Refused: it is not theirs or not open, it or the job has changed meanwhile, or the terms are not possible.
    """
    job, proposal = _own(session, proposal_id, freelancer_id, version)
    refuse_stale(job_version, job.version)
    check_terms(price_minor, days, revisions)
    cover = written(cover, "cover", COVER_LIMIT)
    proposal.price_minor, proposal.days, proposal.revisions, proposal.cover = price_minor, days, revisions, cover
    proposal.changed_at = now()
    proposal.version += 1
    session.add(proposal)
    session.flush()


def withdraw(session: Session, proposal_id: int, freelancer_id: int, *, version: int | None = None) -> None:
    """Withdraw an open proposal. As long as the job is open, its freelancer can propose again.

    Args:
        session: the action's writing transaction.
        proposal_id: the proposal.
        freelancer_id: whose it must be.
        version: of the page that the person saw.

    Raises:
        Refused: it is not theirs or not open, or has changed meanwhile.
    """
    _job, proposal = _own(session, proposal_id, freelancer_id, version)
    proposal.state, proposal.changed_at = WITHDRAWN, now()
    proposal.version += 1
    session.add(proposal)
    session.flush()


def _own(session: Session, proposal_id: int, freelancer_id: int, version: int | None) -> tuple[Job, Proposal]:
    """Lock an open proposal of this freelancer, as the person saw it."""
    job, proposal = lock_proposal(session, proposal_id)
    if proposal.freelancer_id != freelancer_id:
        raise Refused(gettext("There is no such proposal."), code="not_found")
    if proposal.state == HIRED:
        raise Refused(gettext("You are hired for this job: its order says how it goes on."), code="hired")
    if proposal.state == WITHDRAWN:
        raise Refused(gettext("This proposal was withdrawn."), code="withdrawn")
    refuse_unless_open(job)
    if proposal.state != OPEN:
        raise Refused(gettext("This proposal is not open any more."), code="not_open")
    refuse_stale(version, proposal.version)
    return job, proposal

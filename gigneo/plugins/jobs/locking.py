"""The lock that every step on a job takes first: the job's row. Whatever is judged by is read after it."""

from sqlmodel import Session, col, select

from gigneo.api import Refused, gettext
from gigneo.plugins.jobs.models import CLOSED, HIRED, Job, Proposal


def lock_job(session: Session, job: int | str) -> Job:
    """Lock a job's row, then give it as it is now.

    Args:
        session: the action's writing transaction.
        job: the key, or the public number.

    Raises:
        Refused: ``not_found``.
    """
    wanted = col(Job.id) == job if isinstance(job, int) else col(Job.number) == job
    statement = select(Job).where(wanted).with_for_update().execution_options(populate_existing=True)
    found = session.exec(statement).first()
    if found is None:
        raise Refused(gettext("There is no such job."), code="not_found")
    return found


def lock_proposal(session: Session, proposal_id: int) -> tuple[Job, Proposal]:
    """Lock the job of a proposal, then read the proposal: whoever changes it holds the same lock.

    Args:
        session: the action's writing transaction.
        proposal_id: the proposal.

    Raises:
        Refused: ``not_found``.
    """
    job_id = session.exec(select(Proposal.job_id).where(col(Proposal.id) == proposal_id)).first()
    if job_id is None:
        raise Refused(gettext("There is no such proposal."), code="not_found")
    job = lock_job(session, job_id)
    # A second statement on purpose: on PostgreSQL it sees what was committed while the lock was waited for.
    statement = select(Proposal).where(col(Proposal.id) == proposal_id).execution_options(populate_existing=True)
    return job, session.exec(statement).one()


def refuse_unless_open(job: Job) -> None:
    """Refuse when nobody can propose or be hired any more.

    Raises:
        Refused: ``job_hired`` or ``job_closed``.
    """
    if job.state == HIRED:
        raise Refused(gettext("Somebody was hired for this job already."), code="job_hired")
    if job.state == CLOSED:
        raise Refused(gettext("This job is closed."), code="job_closed")


def refuse_stale(version: int | None, now: int) -> None:
    """Refuse a page that was made from an older version.

    Raises:
        Refused: ``stale``.
    """
    if version is not None and version != now:
        words = gettext("This has changed while you were looking at it. Nothing was done; look at it again first.")
        raise Refused(words, code="stale")

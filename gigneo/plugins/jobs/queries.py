"""The reads of jobs: plain columns into light frozen rows, by statements that are made once, a page at a time by key."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Select, and_, bindparam, func, or_, select
from sqlmodel import Session, col

from gigneo.api import active_with_role, names_of, prepared
from gigneo.plugins.jobs.models import OPEN, WITHDRAWN, Hire, Job, Proposal

PAGE: Final = 20
NEWEST: Final = 2**63 - 1
"""The key before the first page: no row has it."""


@dataclass(frozen=True, slots=True)
class JobRow:
    """A job as lists and pages show it.

    Attributes:
        id: the key.
        number: the public number, not sequential.
        employer_id: who wants it done.
        title: what, in one line.
        category: what kind of work, or empty.
        budget_min_minor: the hint at the least price.
        budget_max_minor: the hint at the highest price.
        state: ``open``, ``hired`` or ``closed``.
        posted_at: since when it is there.
        changed_at: when its employer last changed it.
        closed_at: when it was closed, if it was.
        closed_reason: why an administrator closed it, or empty.
        version: counts every change; a page made from an older one is stale.
        proposals: how many are open.
        order_number: of the order that it led to; for its parties only.
        paid_at: when that was paid.
        employer_name: for people.
    """

    id: int
    number: str
    employer_id: int
    title: str
    category: str
    budget_min_minor: int | None
    budget_max_minor: int | None
    state: str
    posted_at: datetime
    changed_at: datetime
    closed_at: datetime | None
    closed_reason: str
    version: int
    proposals: int
    order_number: str | None
    paid_at: datetime | None
    employer_name: str = ""


@dataclass(frozen=True, slots=True)
class ProposalRow:
    """A proposal as its freelancer and the job's employer see it.

    Attributes:
        id: the key.
        job_id: the job.
        freelancer_id: who would do it.
        price_minor: for how much.
        days: in how many days.
        revisions: with how many revisions; ``None`` means unlimited.
        cover: why them, as typed.
        state: ``open``, ``withdrawn``, ``hired`` or ``declined``.
        made_at: when it was made.
        changed_at: when it was last changed.
        version: counts every change.
        freelancer_name: for people.
    """

    id: int
    job_id: int
    freelancer_id: int
    price_minor: int
    days: int
    revisions: int | None
    cover: str
    state: str
    made_at: datetime
    changed_at: datetime
    version: int
    freelancer_name: str = ""


_present = active_with_role(col(Proposal.freelancer_id), "freelancer")
_count = (
    select(func.count())
    .select_from(Proposal)
    .where(col(Proposal.job_id) == col(Job.id), col(Proposal.state) == OPEN, _present)
    .correlate(Job)
    .scalar_subquery()
)
_standing = and_(col(Hire.job_id) == col(Job.id), col(Hire.undone_at).is_(None))
_JOB_COLUMNS: Final[Any] = (
    col(Job.id),
    col(Job.number),
    col(Job.employer_id),
    col(Job.title),
    col(Job.category),
    col(Job.budget_min_minor),
    col(Job.budget_max_minor),
    col(Job.state),
    col(Job.posted_at),
    col(Job.changed_at),
    col(Job.closed_at),
    col(Job.closed_reason),
    col(Job.version),
    _count.label("proposals"),
    col(Hire.order_number),
    col(Hire.paid_at),
)
_PROPOSAL_COLUMNS: Final[Any] = (
    col(Proposal.id),
    col(Proposal.job_id),
    col(Proposal.freelancer_id),
    col(Proposal.price_minor),
    col(Proposal.days),
    col(Proposal.revisions),
    col(Proposal.cover),
    col(Proposal.state),
    col(Proposal.made_at),
    col(Proposal.changed_at),
    col(Proposal.version),
)
_JOBS: Final[Select[Any]] = select(*_JOB_COLUMNS).select_from(Job).outerjoin(Hire, _standing)
_PROPOSALS: Final[Select[Any]] = select(*_PROPOSAL_COLUMNS)
_PAGED: Final[Select[Any]] = _JOBS.where(col(Job.id) < bindparam("after")).order_by(col(Job.id).desc()).limit(PAGE + 1)

_ONE: Final = prepared(_JOBS.where(col(Job.number) == bindparam("number")))
_TEXT: Final = prepared(select(col(Job.description)).where(col(Job.id) == bindparam("job_id")))
_IN_STATE: Final = prepared(_PAGED.where(col(Job.state) == bindparam("state")))
_LISTED: Final = prepared(_IN_STATE.where(active_with_role(col(Job.employer_id), "employer")))
_OF_EMPLOYER: Final = prepared(_PAGED.where(col(Job.employer_id) == bindparam("employer_id")))
_FOR_JOB: Final = prepared(
    _PROPOSALS.where(
        col(Proposal.job_id) == bindparam("job_id"),
        col(Proposal.state) != WITHDRAWN,
        or_(col(Proposal.state) != OPEN, _present),
        col(Proposal.id) < bindparam("after"),
    )
    .order_by(col(Proposal.id).desc())
    .limit(PAGE + 1)
)
_ONE_PROPOSAL: Final = prepared(
    _PROPOSALS.where(col(Proposal.id) == bindparam("proposal_id"), col(Proposal.job_id) == bindparam("job_id"))
)
_OWN_PROPOSAL: Final = prepared(
    _PROPOSALS.where(
        col(Proposal.job_id) == bindparam("job_id"),
        col(Proposal.freelancer_id) == bindparam("freelancer_id"),
        col(Proposal.state) != WITHDRAWN,
    )
)
_LAST_PROPOSAL: Final = prepared(
    _PROPOSALS.where(col(Proposal.job_id) == bindparam("job_id"), col(Proposal.freelancer_id) == bindparam("freelancer_id"))
    .order_by(col(Proposal.id).desc())
    .limit(1)
)
_OF_FREELANCER: Final = prepared(
    select(*_PROPOSAL_COLUMNS, *(column.label(f"job_{column.key}") for column in _JOB_COLUMNS))
    .select_from(Proposal)
    .join(Job, col(Job.id) == col(Proposal.job_id))
    .outerjoin(Hire, _standing)
    .where(col(Proposal.freelancer_id) == bindparam("freelancer_id"), col(Proposal.id) < bindparam("after"))
    .order_by(col(Proposal.id).desc())
    .limit(PAGE + 1)
)
_JOB_OF_ORDER: Final = prepared(
    select(col(Job.number)).join(Hire, col(Hire.job_id) == col(Job.id)).where(col(Hire.order_id) == bindparam("order_id"))
)


def one(session: Session, number: str) -> JobRow | None:
    """Read a job by its public number, whatever its state."""
    row = session.execute(_ONE, {"number": number}).one_or_none()
    return None if row is None else JobRow(*row)


def description_of(session: Session, job_id: int) -> str:
    """Read a job's text, as typed."""
    return str(session.execute(_TEXT, {"job_id": job_id}).scalar_one())


def in_state(session: Session, state: str, after: int | None) -> tuple[list[JobRow], int | None]:
    """Read a page of the jobs in a state, newest first, with the names of their employers.

    Args:
        session: the page's read session.
        state: ``open``, ``hired`` or ``closed``.
        after: the last job of the page before; ``None`` for the first page.

    Returns:
        The jobs, and the last one's id when there are more.
    """
    return _jobs(session, _IN_STATE, after, state=state)


def listed(session: Session, state: str, after: int | None) -> tuple[list[JobRow], int | None]:
    """Read a page of the jobs in a state whose employers are active and still that; see :func:`in_state`."""
    return _jobs(session, _LISTED, after, state=state)


def every(session: Session, after: int | None) -> tuple[list[JobRow], int | None]:
    """Read a page of all jobs, newest first; see :func:`in_state`."""
    return _jobs(session, _PAGED, after)


def of_employer(session: Session, employer_id: int, after: int | None) -> tuple[list[JobRow], int | None]:
    """Read a page of somebody's own jobs, newest first; see :func:`in_state`."""
    return _jobs(session, _OF_EMPLOYER, after, employer_id=employer_id)


def proposals_for(session: Session, job_id: int, after: int | None) -> tuple[list[ProposalRow], int | None]:
    """Read a page of the proposals for a job, newest first, for its employer.

    Withdrawn ones are gone, and open ones of people who can't be hired any more.
    """
    rows = session.execute(_FOR_JOB, {"job_id": job_id, "after": after or NEWEST}).all()
    found = [ProposalRow(*row) for row in rows]
    return found[:PAGE], found[PAGE - 1].id if len(found) > PAGE else None


def one_proposal(session: Session, job_id: int, proposal_id: int) -> ProposalRow | None:
    """Read a proposal for a job; both ids are looked at together."""
    row = session.execute(_ONE_PROPOSAL, {"job_id": job_id, "proposal_id": proposal_id}).one_or_none()
    return None if row is None else ProposalRow(*row)


def own_proposal(session: Session, job_id: int, freelancer_id: int) -> ProposalRow | None:
    """Read what somebody proposes for a job; a withdrawn proposal is gone."""
    row = session.execute(_OWN_PROPOSAL, {"job_id": job_id, "freelancer_id": freelancer_id}).one_or_none()
    return None if row is None else ProposalRow(*row)


def last_proposal(session: Session, job_id: int, freelancer_id: int) -> ProposalRow | None:
    """Read what somebody proposed for a job last, also when it is withdrawn."""
    row = session.execute(_LAST_PROPOSAL, {"job_id": job_id, "freelancer_id": freelancer_id}).one_or_none()
    return None if row is None else ProposalRow(*row)


def of_freelancer(session: Session, freelancer_id: int, after: int | None) -> tuple[list[tuple[ProposalRow, JobRow]], int | None]:
    """Read a page of what somebody proposed, newest first, each with its job."""
    rows: Sequence[Any] = session.execute(_OF_FREELANCER, {"freelancer_id": freelancer_id, "after": after or NEWEST}).all()
    first = len(_PROPOSAL_COLUMNS)
    names = names_of(session, {row[first + 2] for row in rows})
    found = [(ProposalRow(*row[:first]), _named(row[first:], names)) for row in rows]
    return found[:PAGE], found[PAGE - 1][0].id if len(found) > PAGE else None


def job_of_order(session: Session, order_id: int) -> str | None:
    """Return the public number of the job that an order came from."""
    number: str | None = session.execute(_JOB_OF_ORDER, {"order_id": order_id}).scalar_one_or_none()
    return number


def _jobs(session: Session, statement: Any, after: int | None, **values: Any) -> tuple[list[JobRow], int | None]:
    rows: Sequence[Any] = session.execute(statement, {**values, "after": after or NEWEST}).all()
    names = names_of(session, {row.employer_id for row in rows})
    found = [_named(row, names) for row in rows]
    return found[:PAGE], found[PAGE - 1].id if len(found) > PAGE else None


def _named(row: Any, names: Mapping[int, str]) -> JobRow:
    return replace(JobRow(*row), employer_name=names.get(row[2], ""))

"""The tables of jobs. The migration makes them; these classes only describe them."""

from datetime import datetime

from sqlalchemy import CheckConstraint, Index, Text, UniqueConstraint, column
from sqlmodel import Field

from gigneo.api import ForeignId, Id, Minor, When, table_base

Base = table_base("jobs")
MANAGE = "jobs.manage"
"""The right to see and to close all jobs."""

OPEN = "open"
HIRED = "hired"
CLOSED = "closed"
WITHDRAWN = "withdrawn"
DECLINED = "declined"

_KEPT = column("state") != WITHDRAWN
_STANDING = column("undone_at").is_(None)


class Job(Base, table=True):  # type: ignore[misc, valid-type, call-arg]
    """What an employer wants done. The budget is a hint to whoever proposes, and binds nobody."""

    __tablename__ = "jobs_job"
    __table_args__ = (
        UniqueConstraint("number"),
        CheckConstraint("state IN ('open', 'hired', 'closed')", name="state"),
        CheckConstraint("(state = 'closed') = (closed_at IS NOT NULL)", name="closed"),
        CheckConstraint("budget_min_minor IS NULL OR budget_min_minor >= 1", name="budget_min"),
        CheckConstraint("budget_max_minor IS NULL OR budget_max_minor >= 1", name="budget_max"),
        CheckConstraint(
            "budget_min_minor IS NULL OR budget_max_minor IS NULL OR budget_min_minor <= budget_max_minor", name="budget"
        ),
        CheckConstraint("version >= 1", name="version"),
        Index("ix_jobs_job_state", "state", "id"),
        Index("ix_jobs_job_employer", "employer_id", "id"),
    )

    id: int | None = Id()
    number: str
    employer_id: int = ForeignId("account_user.id", index=False)
    title: str
    description: str = Field(sa_type=Text)
    category: str = ""
    budget_min_minor: int | None = Minor(nullable=True)
    budget_max_minor: int | None = Minor(nullable=True)
    state: str = OPEN
    posted_at: datetime = When()
    changed_at: datetime = When()
    closed_at: datetime | None = When(nullable=True)
    closed_reason: str = Field(default="", sa_type=Text)
    version: int = 1


class Proposal(Base, table=True):  # type: ignore[misc, valid-type, call-arg]
    """What a freelancer would do a job for. No ``revisions`` means unlimited.

    Besides withdrawn ones there is at most one of a freelancer for a job; the database sees to that. It is declined
    exactly while the job is closed, or somebody else is hired: a hire that comes to nothing opens all of them again.
    """

    __tablename__ = "jobs_proposal"
    __table_args__ = (
        CheckConstraint("state IN ('open', 'withdrawn', 'hired', 'declined')", name="state"),
        CheckConstraint("price_minor >= 1", name="price"),
        CheckConstraint("days >= 1 AND days <= 3650", name="days"),
        CheckConstraint("revisions IS NULL OR (revisions >= 0 AND revisions <= 1000)", name="revisions"),
        CheckConstraint("version >= 1", name="version"),
        Index("ix_jobs_proposal_job", "job_id", "id"),
        Index("ix_jobs_proposal_job_state", "job_id", "state"),
        Index("ix_jobs_proposal_freelancer", "freelancer_id", "id"),
        Index("uq_jobs_proposal_kept", "job_id", "freelancer_id", unique=True, sqlite_where=_KEPT, postgresql_where=_KEPT),
    )

    id: int | None = Id()
    job_id: int = ForeignId("jobs_job.id", index=False)
    freelancer_id: int = ForeignId("account_user.id", index=False)
    price_minor: int = Minor()
    days: int
    revisions: int | None = None
    cover: str = Field(sa_type=Text)
    state: str = OPEN
    made_at: datetime = When()
    changed_at: datetime = When()
    version: int = 1


class Hire(Base, table=True):  # type: ignore[misc, valid-type, call-arg]
    """Which order came from which proposal. At most one of a job stands; the database sees to that.

    It is undone when its order ends before it was paid. ``order_number`` is a copy, so that lists need not ask orders.
    """

    __tablename__ = "jobs_hire"
    __table_args__ = (
        UniqueConstraint("order_id"),
        CheckConstraint("paid_at IS NULL OR undone_at IS NULL", name="ended_once"),
        Index("ix_jobs_hire_proposal", "proposal_id"),
        Index("ix_jobs_hire_waiting", "paid_at", "undone_at"),
        Index("uq_jobs_hire_standing", "job_id", unique=True, sqlite_where=_STANDING, postgresql_where=_STANDING),
    )

    id: int | None = Id()
    job_id: int = ForeignId("jobs_job.id", index=False)
    proposal_id: int = ForeignId("jobs_proposal.id", index=False)
    order_id: int = ForeignId("orders_order.id", index=False)
    order_number: str
    hired_at: datetime = When()
    paid_at: datetime | None = When(nullable=True)
    undone_at: datetime | None = When(nullable=True)

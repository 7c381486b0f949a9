"""Posting a job, changing it while nobody is hired, and closing it."""

from typing import Any

from sqlmodel import Session, col, select, update

from gigneo.api import Refused, audit, draw_number, gettext, holders_of, now, written, written_line
from gigneo.plugins.jobs.judging import (
    CATEGORY_LIMIT,
    DESCRIPTION_LIMIT,
    REASON_LIMIT,
    TITLE_LIMIT,
    check_budget,
)
from gigneo.plugins.jobs.locking import lock_job, refuse_stale, refuse_unless_open
from gigneo.plugins.jobs.models import CLOSED, DECLINED, MANAGE, OPEN, Job, Proposal
from gigneo.plugins.jobs.telling import tell_changed, tell_closed


def post_job(
    session: Session,
    employer_id: int,
    *,
    title: str,
    description: str,
    category: str = "",
    budget_min_minor: int | None = None,
    budget_max_minor: int | None = None,
    number: str | None = None,
) -> str:
    """Post a job: freelancers can propose at once.

    Args:
        session: the action's writing transaction.
        employer_id: who wants it done.
        title: what, in one line.
        description: Markdown, as typed.
        category: what kind of work, in the employer's words; may be empty.
        budget_min_minor: a hint at the least price, in minor units.
        budget_max_minor: a hint at the highest price, in minor units.
        number: a public number to take, for demo data; a random free one when absent.

    Returns:
        The job's public number.

    Raises:
        Refused: something is missing, too long or not possible.
    """
    at = now()
    job = Job(number="", employer_id=employer_id, title="", description="", posted_at=at, changed_at=at)
    _describe(job, title, description, category, budget_min_minor, budget_max_minor)
    job.number = number or draw_number(lambda drawn: _has_number(session, drawn))
    session.add(job)
    session.flush()
    return job.number


def change_job(
    session: Session,
    job: int | str,
    employer_id: int,
    *,
    title: str,
    description: str,
    category: str = "",
    budget_min_minor: int | None = None,
    budget_max_minor: int | None = None,
    version: int | None = None,
) -> None:
    """Change an open job. Proposals stay, and whoever made one is told: nobody is hired by it before they confirm it.

    Args:
        session: the action's writing transaction.
        job: the key, or the public number.
        employer_id: whose it must be.
        title: what, in one line.
        description: Markdown, as typed.
        category: what kind of work; may be empty.
        budget_min_minor: a hint at the least price, in minor units.
        budget_max_minor: a hint at the highest price, in minor units.
        version: of the page that the person saw.

    Raises:
        Refused: it is not theirs, not open, has changed meanwhile, or something is not possible.
    """
    found = _own(session, job, employer_id, version)
    before = _described(found)
    _describe(found, title, description, category, budget_min_minor, budget_max_minor)
    if _described(found) == before:
        return
    changed_before, found.changed_at = found.changed_at, now()
    found.version += 1
    session.add(found)
    session.flush()
    tell_changed(session, found, changed_before)


def close_job(session: Session, job: int | str, employer_id: int, *, version: int | None = None) -> None:
    """Close an open job as its employer: nobody can propose any more, and every proposal is declined.

    Args:
        session: the action's writing transaction.
        job: the key, or the public number.
        employer_id: whose it must be.
        version: of the page that the person saw.

    Raises:
        Refused: it is not theirs, not open, or has changed meanwhile.
    """
    _close(session, _own(session, job, employer_id, version), employer_id, "")


def close_as_administrator(session: Session, job: int | str, actor_id: int, reason: str) -> None:
    """Close an open job as administrator; its employer and whoever proposed read why.

    Args:
        session: the action's writing transaction.
        job: the key, or the public number.
        actor_id: the administrator.
        reason: why; required.

    Raises:
        Refused: they don't manage jobs, it is not open, or no reason is given.
    """
    if actor_id not in holders_of(session, MANAGE):
        raise Refused(gettext("There is no such job."), code="not_found")
    found = lock_job(session, job)
    text = written(reason, "reason", REASON_LIMIT)
    refuse_unless_open(found)
    _close(session, found, actor_id, text)
    audit(session, "jobs.closed", f"job:{found.number}", {"reason": text}, actor_id=actor_id)


def _own(session: Session, job: int | str, employer_id: int, version: int | None) -> Job:
    """Lock an open job of this employer, as the person saw it."""
    found = lock_job(session, job)
    if found.employer_id != employer_id:
        raise Refused(gettext("There is no such job."), code="not_found")
    refuse_unless_open(found)
    refuse_stale(version, found.version)
    return found


def _describe(job: Job, title: str, description: str, category: str, least: int | None, most: int | None) -> None:
    check_budget(least, most)
    job.title = written_line(title, "title", TITLE_LIMIT)
    job.category = written_line(category, "category", CATEGORY_LIMIT, required=False)
    job.description = written(description, "description", DESCRIPTION_LIMIT)
    job.budget_min_minor, job.budget_max_minor = least, most


def _described(job: Job) -> tuple[Any, ...]:
    return job.title, job.category, job.description, job.budget_min_minor, job.budget_max_minor


def _close(session: Session, job: Job, actor_id: int, reason: str) -> None:
    tell_closed(session, job, actor_id, reason)
    job.state, job.closed_at, job.closed_reason = CLOSED, now(), reason
    job.version += 1
    session.add(job)
    waiting = (col(Proposal.job_id) == job.id, col(Proposal.state) == OPEN)
    session.execute(update(Proposal).where(*waiting).values(state=DECLINED, version=col(Proposal.version) + 1))
    session.flush()


def _has_number(session: Session, number: str) -> bool:
    return session.exec(select(Job.id).where(col(Job.number) == number)).first() is not None

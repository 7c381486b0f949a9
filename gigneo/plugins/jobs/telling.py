"""Whom jobs tell what."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from sqlmodel import Session, col, select

from gigneo.api import lazy_gettext as _l
from gigneo.api import tell
from gigneo.contributions import NotificationKind
from gigneo.plugins.jobs.models import DECLINED, OPEN, Job, Proposal

_GROUP: Final = _l("Jobs")
_EMPLOYER: Final = frozenset({"employer"})
_FREELANCER: Final = frozenset({"freelancer"})

KINDS: Final = (
    NotificationKind("jobs.proposed", _l("There is a proposal for your job"), _GROUP, _EMPLOYER, position=30),
    NotificationKind("jobs.hired", _l("You are hired for a job"), _GROUP, _FREELANCER, position=31),
    NotificationKind("jobs.declined", _l("Somebody else is hired for a job"), _GROUP, _FREELANCER, position=32),
    NotificationKind("jobs.changed", _l("A job is changed"), _GROUP, _FREELANCER, position=33),
    NotificationKind("jobs.closed", _l("A job is closed"), _GROUP, _EMPLOYER | _FREELANCER, position=34),
)


def tell_closed(session: Session, job: Job, actor_id: int, reason: str) -> None:
    """Tell whose proposals wait that a job is about to be closed, and its employer when an administrator does it.

    Args:
        session: the action's writing transaction.
        job: the job, still open.
        actor_id: who closes it.
        reason: the administrator's; empty when its employer closes it.
    """
    for person_id in (job.employer_id, *_proposers(session, job, OPEN)):
        if person_id != actor_id:
            tell(session, person_id, "jobs.closed", "jobs/closed", path=f"/jobs/{job.number}", title=job.title, reason=reason)


def tell_changed(session: Session, job: Job, before: datetime) -> None:
    """Tell whose proposals wait that a job was changed, so that they confirm what they proposed.

    Who has not confirmed it since the change before has been told, and is not told again.

    Args:
        session: the action's writing transaction.
        job: the job as it is now.
        before: when it was changed last before that.
    """
    for person_id in _proposers(session, job, OPEN, since=before):
        tell(session, person_id, "jobs.changed", "jobs/changed", path=f"/jobs/{job.number}", title=job.title)


def tell_declined(session: Session, job: Job) -> None:
    """Tell whose proposals a hire declined. It must stand: while it is unpaid, the job may be open again.

    Args:
        session: the action's writing transaction.
        job: the job that somebody is hired for.
    """
    for person_id in _proposers(session, job, DECLINED):
        tell(session, person_id, "jobs.declined", "jobs/declined", path=f"/jobs/{job.number}", title=job.title)


def _proposers(session: Session, job: Job, state: str, since: datetime | None = None) -> Sequence[int]:
    """Return whose proposals for a job are in a state, and were made or confirmed since a time."""
    found = select(Proposal.freelancer_id).where(col(Proposal.job_id) == job.id, col(Proposal.state) == state)
    if since is not None:
        found = found.where(col(Proposal.changed_at) >= since)
    return session.exec(found.order_by(col(Proposal.id))).all()

"""Whom jobs tell what."""

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
    waiting = select(Proposal.freelancer_id).where(col(Proposal.job_id) == job.id, col(Proposal.state) == OPEN)
    for person_id in (job.employer_id, *session.exec(waiting.order_by(col(Proposal.id)))):
        if person_id != actor_id:
            tell(session, person_id, "jobs.closed", "jobs/closed", path=f"/jobs/{job.number}", title=job.title, reason=reason)


def tell_changed(session: Session, job: Job) -> None:
    """Tell whose proposals wait that a job was changed, so that they confirm what they proposed.

    Args:
        session: the action's writing transaction.
        job: the job as it is now.
    """
    waiting = select(Proposal.freelancer_id).where(col(Proposal.job_id) == job.id, col(Proposal.state) == OPEN)
    for person_id in session.exec(waiting.order_by(col(Proposal.id))):
        tell(session, person_id, "jobs.changed", "jobs/changed", path=f"/jobs/{job.number}", title=job.title)


def tell_declined(session: Session, job: Job) -> None:
    """Tell whose proposals a hire declined. It must stand: while it is unpaid, the job may be open again.

    Args:
        session: the action's writing transaction.
        job: the job that somebody is hired for.
    """
    declined = select(Proposal.freelancer_id).where(col(Proposal.job_id) == job.id, col(Proposal.state) == DECLINED)
    for person_id in session.exec(declined.order_by(col(Proposal.id))):
        tell(session, person_id, "jobs.declined", "jobs/declined", path=f"/jobs/{job.number}", title=job.title)

"""What becomes of a hire: its order was paid, or ended before that, and then the job is open again."""

from sqlmodel import Session, col, select, update

from gigneo.api import now
from gigneo.plugins.jobs.locking import lock_job
from gigneo.plugins.jobs.models import DECLINED, HIRED, OPEN, Hire, Proposal
from gigneo.plugins.jobs.telling import tell_declined
from gigneo.plugins.orders import api as orders
from gigneo.plugins.wallet import api as wallet


def note_paid(session: Session, order_id: int) -> None:
    """Remember that a hire's order was paid: from now on it stands, whatever happens to the order."""
    found = _lock_hire(session, order_id)
    if found is None or found.paid_at is not None or found.undone_at is not None:
        return
    found.paid_at = now()
    session.add(found)
    session.flush()
    tell_declined(session, lock_job(session, found.job_id))


def undo_unpaid(session: Session, order_id: int) -> None:
    """Open a job again whose order ended before it was paid: its proposals wait for the employer as they did before.

    That is all of them, those that the hire declined too: nobody chose against them for good.
    """
    found = _lock_hire(session, order_id)
    if found is None or found.paid_at is not None or found.undone_at is not None:
        return
    if wallet.purse_of(session, order_id) is not None:  # it was paid, and that fact is still on its way
        return
    found.undone_at = now()
    session.add(found)
    job = lock_job(session, found.job_id)
    job.state = OPEN
    job.version += 1
    session.add(job)
    settled = (col(Proposal.job_id) == found.job_id, col(Proposal.state).in_([HIRED, DECLINED]))
    session.execute(update(Proposal).where(*settled).values(state=OPEN, version=col(Proposal.version) + 1))
    session.flush()


def reconcile(session: Session) -> None:
    """Catch up with what happened to orders while this module was off: nobody told it."""
    waiting = select(Hire.order_id).where(col(Hire.paid_at).is_(None), col(Hire.undone_at).is_(None))
    for order_id in session.exec(waiting.order_by(col(Hire.order_id))).all():
        if wallet.purse_of(session, order_id) is not None:
            note_paid(session, order_id)
        elif orders.facts(session, order_id).state == "cancelled":
            undo_unpaid(session, order_id)


def _lock_hire(session: Session, order_id: int) -> Hire | None:
    """Lock the job of the hire that an order came from, then read the hire."""
    job_id = session.exec(select(Hire.job_id).where(col(Hire.order_id) == order_id)).first()
    if job_id is None:
        return None
    lock_job(session, job_id)
    statement = select(Hire).where(col(Hire.order_id) == order_id).execution_options(populate_existing=True)
    return session.exec(statement).first()

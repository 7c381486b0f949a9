"""What becomes of a hire: its order was paid, or ended before that, and then the job is open again."""

from sqlmodel import Session, col, select, update

from gigneo.api import now
from gigneo.plugins.jobs.locking import lock_job
from gigneo.plugins.jobs.models import DECLINED, HIRED, OPEN, Hire, Job, Proposal
from gigneo.plugins.jobs.telling import tell_declined
from gigneo.plugins.orders import api as orders
from gigneo.plugins.wallet import api as wallet


def note_paid(session: Session, order_id: int) -> None:
    """Remember that a hire's order was paid, and tell whose proposals it declined, once.

    From now on it stands, whatever happens to the order.
    """
    found = _lock_unsettled(session, order_id)
    if found is None:
        return
    job, hire = found
    hire.paid_at = now()
    session.add(hire)
    session.flush()
    tell_declined(session, job)


def undo_unpaid(session: Session, order_id: int) -> None:
    """Open a job again whose order ended before it was paid: its proposals wait for the employer as they did before.

    That is all of them, those that the hire declined too: nobody chose against them for good.
    """
    found = _lock_unsettled(session, order_id)
    if found is None or wallet.purse_of(session, order_id) is not None:  # it was paid, and that fact is still on its way
        return
    job, hire = found
    hire.undone_at = now()
    job.state = OPEN
    job.version += 1
    session.add_all([hire, job])
    settled = (col(Proposal.job_id) == hire.job_id, col(Proposal.state).in_([HIRED, DECLINED]))
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


def _lock_unsettled(session: Session, order_id: int) -> tuple[Job, Hire] | None:
    """Lock the job that an order came from, then read the hire; nothing when that was paid or undone before."""
    job_id = session.exec(select(Hire.job_id).where(col(Hire.order_id) == order_id)).first()
    if job_id is None:
        return None
    job = lock_job(session, job_id)
    statement = select(Hire).where(col(Hire.order_id) == order_id).execution_options(populate_existing=True)
    hire = session.exec(statement).one()
    return (job, hire) if hire.paid_at is None and hire.undone_at is None else None

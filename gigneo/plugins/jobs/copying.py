"""The jobs that copied orders came from."""

from sqlalchemy import select

from gigneo.api import Copies, planned_value
from gigneo.plugins.jobs.models import Hire, Job, Proposal


def copy_jobs(copies: Copies) -> None:
    """Copy the jobs of orders with all their proposals, and who was hired. A job has its order's number."""
    jobs, proposals, hires = Job.__table__, Proposal.__table__, Hire.__table__
    of_order = hires.c.order_id.in_(copies.patterns)
    pattern = hires.c.order_id.label("pattern")
    copies.rows(
        jobs,
        select(*jobs.c, pattern).join(hires, hires.c.job_id == jobs.c.id).where(of_order),
        number=planned_value("number"),
        title=planned_value("title"),
    )
    copies.rows(proposals, select(*proposals.c, pattern).join(hires, hires.c.job_id == proposals.c.job_id).where(of_order))
    copies.rows(hires, order_number=planned_value("number"))

"""What other plugins may ask of jobs."""

from gigneo.plugins.jobs.copying import copy_jobs
from gigneo.plugins.jobs.hiring import Hired, hire
from gigneo.plugins.jobs.posting import change_job, close_job, post_job
from gigneo.plugins.jobs.proposing import change_proposal, propose, withdraw

__all__ = ["Hired", "change_job", "change_proposal", "close_job", "copy_jobs", "hire", "post_job", "propose", "withdraw"]

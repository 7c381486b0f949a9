"""What the addresses of jobs name: a job that the person may see, one of their own, or a proposal that concerns them."""

from collections.abc import Callable
from dataclasses import dataclass, replace

from sqlmodel import Session

from gigneo.api import Person, gettext, person, read
from gigneo.plugins.jobs import queries
from gigneo.plugins.jobs.models import CLOSED, MANAGE
from gigneo.plugins.jobs.queries import JobRow, ProposalRow

NUMBER_LENGTH = 20
LARGEST_KEY = 2**63


@dataclass(frozen=True, slots=True)
class Seen:
    """A job as somebody sees it.

    Attributes:
        job: the job.
        own: whether it is theirs.
        proposal: what they propose for it themselves, if anything.
    """

    job: JobRow
    own: bool = False
    proposal: ProposalRow | None = None


@dataclass(frozen=True, slots=True)
class Received:
    """A proposal in the hands of the job's employer.

    Attributes:
        job: the job.
        proposal: one of the proposals for it.
    """

    job: JobRow
    proposal: ProposalRow


def visible(number: str, viewer: Person | None) -> Seen | None:
    """Return a job. A closed one is there for its employer, whoever proposed, and those who manage jobs only."""
    found = _find(number)
    if found is None:
        return None
    if viewer is None:
        return None if found.state == CLOSED else Seen(found)
    if viewer.id == found.employer_id:
        return Seen(found, own=True)
    proposal = queries.own_proposal(read(), found.id, viewer.id)
    if found.state == CLOSED and proposal is None and not viewer.may(MANAGE):
        return None
    return Seen(found, proposal=proposal)


def load_own_job(job_number: str) -> JobRow | None:
    """Return a job of the viewer, whatever its state."""
    found, viewer = _find(job_number), person()
    return found if found is not None and viewer is not None and viewer.id == found.employer_id else None


def load_own_proposal(job_number: str) -> Received | None:
    """Return what the viewer proposes for a job; a withdrawn proposal is gone."""
    return _proposed(job_number, queries.own_proposal)


def load_last_proposal(job_number: str) -> Received | None:
    """Return what the viewer proposed for a job last, also when it is withdrawn: its form may be sent twice."""
    return _proposed(job_number, queries.last_proposal)


def closed_meanwhile(job_number: str) -> Seen | None:
    """Return a job that was closed, without what it said: for whoever had its form open before."""
    found = _find(job_number)
    if found is None or found.state != CLOSED:
        return None
    return Seen(replace(found, title=gettext("A job that is closed"), category="", budget_min_minor=None, budget_max_minor=None))


def load_received(job_number: str, proposal_id: int) -> Received | None:
    """Return a proposal for a job of the viewer; both parts of the address are looked at together."""
    found = load_own_job(job_number)
    if found is None or proposal_id >= LARGEST_KEY:
        return None
    proposal = queries.one_proposal(read(), found.id, proposal_id)
    return None if proposal is None else Received(found, proposal)


def _proposed(job_number: str, look_up: Callable[[Session, int, int], ProposalRow | None]) -> Received | None:
    found, viewer = _find(job_number), person()
    if found is None or viewer is None:
        return None
    proposal = look_up(read(), found.id, viewer.id)
    return None if proposal is None else Received(found, proposal)


def _find(number: str) -> JobRow | None:
    return queries.one(read(), number) if len(number) <= NUMBER_LENGTH else None

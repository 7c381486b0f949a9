"""What people read about jobs and proposals: states, budgets, terms, and whose turn it is."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from gigneo.api import currency, fmt, gettext, isolated, ngettext
from gigneo.api import lazy_gettext as _l
from gigneo.contributions import LazyText
from gigneo.plugins.jobs.judging import is_outdated as is_outdated
from gigneo.plugins.jobs.models import CLOSED, DECLINED, HIRED, OPEN, WITHDRAWN
from gigneo.plugins.jobs.queries import JobRow, ProposalRow

JOB_STATES: Final[Mapping[str, tuple[LazyText, str]]] = {
    OPEN: (_l("Open"), "go"),
    HIRED: (_l("Hired"), "good"),
    CLOSED: (_l("Closed"), "plain"),
}
"""State → its name, and the tone of its badge."""

PROPOSAL_STATES: Final[Mapping[str, tuple[LazyText, str]]] = {
    OPEN: (_l("Open"), "go"),
    HIRED: (_l("Hired"), "good"),
    DECLINED: (_l("Declined"), "plain"),
    WITHDRAWN: (_l("Withdrawn"), "plain"),
}
"""The same for proposals."""


@dataclass(frozen=True, slots=True)
class Turn:
    """What a job or a proposal waits for.

    Attributes:
        words: whose turn it is, in words.
        mine: whether that is the viewer's.
    """

    words: str
    mine: bool = False


def budget_words(job: JobRow) -> str:
    """Return the budget that a job hints at."""
    least, most = job.budget_min_minor, job.budget_max_minor
    if least is not None and most is not None:
        if least == most:
            return gettext("about %(amount)s", amount=_money(most))
        return gettext("%(least)s to %(most)s", least=_money(least), most=_money(most))
    if least is not None:
        return gettext("from %(amount)s", amount=_money(least))
    return gettext("up to %(amount)s", amount=_money(most)) if most is not None else gettext("Open to offers")


def revisions_words(revisions: int | None) -> str:
    """Return how many revisions are included."""
    if revisions is None:
        return gettext("unlimited")
    return fmt.current().count(revisions) if revisions else gettext("none")


def employers_turn(job: JobRow) -> Turn:
    """Say to a job's employer what it waits for."""
    if job.state == CLOSED:
        return Turn(gettext("Closed by the administrator") if job.closed_reason else gettext("You closed it"))
    if job.state == HIRED:
        if job.paid_at is None:
            return Turn(gettext("Your turn: pay the order"), mine=True)
        return Turn(gettext("Goes on as an order"))
    if not job.proposals:
        return Turn(gettext("Waits for proposals"))
    words = ngettext("Your turn: look at %(num)s proposal", "Your turn: look at %(num)s proposals", job.proposals)
    return Turn(words, mine=True)


def freelancers_turn(proposal: ProposalRow, job: JobRow) -> Turn:
    """Say to a proposal's freelancer what it waits for."""
    if proposal.state == WITHDRAWN:
        return Turn(gettext("You withdrew it"))
    if proposal.state == HIRED:
        if job.paid_at is None:
            return Turn(gettext("%(name)s pays; don't start yet", name=isolated(job.employer_name)))
        return Turn(gettext("Goes on as an order"))
    if proposal.state == DECLINED:
        return Turn(gettext("The job was closed") if job.state == CLOSED else gettext("Somebody else was hired"))
    if is_outdated(proposal, job):
        return Turn(gettext("Your turn: the job was changed"), mine=True)
    return Turn(gettext("%(name)s chooses", name=isolated(job.employer_name)))


def _money(amount: int) -> str:
    return fmt.money(amount, currency())

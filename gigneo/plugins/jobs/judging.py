"""What is possible is judged here, for every way in: how much is written, the budget, and the terms of a proposal."""

from datetime import datetime
from typing import Final, Protocol

from gigneo.api import Refused, gettext

TITLE_LIMIT: Final = 120
CATEGORY_LIMIT: Final = 60
DESCRIPTION_LIMIT: Final = 10_000
COVER_LIMIT: Final = 5000
REASON_LIMIT: Final = 500
LARGEST: Final = 2**53
MOST_DAYS: Final = 3650
MOST_REVISIONS: Final = 1000


class Dated(Protocol):
    """A job or a proposal, as an entity or a row."""

    @property
    def changed_at(self) -> datetime:
        """When it was last changed."""


def is_outdated(proposal: Dated, job: Dated) -> bool:
    """Return whether a job was changed after a proposal for it was made: nobody is hired by it before it is confirmed."""
    return proposal.changed_at < job.changed_at


def check_budget(least: int | None, most: int | None) -> None:
    """Judge the budget that a job hints at.

    Args:
        least: in minor units, or ``None``.
        most: in minor units, or ``None``.

    Raises:
        Refused: ``budget``, at the field.
    """
    for field, amount in (("budget_min", least), ("budget_max", most)):
        if amount is not None and not 1 <= amount <= LARGEST:
            raise Refused(gettext("This amount is not possible."), code="budget", field=field)
    if least is not None and most is not None and most < least:
        raise Refused(gettext("This is less than the least."), code="budget", field="budget_max")


def check_terms(price_minor: int, days: int, revisions: int | None) -> None:
    """Judge the terms of a proposal; the database refuses the impossible as well.

    Args:
        price_minor: in minor units.
        days: the time to deliver.
        revisions: how many are included; ``None`` means unlimited.

    Raises:
        Refused: ``price``, ``days`` or ``revisions``, at the field.
    """
    if not 1 <= price_minor <= LARGEST:
        raise Refused(gettext("This price is not possible."), code="price", field="price")
    if not 1 <= days <= MOST_DAYS:
        words = gettext("Write a whole number of days from 1 to %(most)s.", most=MOST_DAYS)
        raise Refused(words, code="days", field="days")
    if revisions is not None and not 0 <= revisions <= MOST_REVISIONS:
        words = gettext("Write a whole number from 0 to %(most)s, or choose unlimited.", most=MOST_REVISIONS)
        raise Refused(words, code="revisions", field="revisions")

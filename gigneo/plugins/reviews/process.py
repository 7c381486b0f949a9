"""What reviews adds to the process of an order: writing one, and the end of the time in which that is possible."""

from datetime import datetime, timedelta
from typing import Final

from gigneo.api import fmt, gettext, now, setting
from gigneo.api import lazy_gettext as _l
from gigneo.contributions import Refusal
from gigneo.hooks import OrderAction, OrderFacts, OrderGuard, OrderTimer
from gigneo.plugins.reviews.publishing import OPENING, open_reviews
from gigneo.plugins.reviews.writing import WRITING

_COMPLETED: Final = frozenset({"completed"})
_BOTH: Final = frozenset({"employer", "freelancer"})

ACTIONS: Final = (
    OrderAction(
        name=WRITING,
        label=_l("Write a review"),
        actors=_BOTH,
        states=_COMPLETED,
        endpoint="reviews.write_form",
        veto="reviews_allow_writing",
        fact="reviews_written",
        tells=_BOTH,
        tone="primary",
        position=40,
    ),
    OrderAction(
        name=OPENING,
        label=_l("Publish the reviews"),
        actors=frozenset({"system"}),
        states=_COMPLETED,
        fact="reviews_published",
        tells=_BOTH,
        position=41,
    ),
)


def ends_at(order: OrderFacts) -> datetime | None:
    """Return when the time to write reviews of an order ends; ``None`` for one that is not completed."""
    if order.state not in _COMPLETED or order.finished_at is None:
        return None
    return order.finished_at + timedelta(days=int(setting("reviews", "days")))


def in_time(order: OrderFacts) -> bool:
    """Return whether reviews of an order can still be written, by the clock alone."""
    ends = ends_at(order)
    return ends is not None and now() < ends


def _in_time(order: OrderFacts, _action: OrderAction, _role: str) -> Refusal | None:
    if in_time(order):
        return None
    return Refusal(gettext("The time to write reviews ended on %(when)s.", when=fmt.date(ends_at(order))), "review_time_over")


GUARDS: Final = (OrderGuard("review_in_time", frozenset({WRITING}), _in_time),)
TIMERS: Final = (OrderTimer("open_reviews", OPENING, ends_at, open_reviews),)

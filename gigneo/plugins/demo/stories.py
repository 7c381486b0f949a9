"""The twenty-five orders of the demo: who buys what of whom, and how far it has come, as steps in time."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

JOB: Final = -1
"""Instead of a package: the order comes from a job."""


@dataclass(frozen=True, slots=True)
class Plan:
    """An order of the demo.

    Attributes:
        employer: the key of who buys.
        service: the key of the service that is bought, or of the job that somebody is hired for.
        package: 0 Basic, 1 Standard, 2 Premium; -1 for a job.
        story: a key of :data:`STORIES`.
        days_ago: when its last step was, for orders that are finished; the open ones are of today.
    """

    employer: str
    service: str
    package: int
    story: str
    days_ago: int = 0


@dataclass(frozen=True, slots=True)
class Step:
    """Something that happens in a story.

    Attributes:
        after: since the order was placed.
        what: a key of the loader's actions.
    """

    after: timedelta
    what: str


PLANS: Final = (
    # What employer@ and freelancer@ share: one in each state.
    Plan("employer", "logo", 1, "cleared", 19),
    Plan("employer", "brochure", 0, "cancelled", 12),
    Plan("employer", "brochure", 1, "clearing", 1),
    Plan("employer", "landing", 1, "in_revision"),
    Plan("employer", "logo", 0, "delivered"),
    Plan("employer", "landing", 0, "drafted"),
    Plan("employer", "logo", 2, "pending"),
    # employer@ with others.
    Plan("employer", "translation", 1, "revised", 26),
    Plan("employer", "product", 0, "cleared", 33),
    Plan("employer", "plan", 0, "stretched"),
    Plan("employer", "signs", JOB, "redelivered"),
    # freelancer@ with others.
    Plan("buyer", "landing", 2, "revised", 9),
    Plan("buyer2", "logo", 1, "late"),
    Plan("buyer", "brochure", 2, "asked"),
    Plan("buyer2", "leaflet", JOB, "clearing", 2),
    # stranger@ buys and sells, with neither of them.
    Plan("stranger", "explainer", 1, "active"),
    Plan("stranger", "survey", JOB, "delivered"),
    Plan("stranger", "icons", 0, "cleared", 21),
    Plan("buyer", "proofreading", 1, "in_revision"),
    Plan("buyer2", "flask", 1, "by_time", 15),
    Plan("buyer", "flask", 0, "clearing", 1),
    # Others among themselves.
    Plan("buyer2", "newsletter", 1, "refused"),
    Plan("buyer", "ledger", JOB, "cleared", 29),
    Plan("buyer2", "explainer", 0, "agreed", 17),
    Plan("buyer", "translation", 0, "dropped", 6),
)

Telling = list[tuple[float, float, str]]
"""Steps as (share of the agreed time, hours on top, what)."""

_BEGIN: Final[Telling] = [(0, 0, "buy"), (0, 1, "hello"), (0, 5, "reply")]
_FIRST: Final[Telling] = [*_BEGIN, (0.3, 0, "attach"), (0.4, 0, "progress"), (0.7, 0, "deliver")]
_REVISED: Final[Telling] = [*_FIRST, (0.7, 8, "revise"), (0.7, 30, "redeliver")]
_END: Final[Callable[[float], Telling]] = lambda hours: [  # noqa: E731
    (0.7, hours, "approve"), (0.7, hours + 0.2, "thanks"), (0.7, hours + 3, "welcome"),
]  # fmt: skip
_RATED: Final[Callable[[float], Telling]] = lambda hours: [(0.7, hours + 3.2, "rate"), (0.7, hours + 9, "rate_back")]  # noqa: E731

STORIES: Final[dict[str, tuple[Telling, float, float]]] = {
    "pending": ([(0, 0, "order")], 0, 3),
    "dropped": ([(0, 0, "order"), (0, 5, "drop")], 0, 5),
    "active": ([*_BEGIN, (0.3, 0, "attach"), (0.4, 0, "progress")], 0.55, 0),
    "drafted": ([*_BEGIN, (0.4, 0, "draft"), (0.4, 6, "judge")], 0.6, 4),
    "stretched": ([*_BEGIN, (0.3, 0, "attach"), (0.6, 0, "stretch")], 0.6, 5),
    "asked": ([*_BEGIN, (0.4, 0, "progress"), (0.5, 0, "ask")], 0.5, 7),
    "refused": ([*_BEGIN, (0.5, 0, "ask"), (0.5, 9, "refuse")], 0.6, 12),
    "agreed": ([*_BEGIN, (0.4, 0, "ask"), (0.4, 12, "agree")], 0.4, 12),
    "by_time": ([*_FIRST, (0.7, 73, "welcome"), (0.7, 90, "rate_back")], 0.7, 91),
    "late": ([*_BEGIN, (0.4, 0, "progress"), (1, 20, "late")], 1, 44),
    "delivered": (_FIRST, 0.7, 14),
    "in_revision": ([*_FIRST, (0.7, 8, "revise")], 0.7, 20),
    "redelivered": (_REVISED, 0.7, 39),
    "clearing": ([*_FIRST, *_END(16), *_RATED(16)[:1]], 0.7, 20),
    "cleared": ([*_FIRST, *_END(16), *_RATED(16)], 0.7, 25),
    "revised": ([*_REVISED, *_END(44), *_RATED(44)], 0.7, 53),
    "cancelled": ([*_BEGIN, (0.5, 0, "sorry"), (0.5, 0.5, "cancel")], 0.5, 0.5),
}
"""Story → its steps, and how old it is at least (share of the agreed time, hours)."""

FINISHED: Final = frozenset({"dropped", "clearing", "cleared", "revised", "cancelled", "agreed", "by_time"})


def steps_of(plan: Plan, days: int) -> tuple[timedelta, list[Step]]:
    """Return when a story begins, counted back from today, and its steps.

    Args:
        plan: the order.
        days: the agreed time of its package.
    """
    telling, share, hours = STORIES[plan.story]

    def span(part: float, on_top: float) -> timedelta:
        return timedelta(hours=24 * days * part + on_top)

    age = span(share, hours) + timedelta(days=plan.days_ago)
    steps = [Step(span(part, on_top), what) for part, on_top, what in telling]
    if plan.package == JOB:
        steps = [
            Step(timedelta(hours=-60), "post"),
            Step(timedelta(hours=-31), "propose"),
            Step(timedelta(0), "hire"),
            *steps[1:],
        ]
    return age, steps

"""The filters of the lists of orders, as data."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from gigneo.api import lazy_gettext as _l
from gigneo.contributions import LazyText
from gigneo.plugins.orders.states import OPEN, STATES


@dataclass(frozen=True, slots=True)
class Filter:
    """A filter of a list.

    Attributes:
        name: as in ``?show=``.
        label: for people.
        states: the states that it shows; empty means all.
        late: only what is past its due date with no final delivery yet.
        needs_me: the states depend on the viewer's side, by the process table.
        held: only what a hold stands on.
        flagged: only what the administrator was asked about, or told of because nobody answered.
        by_due: whether sorting by due date makes sense.
    """

    name: str
    label: LazyText
    states: frozenset[str] = frozenset()
    late: bool = False
    needs_me: bool = False
    held: bool = False
    flagged: bool = False
    by_due: bool = False


def _named(*filters: Filter) -> Mapping[str, Filter]:
    return MappingProxyType({item.name: item for item in filters})


_BY_STATE: Final = tuple(
    Filter(state.name.replace("_", "-"), state.label, states=frozenset({state.name}), by_due=state.open)
    for state in STATES.values()
)
FILTERS: Final = _named(
    Filter("all", _l("All")),
    Filter("needs-me", _l("Needs me"), needs_me=True, by_due=True),
    Filter("open", _l("Open"), states=OPEN, by_due=True),
    Filter("late", _l("Late"), states=OPEN, late=True, by_due=True),
    *_BY_STATE,
)
ADMIN_FILTERS: Final = _named(
    Filter("all", _l("All")),
    Filter("flagged", _l("Flagged"), flagged=True),
    Filter("held", _l("On hold"), held=True),
    Filter("late", _l("Late"), states=OPEN, late=True, by_due=True),
    Filter("open", _l("Open"), states=OPEN, by_due=True),
    *_BY_STATE,
)

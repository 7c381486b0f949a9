"""What the Dispute tab shows."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Final

from sqlmodel import Session

from gigneo.api import Person, form_key
from gigneo.api import lazy_gettext as _l
from gigneo.contributions import LazyText
from gigneo.hooks import OrderFacts
from gigneo.plugins.disputes.forms import words_of
from gigneo.plugins.disputes.models import CLOSED, LAPSED, OPEN, WITHDRAWN
from gigneo.plugins.disputes.queries import of_order
from gigneo.plugins.disputes.settling import ACTION

STATE_WORDS: Final[Mapping[str, tuple[LazyText, str]]] = MappingProxyType(
    {
        OPEN: (_l("Open"), "bad"),
        WITHDRAWN: (_l("Withdrawn"), "plain"),
        CLOSED: (_l("Closed by the administrator"), "plain"),
        LAPSED: (_l("Settled with the order"), "plain"),
    }
)


def load_tab(order: OrderFacts, person: Person, session: Session) -> Mapping[str, Any]:
    """Load the disputes of an order for one of its sides."""
    disputes = of_order(session, order.id)
    return {
        "disputes": disputes,
        "dispute_words": words_of,
        "dispute_states": STATE_WORDS,
        "party_names": {order.employer_id: order.employer_name, order.freelancer_id: order.freelancer_name},
        "may_withdraw": any(one.open and one.opened_by_id == person.id for one in disputes),
        "may_open": order.state in ACTION.states and not any(one.open for one in disputes),
        "withdraw_key": form_key(),
    }

"""Whom disputes tell what: the other side, both sides when an administrator closes one, and whoever settles them."""

from typing import Final

from sqlmodel import Session

from gigneo.api import holders_of, tell
from gigneo.api import lazy_gettext as _l
from gigneo.contributions import NotificationKind
from gigneo.hooks import OrderFacts
from gigneo.plugins.disputes.forms import words_of
from gigneo.plugins.disputes.hooks import DisputeOpened, DisputeSettled
from gigneo.plugins.disputes.models import MANAGE
from gigneo.plugins.orders import api as orders

_PARTIES: Final = frozenset({"employer", "freelancer"})
_GROUP: Final = _l("Disputes")

KINDS: Final = (
    NotificationKind("disputes.opened", _l("A dispute is opened on your order"), _GROUP, _PARTIES, position=40),
    NotificationKind("disputes.settled", _l("A dispute is withdrawn or closed"), _GROUP, _PARTIES, position=41),
    NotificationKind(
        "disputes.to_settle", _l("A dispute waits to be settled"), _GROUP, frozenset({"administrator"}), position=42
    ),
)


def tell_opened(session: Session, event: DisputeOpened) -> None:
    """Tell the other side that there is a dispute, and the administrators who are no party that it is theirs to settle."""
    order = orders.facts(session, event.order_id)
    opener = order.employer_name if event.actor_id == order.employer_id else order.freelancer_name
    about = {"number": order.number, "title": order.title, "opener": opener, "reason": str(words_of(event.reason))}
    for person_id in _others(order, event.actor_id):
        tell(session, person_id, "disputes.opened", "disputes/opened", path=f"/orders/{order.number}/dispute", **about)
    for person_id in holders_of(session, MANAGE):
        if order.role_of(person_id) is None:
            path = f"/admin/disputes/{event.dispute_id}"
            tell(session, person_id, "disputes.to_settle", "disputes/to_settle", path=path, **about)


def tell_settled(session: Session, event: DisputeSettled) -> None:
    """Tell whoever did not do it that a dispute is withdrawn or closed, and the order goes on."""
    order = orders.facts(session, event.order_id)
    about = {"number": order.number, "title": order.title, "reason": event.reason}
    for person_id in _others(order, event.actor_id):
        tell(session, person_id, "disputes.settled", "disputes/settled", path=f"/orders/{order.number}/dispute", **about)


def _others(order: OrderFacts, actor_id: int | None) -> list[int]:
    return [person_id for person_id in (order.employer_id, order.freelancer_id) if person_id != actor_id]

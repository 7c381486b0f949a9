"""What the panel of a finished order says of its money: from where the wallet has it, not from what was agreed."""

from collections.abc import Mapping
from datetime import datetime
from types import MappingProxyType
from typing import Any, Final

from gigneo.api import fmt
from gigneo.api import lazy_gettext as _l
from gigneo.contributions import LazyText
from gigneo.hooks import OrderFacts
from gigneo.plugins.orders.states import CANCELLED, EMPLOYER, FREELANCER
from gigneo.plugins.orders.wording import fill
from gigneo.plugins.wallet.api import OrderPurse

Said = tuple[str, str, datetime | None]
"""A symbol, words, and the time when it is known."""

UNPAID: Final = "unpaid"
REFUNDED: Final = "refunded"
CLEARING: Final = "clearing"
HELD_UP: Final = "held_up"
PAID_OUT: Final = "paid_out"
GIVEN_BACK: Final = "given_back"
NOTHING: Final = "nothing"

_LEFT_ESCROW: Final = _l("%(price)s left escrow: %(payout)s for you, and %(commission)s commission.")
_WENT_TO: Final = _l("%(price)s left escrow for %(freelancer)s.")

TEXTS: Final[Mapping[tuple[str, str], LazyText]] = MappingProxyType(
    {
        (UNPAID, EMPLOYER): _l("It was never paid, so no money has moved."),
        (UNPAID, FREELANCER): _l("It was never paid, so no money has moved."),
        (REFUNDED, EMPLOYER): _l("All that was in escrow is back in your wallet: %(refunded)s."),
        (REFUNDED, FREELANCER): _l("All that was in escrow went back to %(employer)s: %(refunded)s."),
        (CLEARING, EMPLOYER): _WENT_TO,
        (CLEARING, FREELANCER): _LEFT_ESCROW,
        (HELD_UP, EMPLOYER): _WENT_TO,
        (HELD_UP, FREELANCER): _LEFT_ESCROW,
        (PAID_OUT, EMPLOYER): _WENT_TO,
        (PAID_OUT, FREELANCER): _LEFT_ESCROW,
        (GIVEN_BACK, EMPLOYER): _l("%(price)s had left escrow for %(freelancer)s; the administrator gave the money back to you."),
        (GIVEN_BACK, FREELANCER): _l("Nothing is paid out to you: the administrator gave the money back to %(employer)s."),
        (NOTHING, EMPLOYER): _WENT_TO,
        (NOTHING, FREELANCER): _l("Nothing is paid out to you: the agreed commission was as high as the price."),
    }
)
"""Where the money is, and the side that reads it → what has become of it."""

_ARRIVES: Final[Mapping[tuple[str, str], LazyText]] = MappingProxyType(
    {
        (CLEARING, EMPLOYER): _l("%(left)s are clearing, and reach the wallet of %(freelancer)s unless something stops them:"),
        (CLEARING, FREELANCER): _l("%(left)s are clearing, and reach your wallet unless something stops them:"),
        (HELD_UP, EMPLOYER): _l("The clearing is over: %(left)s reach the wallet of %(freelancer)s when nothing stops them."),
        (HELD_UP, FREELANCER): _l("The clearing is over: %(left)s reach your wallet when nothing stops them."),
        (PAID_OUT, EMPLOYER): _l("%(left)s reached the wallet of %(freelancer)s:"),
        (PAID_OUT, FREELANCER): _l("%(left)s reached your wallet:"),
    }
)
_BACK: Final[Mapping[str, LazyText]] = MappingProxyType(
    {
        EMPLOYER: _l("The administrator gave a part of it back: %(refunded)s are in your wallet again."),
        FREELANCER: _l("The administrator gave a part of it back to %(employer)s: %(refunded)s. The reason is under Activity."),
    }
)


def where_it_is(order: OrderFacts, purse: OrderPurse | None, at: datetime) -> str:
    """Return where the money of a finished order is: a key of :data:`TEXTS`."""
    if purse is None:
        return UNPAID
    if order.state == CANCELLED:
        return REFUNDED
    if not purse.payout_minor:
        return GIVEN_BACK if purse.refunded_minor else NOTHING
    if purse.settled_at is not None:
        return PAID_OUT
    return CLEARING if purse.clears_at is not None and purse.clears_at > at else HELD_UP


def money_words(
    order: OrderFacts, role: str, purse: OrderPurse | None, names: Mapping[str, Any], at: datetime
) -> tuple[str, tuple[Said, ...]]:
    """Say what has become of a finished order's money.

    Args:
        order: the order, completed or cancelled.
        role: who reads it, ``employer`` or ``freelancer``.
        purse: where its money is; ``None`` when it was never paid.
        names: the names of the two people.
        at: the present.

    Returns:
        The text of the panel, and what else is said, each with its time.
    """
    where = where_it_is(order, purse, at)
    if purse is None:
        return str(TEXTS[where, role]), ()
    amounts = {
        "price": purse.price_minor,
        "payout": purse.price_minor - purse.commission_minor,
        "commission": purse.commission_minor,
        "left": purse.payout_minor,
        "refunded": purse.refunded_minor,
    }
    values = {**names, **{name: fmt.money(minor, order.currency) for name, minor in amounts.items()}}
    said: list[Said] = []
    if purse.refunded_minor and where not in {REFUNDED, GIVEN_BACK}:
        said.append(("wallet", fill(_BACK[role], values), None))
    if (arrives := _ARRIVES.get((where, role))) is not None:
        when = {CLEARING: purse.clears_at, PAID_OUT: purse.settled_at}.get(where)
        said.append(("clock" if where == CLEARING else "wallet", fill(arrives, values), when))
    return fill(TEXTS[where, role], values), tuple(said)

"""What other plugins may ask of the wallet."""

from sqlmodel import Session

from gigneo.api import currency
from gigneo.plugins.wallet import queries
from gigneo.plugins.wallet.copying import copy_money, open_wallets
from gigneo.plugins.wallet.forms import AmountField
from gigneo.plugins.wallet.purses import OrderPurse
from gigneo.plugins.wallet.queries import Balances, Payment
from gigneo.plugins.wallet.services import clearing_time, fund, quote, top_up
from gigneo.plugins.wallet.splitting import Split


def balance(session: Session, user_id: int) -> Balances:
    """Return a person's money, in minor units of the site's currency."""
    return queries.balances(session, user_id, currency())


def can_pay(session: Session, user_id: int, amount_minor: int) -> bool:
    """Return whether a person's wallet holds an amount now. Paying checks again, under the lock."""
    return queries.available(session, user_id, currency()) >= amount_minor


def escrow_of(session: Session, order_id: int) -> int:
    """Return what is in an order's escrow now, in minor units."""
    purse = queries.purse(session, order_id)
    return 0 if purse is None else purse.escrow_minor


def purse_of(session: Session, order_id: int) -> OrderPurse | None:
    """Return where an order's money is, or ``None`` when it was never paid.

    Its ``refundable_minor`` is what an administrator can still give back of the price, and its ``split_after`` what that
    would come to for everybody.
    """
    return queries.purse(session, order_id)


def payments_of(session: Session, order_id: int) -> list[Payment]:
    """Return every movement of an order's money, newest first."""
    return queries.payments(session, order_id)


__all__ = [
    "AmountField",
    "Balances",
    "OrderPurse",
    "Payment",
    "Split",
    "balance",
    "can_pay",
    "clearing_time",
    "copy_money",
    "escrow_of",
    "fund",
    "open_wallets",
    "payments_of",
    "purse_of",
    "quote",
    "top_up",
]

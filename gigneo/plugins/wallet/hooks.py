"""What the wallet asks of others: whether something stands against paying an order's money out."""

from typing import TYPE_CHECKING

from gigneo.api import hookspec
from gigneo.contributions import Refusal

if TYPE_CHECKING:
    from sqlmodel import Session


class WalletSpecs:
    """The hooks of the wallet."""

    @hookspec("veto")
    def wallet_hold_on_order(self, order_id: int, session: "Session") -> Refusal | None:
        """Say why what an order has in clearing must not reach the freelancer yet.

        Asked in the writing transaction that would pay it out, before the wallet locks anything: lock the order first,
        so that a hold placed at the same moment is either seen here or waits. While anybody refuses, the wallet asks
        again every hour. An error counts as a refusal.
        """


SPECS = (WalletSpecs,)
"""The spec classes that join the site's."""

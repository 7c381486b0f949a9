"""What the wallet is to the site: its pages and panels, and its part in an order's life."""

from collections.abc import Iterable

from flask import Blueprint
from sqlmodel import Session

from gigneo.api import hookimpl
from gigneo.api import lazy_gettext as _l
from gigneo.contributions import (
    AdminScreen,
    MenuItem,
    PeriodicTask,
    Permission,
    Refusal,
    SelfCheck,
    SettingsForm,
    TaskHandler,
)
from gigneo.hooks import CommissionQuote, OrderFacts, OrderPanel, OrderTab, OrderTerms
from gigneo.plugins.wallet import panels, services
from gigneo.plugins.wallet.audit import sentences
from gigneo.plugins.wallet.forms import WalletSettings
from gigneo.plugins.wallet.routes import blueprint


class Wallet:
    """The wallet's hooks."""

    @hookimpl
    def routes(self) -> Iterable[Blueprint]:
        """Give the wallet's pages."""
        return (blueprint,)

    @hookimpl
    def permissions(self) -> Iterable[Permission]:
        """Give the right to see the ledger."""
        return (Permission("wallet.audit", _l("See and prove the ledger")),)

    @hookimpl
    def dashboard_menu(self) -> Iterable[MenuItem]:
        """Give the way to one's wallet."""
        roles = frozenset({"employer", "freelancer"})
        return (MenuItem("wallet", _l("Wallet"), "wallet.overview", icon="wallet", position=40, roles=roles),)

    @hookimpl
    def admin_screens(self) -> Iterable[AdminScreen]:
        """Give Gigneo → Ledger."""
        return (AdminScreen("ledger", _l("Ledger"), "wallet.ledger", "wallet.audit", icon="ledger", position=40),)

    @hookimpl
    def settings_form(self) -> SettingsForm:
        """Give the operator's choices about money."""
        return SettingsForm(WalletSettings, _l("Wallet and commission"))

    @hookimpl
    def task_handlers(self) -> Iterable[TaskHandler]:
        """Give what pays out when clearing is over, and what proves the ledger at night."""
        return (TaskHandler(services.CLEAR, services.clear_order), TaskHandler(services.AUDIT, services.audit_ledger))

    @hookimpl
    def periodic_tasks(self) -> Iterable[PeriodicTask]:
        """Prove the ledger once a day."""
        return (PeriodicTask(services.AUDIT, services.AUDIT_EVERY),)

    @hookimpl
    def self_checks(self) -> Iterable[SelfCheck]:
        """Prove the ledger after a restore."""
        return (SelfCheck("wallet.audit", _l("Ledger"), sentences),)

    @hookimpl
    def order_tabs(self) -> Iterable[OrderTab]:
        """Give the Payments tab."""
        return (
            OrderTab(
                "payments",
                _l("Payments"),
                "wallet/payments_tab.html",
                load=panels.payments_tab,
                position=50,
                for_administrators=True,
            ),
        )

    @hookimpl
    def order_panels(self) -> Iterable[OrderPanel]:
        """Give the panel that says where the money is."""
        return (OrderPanel("money", "side", "wallet/money_panel.html", load=panels.money_panel, position=10, fixed=True),)

    @hookimpl
    def quote_commission(self, terms: OrderTerms, session: Session) -> CommissionQuote | None:
        """Quote the operator's present rates."""
        return services.quote(terms.price_minor)

    @hookimpl
    def order_paying(self, order: OrderFacts, actor_id: int | None, session: Session) -> None:
        """Move the price into escrow."""
        services.pay_order(session, order, actor_id)

    @hookimpl
    def order_completing(self, order: OrderFacts, actor_id: int | None, session: Session) -> None:
        """Release the escrow into clearing."""
        services.complete_order(session, order, actor_id)

    @hookimpl
    def order_cancelling(self, order: OrderFacts, actor_id: int | None, session: Session) -> None:
        """Give the escrow back."""
        services.cancel_order(session, order, actor_id)

    @hookimpl
    def allow_order_refund(self, order: OrderFacts, session: Session) -> Refusal | None:
        """Only what is still clearing can be given back."""
        return services.refuse_refund(session, order.id)

    @hookimpl
    def order_refunding(self, order: OrderFacts, amount_minor: int, actor_id: int | None, session: Session) -> None:
        """Give a part of what is clearing back."""
        services.refund_order(session, order, amount_minor, actor_id)


plugin = Wallet()

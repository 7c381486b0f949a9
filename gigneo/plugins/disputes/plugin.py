"""What disputes adds to the site. Switched off, nothing of it is left on any page; holds stay, for administrators to lift."""

from collections.abc import Iterable

from flask import Blueprint
from sqlmodel import Session

from gigneo.api import hookimpl, ngettext
from gigneo.api import lazy_gettext as _l
from gigneo.contributions import AdminScreen, NotificationKind, Permission, Refusal
from gigneo.hooks import OrderAction, OrderCancelled, OrderCompleted, OrderGuard, OrderTab
from gigneo.plugins.disputes import admin, queries, routes, settling, telling
from gigneo.plugins.disputes.hooks import DisputeOpened, DisputeSettled
from gigneo.plugins.disputes.models import MANAGE
from gigneo.plugins.disputes.tab import load_tab


class DisputesPlugin:
    """Disputes on orders."""

    @hookimpl
    def routes(self) -> Iterable[Blueprint]:
        """The forms of the two sides, and the administrator's screens."""
        return [routes.bp, admin.bp]

    @hookimpl
    def permissions(self) -> Iterable[Permission]:
        """Who settles disputes."""
        return [Permission(MANAGE, _l("See and close disputes"))]

    @hookimpl
    def admin_screens(self) -> Iterable[AdminScreen]:
        """Gigneo → Disputes."""
        return [AdminScreen("disputes", _l("Disputes"), "disputes_admin.listing", MANAGE, icon="scales", position=20)]

    @hookimpl
    def notification_kinds(self) -> Iterable[NotificationKind]:
        """What the two sides and administrators are told of disputes."""
        return telling.KINDS

    @hookimpl
    def order_tabs(self) -> Iterable[OrderTab]:
        """The Dispute tab."""
        return [OrderTab("dispute", _l("Dispute"), "disputes/tab.html", load_tab, queries.badge, position=60)]

    @hookimpl
    def order_actions(self) -> Iterable[OrderAction]:
        """Open Dispute."""
        return [settling.ACTION]

    @hookimpl
    def order_guards(self) -> Iterable[OrderGuard]:
        """One dispute at a time."""
        return [settling.GUARD]

    @hookimpl
    def allow_module_disable(self, module: str, session: Session) -> Refusal | None:
        """Open disputes keep the module on: without it nobody could settle them."""
        if module != settling.PLUGIN:
            return None
        count = settling.count_open(session)
        if not count:
            return None
        words = ngettext("%(num)s dispute is open. Close it first.", "%(num)s disputes are open. Close them first.", count)
        return Refusal(words, "disputes_open")

    @hookimpl
    def disputes_opened(self, event: DisputeOpened, session: Session) -> None:
        """Tell the other side, and whoever settles disputes."""
        telling.tell_opened(session, event)

    @hookimpl
    def disputes_settled(self, event: DisputeSettled, session: Session) -> None:
        """Tell whoever did not do it that the order goes on."""
        telling.tell_settled(session, event)

    @hookimpl
    def order_completed(self, event: OrderCompleted, session: Session) -> None:
        """A dispute ends with its order."""
        settling.lapse(session, event.order_id)

    @hookimpl
    def order_cancelled(self, event: OrderCancelled, session: Session) -> None:
        """A dispute ends with its order."""
        settling.lapse(session, event.order_id)

    @hookimpl
    def on_enable(self, session: Session) -> None:
        """Catch up with what happened meanwhile."""
        settling.reconcile(session)

    @hookimpl
    def on_disable(self, session: Session) -> None:
        """Say on every order with an open dispute that its hold now stands without this module; only force gets here."""
        settling.leave(session)


plugin = DisputesPlugin()

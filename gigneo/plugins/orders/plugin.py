"""What the orders module adds to a site, and how it takes part in its own hooks: a module like any other."""

from collections.abc import Iterable

from flask import Blueprint
from sqlmodel import Session

from gigneo.api import hookimpl
from gigneo.api import lazy_gettext as _l
from gigneo.contributions import (
    AdminScreen,
    ContributionCheck,
    DashboardTab,
    FileOwner,
    MenuItem,
    NotificationKind,
    PeriodicTask,
    Permission,
    Refusal,
    SettingsForm,
    TaskHandler,
)
from gigneo.hooks import DeliveryFacts, FileOrigin, LastAct, OrderAction, OrderFacts, OrderGuard, OrderKind, OrderTab, OrderTimer
from gigneo.plugins.orders import (
    acting,
    admin,
    admin_deciding,
    admin_many,
    attachment_pages,
    delivery_page,
    exporting,
    file_rows,
    guards,
    holding,
    kinds,
    process,
    profile,
    rearming,
    records,
    tabs,
    timers,
    timetable,
    waiting_files,
)
from gigneo.plugins.orders.decisions import refuse_held
from gigneo.plugins.orders.delivering import adopt
from gigneo.plugins.orders.filing import UPLOAD_OWNER
from gigneo.plugins.orders.opening import may_read_file
from gigneo.plugins.orders.routes import bp
from gigneo.plugins.orders.settings import OrderSettings
from gigneo.plugins.orders.states import MANAGE
from gigneo.plugins.orders.table import conflicts
from gigneo.plugins.orders.telling import TellsPeople


class OrdersPlugin(TellsPeople):
    """The hook implementations. Thin: each calls the module that knows."""

    @hookimpl
    def routes(self) -> Iterable[Blueprint]:
        return [bp, admin.bp]

    @hookimpl
    def permissions(self) -> Iterable[Permission]:
        return [Permission(MANAGE, _l("See and settle all orders"))]

    @hookimpl
    def dashboard_menu(self) -> Iterable[MenuItem]:
        return [MenuItem("orders", _l("Orders"), "orders.services", icon="box", position=10)]

    @hookimpl
    def dashboard_tabs(self) -> Iterable[DashboardTab]:
        return [
            DashboardTab("orders", "services", _l("Services"), "orders.services", position=10),
            DashboardTab("orders", "jobs", _l("Jobs"), "orders.jobs", position=20),
        ]

    @hookimpl
    def admin_screens(self) -> Iterable[AdminScreen]:
        return [AdminScreen("orders", _l("Orders"), "orders_admin.listing", MANAGE, icon="box", position=10)]

    @hookimpl
    def settings_form(self) -> SettingsForm:
        return SettingsForm(OrderSettings)

    @hookimpl
    def file_owners(self) -> Iterable[FileOwner]:
        return [
            FileOwner(file_rows.ORDER_OWNER, may_read_file),
            FileOwner(UPLOAD_OWNER, lambda person, file, session: person.id == file.owner_id),
        ]

    @hookimpl
    def order_file_origins(self) -> Iterable[FileOrigin]:
        return [FileOrigin(file_rows.DELIVERY, _l("Delivery")), FileOrigin(file_rows.REVISION, _l("Revision request"))]

    @hookimpl
    def order_last_acts(self) -> Iterable[LastAct]:
        return [LastAct("orders", file_rows.last_activity)]

    @hookimpl
    def task_handlers(self) -> Iterable[TaskHandler]:
        return [
            TaskHandler(timers.KIND, timers.run),
            TaskHandler(rearming.CHECK, rearming.check),
            TaskHandler(rearming.ARM, rearming.arm_all),
            TaskHandler(records.COUNT_AGAIN, records.count_again),
            TaskHandler(waiting_files.SWEEP, waiting_files.sweep),
        ]

    @hookimpl
    def periodic_tasks(self) -> Iterable[PeriodicTask]:
        return [
            PeriodicTask(records.COUNT_AGAIN, records.COUNT_EVERY),
            PeriodicTask(rearming.CHECK, rearming.CHECK_EVERY),
            PeriodicTask(waiting_files.SWEEP, waiting_files.SWEEP_EVERY),
        ]

    @hookimpl
    def notification_kinds(self) -> Iterable[NotificationKind]:
        return kinds.KINDS

    @hookimpl
    def contribution_checks(self) -> Iterable[ContributionCheck]:
        return [ContributionCheck("orders.process", conflicts)]

    @hookimpl
    def order_kinds(self) -> Iterable[OrderKind]:
        return process.KINDS

    @hookimpl
    def order_tabs(self) -> Iterable[OrderTab]:
        return tabs.TABS

    @hookimpl
    def order_actions(self) -> Iterable[OrderAction]:
        return process.ACTIONS

    @hookimpl
    def order_guards(self) -> Iterable[OrderGuard]:
        return guards.GUARDS

    @hookimpl
    def order_timers(self) -> Iterable[OrderTimer]:
        return timetable.TIMERS

    @hookimpl
    def allow_order_deliver(self, order: OrderFacts) -> Refusal | None:
        return refuse_held(order)

    @hookimpl
    def allow_revision_request(self, order: OrderFacts) -> Refusal | None:
        return refuse_held(order)

    @hookimpl
    def allow_order_approve(self, order: OrderFacts) -> Refusal | None:
        return refuse_held(order)

    @hookimpl
    def allow_order_cancel(self, order: OrderFacts) -> Refusal | None:
        return refuse_held(order)

    @hookimpl
    def allow_cancellation_request(self, order: OrderFacts) -> Refusal | None:
        return refuse_held(order)

    @hookimpl
    def allow_extension_request(self, order: OrderFacts) -> Refusal | None:
        return refuse_held(order)

    @hookimpl
    def wallet_hold_on_order(self, order_id: int, session: Session) -> Refusal | None:
        return holding.refuse_payout(session, order_id)

    @hookimpl
    def order_delivering(self, order: OrderFacts, delivery: DeliveryFacts, session: Session) -> None:
        adopt(session, order, delivery)


plugin = OrdersPlugin()
__all__ = [
    "acting",
    "admin_deciding",
    "admin_many",
    "attachment_pages",
    "delivery_page",
    "exporting",
    "plugin",
    "profile",
]

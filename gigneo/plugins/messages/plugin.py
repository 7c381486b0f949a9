"""What messages adds to the site."""

from collections.abc import Iterable

from flask import Blueprint, url_for
from sqlmodel import Session

from gigneo.api import hookimpl
from gigneo.api import lazy_gettext as _l
from gigneo.contributions import NotificationKind
from gigneo.hooks import FileOrigin, LastAct, OrderEvent, OrderTab
from gigneo.plugins.messages import routes, telling
from gigneo.plugins.messages.facts import kind_of
from gigneo.plugins.messages.queries import count_unread, last_message
from gigneo.plugins.messages.tab import load_tab
from gigneo.plugins.messages.talking import MESSAGE, note_fact


class MessagesPlugin:
    """Messages on orders. What happens to an order is told in its conversation, once, after the commit."""

    @hookimpl
    def routes(self) -> Iterable[Blueprint]:
        """Where messages are posted."""
        return [routes.bp]

    @hookimpl
    def order_tabs(self) -> Iterable[OrderTab]:
        """The Messages tab; private, so that an administrator opens it on purpose."""
        return [
            OrderTab(
                "messages",
                _l("Messages"),
                "messages/tab.html",
                load_tab,
                count_unread,
                position=30,
                for_administrators=True,
                private=True,
                head="messages/head.html",
            )
        ]

    @hookimpl
    def order_file_origins(self) -> Iterable[FileOrigin]:
        """Files that came with a message."""
        return [FileOrigin(MESSAGE, _l("Message"), address_of, tab="messages")]

    @hookimpl
    def order_last_acts(self) -> Iterable[LastAct]:
        """Who writes has acted."""
        return [LastAct("messages", last_message)]

    @hookimpl
    def notification_kinds(self) -> Iterable[NotificationKind]:
        """That somebody wrote."""
        return telling.KINDS

    @hookimpl
    def order_changed(self, event: OrderEvent, session: Session) -> None:
        """Say in the conversation what happened, if it belongs there."""
        kind = kind_of(event)
        if kind is not None:
            note_fact(session, event, kind)


def address_of(number: str, message_id: int) -> str:
    """Return where a message stands, for one of the two sides."""
    return url_for("orders.tab", number=number, tab="messages", at=message_id, _anchor=f"m-{message_id}")


plugin = MessagesPlugin()

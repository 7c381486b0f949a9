"""What messages adds to the site."""

from collections.abc import Iterable

from flask import Blueprint
from sqlmodel import Session

from gigneo.api import hookimpl
from gigneo.api import lazy_gettext as _l
from gigneo.hooks import (
    DraftShared,
    OrderCancelled,
    OrderCompleted,
    OrderDelivered,
    OrderPaid,
    OrderPlaced,
    OrderTab,
    RevisionRequested,
)
from gigneo.plugins.messages import routes
from gigneo.plugins.messages.queries import count_unread
from gigneo.plugins.messages.tab import load_tab
from gigneo.plugins.messages.talking import note_fact


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
            )
        ]

    @hookimpl
    def order_placed(self, event: OrderPlaced, session: Session) -> None:
        """Say that the order was placed."""
        note_fact(session, event)

    @hookimpl
    def order_paid(self, event: OrderPaid, session: Session) -> None:
        """Say that the order was paid."""
        note_fact(session, event)

    @hookimpl
    def order_delivered(self, event: OrderDelivered, session: Session) -> None:
        """Say that the final delivery is there."""
        note_fact(session, event)

    @hookimpl
    def draft_shared(self, event: DraftShared, session: Session) -> None:
        """Say that draft work was shared."""
        note_fact(session, event)

    @hookimpl
    def revision_requested(self, event: RevisionRequested, session: Session) -> None:
        """Say that a revision was requested."""
        note_fact(session, event)

    @hookimpl
    def order_completed(self, event: OrderCompleted, session: Session) -> None:
        """Say that the order is completed."""
        note_fact(session, event)

    @hookimpl
    def order_cancelled(self, event: OrderCancelled, session: Session) -> None:
        """Say that the order was cancelled."""
        note_fact(session, event)


plugin = MessagesPlugin()

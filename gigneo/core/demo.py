"""The mark of a demo marketplace. It opens the sandbox gateway, so it is set once, on an empty site, and never taken off."""

from sqlmodel import Session, select

from gigneo.core.accounts.models import User
from gigneo.core.db.models import SiteState
from gigneo.core.refusals import Refused


def mark_demo(session: Session) -> None:
    """Make this site a demo marketplace.

    Args:
        session: a writing transaction.

    Raises:
        Refused: somebody is registered already; real people and play money don't mix.
    """
    state = session.exec(select(SiteState)).one()
    if not state.demo and session.exec(select(User.id).limit(1)).first() is not None:
        raise Refused("People are registered on this site, so it can't become a demo.", code="not_empty")
    state.demo = True
    session.add(state)

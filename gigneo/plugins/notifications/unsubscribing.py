"""Ending the mails of a kind by the link in one of them, without a log-in (RFC 8058). A GET only asks."""

from flask import Blueprint, abort, render_template
from flask.typing import ResponseReturnValue

from gigneo.api import contributions, public, read, write
from gigneo.contributions import NotificationKind
from gigneo.plugins.notifications.choosing import MAIL, choose
from gigneo.plugins.notifications.links import read_token
from gigneo.plugins.notifications.queries import exists

bp = Blueprint("notifications_mail", __name__, static_folder=None)


@bp.get("/unsubscribe/<token>")
@public
def ask(token: str) -> ResponseReturnValue:
    """Ask whether the mails of the kind should end."""
    _, kind = _meant(token)
    return render_template("notifications/unsubscribe.html", kind=kind, done=False)


@bp.post("/unsubscribe/<token>")
@public(by_token=True)
def end(token: str) -> ResponseReturnValue:
    """End them. Mail programs post here by themselves when their reader presses their button."""
    person_id, kind = _meant(token)
    with write() as session:
        choose(session, person_id, [kind], {MAIL: ()})
    return render_template("notifications/unsubscribe.html", kind=kind, done=True)


def _meant(token: str) -> tuple[int, NotificationKind]:
    """Return whose mails of which kind a token means; what is no token, or means nobody, does not exist."""
    meant = read_token(token)
    if meant is None or not exists(read(), meant[0]):
        abort(404)
    kinds = {kind.name: kind for kind in contributions().notification_kinds}
    return meant[0], kinds.get(meant[1]) or NotificationKind(meant[1], "", "")

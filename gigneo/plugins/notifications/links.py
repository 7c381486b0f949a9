"""The links of mails. The token in them says whose mails of which kind end; nobody can make one without the site's key."""

from typing import Final

from flask import current_app, url_for
from itsdangerous import BadSignature, URLSafeSerializer

from gigneo.hooks import MailLinks

_SALT: Final = "notifications.unsubscribe"


def links_for(person_id: int, kind: str) -> MailLinks:
    """Return the links of a mail to a person about a kind of thing; they work as long as the site's key is the same."""
    token = _signer().dumps([person_id, kind])
    return MailLinks(
        unsubscribe=url_for("notifications_mail.ask", token=token, _external=True),
        preferences=url_for("notifications.preferences", _external=True),
    )


def read_token(token: str) -> tuple[int, str] | None:
    """Return the person and the kind of a token, or ``None`` when this site did not make it."""
    try:
        person_id, kind = _signer().loads(token)
    except (BadSignature, ValueError, TypeError):
        return None
    return int(person_id), str(kind)


def _signer() -> URLSafeSerializer:
    return URLSafeSerializer(str(current_app.secret_key), salt=_SALT)

"""The mails of accounts. A task says whom and why; the link is made when the mail is, so that no secret is stored."""

from collections.abc import Mapping
from typing import Any

from flask import current_app, url_for
from flask_security import MailUtil
from flask_security.confirmable import generate_confirmation_token
from flask_security.recoverable import generate_reset_password_token
from werkzeug.local import LocalProxy

from gigneo.core.accounts.datastore import Datastore
from gigneo.core.accounts.models import User
from gigneo.core.mail import send_mail
from gigneo.core.mail.completion import NoLongerNeeded, complete_with

datastore: Datastore = LocalProxy(lambda: current_app.extensions["security"].datastore)  # type: ignore[assignment]

WELCOME = "account/welcome"
WELCOME_EXISTING = "account/welcome_existing"
CONFIRM = "account/confirm"
RESET = "account/reset"
PASSWORD_CHANGED = "account/password_changed"  # noqa: S105


class Mails(MailUtil):
    """Flask-Security's door to our mails: whatever it wants to send becomes a task of the same transaction."""

    def normalize(self, email: str) -> str:
        """Return the one way in which an address is kept."""
        return str(super().normalize(email)).lower()

    def validate(self, email: str) -> str:
        """Return the one way in which an address is kept, for an address that mail will go to."""
        return str(super().validate(email)).lower()

    def send_mail(self, template: str, subject: str, recipient: Any, sender: Any, body: Any, html: Any, **context: Any) -> None:
        """Write the task; what Flask-Security put into the mail is made anew when it is sent."""
        write_to_address(str(recipient), template)


def write_to_address(email: str, template: str) -> None:
    """Write a mail's task with the request's commit.

    Args:
        email: normalised; it need not belong to anybody.
        template: one of those of this module.
    """
    datastore.session.at_commit(lambda session: send_mail(session, email, template))


def install(app: Any) -> None:
    """Tell the mail task how the links of these mails are made."""
    complete_with(app, WELCOME, _confirmation)
    complete_with(app, CONFIRM, _confirmation)
    complete_with(app, RESET, _reset)
    complete_with(app, WELCOME_EXISTING, _existing)
    complete_with(app, PASSWORD_CHANGED, _plain)


def _plain(to: str) -> Mapping[str, Any]:
    return {"user": _user(to)}


def _confirmation(to: str) -> Mapping[str, Any]:
    user = _user(to)
    if user.confirmed_at is not None:
        raise NoLongerNeeded(f"{user.id} is confirmed already")
    token = generate_confirmation_token(user)  # type: ignore[no-untyped-call]
    return {"user": user, "link": url_for("security.confirm_email", token=token, _external=True)}


def _reset(to: str) -> Mapping[str, Any]:
    user = _user(to)
    if user.confirmed_at is None:
        raise NoLongerNeeded(f"{user.id} is not confirmed")
    token = generate_reset_password_token(user)  # type: ignore[no-untyped-call]
    return {"user": user, "link": url_for("security.reset_password", token=token, _external=True)}


def _existing(to: str) -> Mapping[str, Any]:
    user = _user(to)
    if user.confirmed_at is None:
        return {**_confirmation(to), "confirmed": False}
    return {"user": user, "link": url_for("security.forgot_password", _external=True), "confirmed": True}


def _user(email: str) -> User:
    user = datastore.find_user(email=email)
    if not isinstance(user, User) or not user.active:
        raise NoLongerNeeded("nobody active has this address")
    return user

"""What people do to their own accounts."""

import unicodedata
from uuid import uuid4

from flask_security import hash_password
from sqlmodel import Session, col, select

from gigneo.core.accounts.models import User
from gigneo.core.accounts.passwords import password_faults
from gigneo.core.accounts.sessions import revoke_all
from gigneo.core.audit import audit
from gigneo.core.current import current_runtime
from gigneo.core.mail import send_mail
from gigneo.core.requests import close_read_session


def change_profile(session: Session, user_id: int, name: str, locale: str | None, time_zone: str | None) -> User:
    """Change how somebody is called and sees things.

    Args:
        session: a writing transaction.
        user_id: who.
        name: the display name, checked by the form.
        locale: a language, or ``None`` for the browser's.
        time_zone: an IANA name, or ``None`` for the site's.
    """
    user = _locked(session, user_id)
    user.name, user.locale, user.time_zone = name, locale, time_zone
    session.add(user)
    return user


def hashed_password(password: str, own_words: tuple[str, ...]) -> tuple[str, list[str]]:
    """Judge and hash a new password. Hashing takes long on purpose: call this before a transaction is open.

    Args:
        password: as typed.
        own_words: the person's address and name.

    Returns:
        The hash, and what is wrong with the password; the hash is empty when anything is.
    """
    normalised = unicodedata.normalize("NFKD", password)
    address = own_words[0].partition("@")[0] if own_words else ""
    faults = password_faults(normalised, (*own_words, address))
    if faults:
        return "", faults
    close_read_session()
    return hash_password(normalised), []


def change_password(session: Session, user_id: int, hashed: str, keep_session_id: int | None = None) -> None:
    """Set a new password: mailed links and all other log-ins are dead, and the owner is told by mail.

    Args:
        session: a writing transaction.
        user_id: whose.
        hashed: from :func:`hashed_password`.
        keep_session_id: the log-in that goes on.
    """
    user = _locked(session, user_id)
    user.password, user.fs_uniquifier = hashed, uuid4().hex
    session.add(user)
    revoke_all(session, user_id, current_runtime().clock.now(), keep_session_id)
    audit(session, "account.password_changed", f"user:{user_id}", actor_id=user_id)
    send_mail(session, user_id, "account/password_changed")


def log_out_everywhere(session: Session, user_id: int) -> int:
    """End every log-in of somebody, and return how many that were."""
    count = revoke_all(session, user_id, current_runtime().clock.now())
    audit(session, "account.logged_out_everywhere", f"user:{user_id}", {"logins": count}, actor_id=user_id)
    return count


def _locked(session: Session, user_id: int) -> User:
    return session.exec(select(User).where(col(User.id) == user_id).with_for_update()).one()

"""Flask-Security, set up for one site: argon2, neutral answers, log-ins that are rows, links made of the configured address."""

from datetime import timedelta
from inspect import iscoroutinefunction
from typing import TYPE_CHECKING, Any

from flask import Flask, g, request
from flask import session as cookie
from flask_security import Security, password_reset, user_authenticated
from itsdangerous import TimestampSigner, URLSafeTimedSerializer

from gigneo.core.accounts import forms, mails, steps
from gigneo.core.accounts.datastore import Datastore, auth_database
from gigneo.core.accounts.models import User
from gigneo.core.accounts.pages import blueprint as account_blueprint
from gigneo.core.accounts.passwords import ARGON2, MIN_LENGTH, Passwords
from gigneo.core.accounts.people import ABSOLUTE_LIMIT
from gigneo.core.accounts.sessions import COOKIE_KEY, new_login, revoke_all
from gigneo.core.audit import audit
from gigneo.core.clock import Clock
from gigneo.core.config import password_salt, secret_key

if TYPE_CHECKING:
    from gigneo.core.runtime import Runtime

RESET_WITHIN = timedelta(hours=1)
CONFIRM_WITHIN = timedelta(days=3)


def init_accounts(app: Flask, runtime: "Runtime") -> Security:
    """Give a site's application its accounts.

    Args:
        app: the application under construction; its session cookie is configured by then.
        runtime: the process's ground.
    """
    app.config.update(_settings(runtime))
    database = auth_database(runtime.engines)
    database.init_app(app)
    # It also registers an async clean-up, for which Flask would start a thread and an event loop after each request.
    app.teardown_appcontext_funcs[:] = [run for run in app.teardown_appcontext_funcs if not iscoroutinefunction(run)]
    security = Security(
        app,
        Datastore(database, runtime.clock.now),
        login_form=forms.LogIn,
        register_form=forms.SignUp,
        forgot_password_form=forms.AskReset,
        reset_password_form=forms.NewPassword,
        send_confirmation_form=forms.AskConfirmation,
        mail_util_cls=mails.Mails,
        password_util_cls=Passwords,
    )
    security.want_json(lambda _request: False)
    for purpose in ("reset", "confirm"):
        setattr(security, f"{purpose}_serializer", _serializer(app, runtime.clock, f"gigneo-{purpose}"))
    manager = app.login_manager  # type: ignore[attr-defined]
    manager.session_protection = None
    manager.user_loader(lambda _token: g.get("person"))
    manager.request_loader(lambda _request: None)
    _leave_out_what_nobody_asks(app)
    user_authenticated.connect(_open_login, app)
    password_reset.connect(_after_reset, app)
    mails.install(app)
    steps.install(app)
    app.register_blueprint(account_blueprint)
    return security


def _leave_out_what_nobody_asks(app: Flask) -> None:
    """Take out what libraries do for every request: rights are the Person's, whom templates know as ``person``."""
    before, context = app.before_request_funcs[None], app.template_context_processors[None]
    before[:] = [run for run in before if run.__module__ != "flask_principal"]
    context[:] = [run for run in context if run.__module__ != "flask_login.utils"]


def _settings(runtime: "Runtime") -> dict[str, Any]:
    settings: dict[str, Any] = {
        "PASSWORD_SALT": password_salt(runtime.home),
        "PASSWORD_HASH": "argon2",
        "PASSWORD_SCHEMES": ["argon2"],
        "DEPRECATED_PASSWORD_SCHEMES": [],
        "PASSWORD_HASH_PASSLIB_OPTIONS": ARGON2,
        "PASSWORD_LENGTH_MIN": MIN_LENGTH,
        "HASHING_SCHEMES": ["hex_sha256"],
        "DEPRECATED_HASHING_SCHEMES": [],
        "REGISTERABLE": True,
        "CONFIRMABLE": True,
        "RECOVERABLE": True,
        "RETURN_GENERIC_RESPONSES": True,
        "EMAIL_VALIDATOR_ARGS": {"check_deliverability": False},
        "DATETIME_FACTORY": runtime.clock.now,
        "RESET_PASSWORD_WITHIN": RESET_WITHIN,
        "CONFIRM_EMAIL_WITHIN": CONFIRM_WITHIN,
        "POST_LOGIN_VIEW": "/dashboard",
        "POST_REGISTER_VIEW": "/login",
        "POST_LOGOUT_VIEW": "/",
        "LOGOUT_METHODS": ["POST"],
        "FRESHNESS": timedelta(seconds=-1),
        "STATIC_FOLDER": None,
        "USER_IDENTITY_ATTRIBUTES": [{"email": {"mapper": str, "case_insensitive": False}}],
        "EMAIL_PLAINTEXT": False,
        "EMAIL_HTML": False,
        "REGISTER_EMAIL_TEMPLATE": mails.WELCOME,
        "REGISTER_EMAIL_EXISTING_TEMPLATE": mails.WELCOME_EXISTING,
        "EMAIL_TEMPLATE_CONFIRM": mails.CONFIRM,
        "EMAIL_TEMPLATE_PASSWORD_RESET": mails.RESET,
        "EMAIL_TEMPLATE_PASSWORD_RESET_NOTICE": mails.PASSWORD_CHANGED,
        "CACHE_CONTROL": {"no-store": None},
        "CLI_USERS_NAME": None,
        "CLI_ROLES_NAME": None,
    }
    return {
        "SECRET_KEY": secret_key(runtime.home),
        "PERMANENT_SESSION_LIFETIME": ABSOLUTE_LIMIT,
        "SESSION_REFRESH_EACH_REQUEST": False,
        **{f"SECURITY_{name}": value for name, value in settings.items()},
    }


def _serializer(app: Flask, clock: Clock, salt: str) -> URLSafeTimedSerializer:
    """Return a maker of mailed links whose age is told by the Runtime's clock."""

    class ClockSigner(TimestampSigner):
        def get_timestamp(self) -> int:
            return int(clock.now().timestamp())

    return URLSafeTimedSerializer(app.config["SECRET_KEY"], salt=salt, signer=ClockSigner)


def _open_login(app: Flask, user: User, **_more: Any) -> None:
    """Start a new log-in: a new token, a new CSRF token, and nothing of what the cookie carried before."""
    assert user.id is not None
    datastore = app.extensions["security"].datastore
    token, row = new_login(user.id, datastore.now(), request.user_agent.string, request.remote_addr or "")
    datastore.session.add(row)
    cookie.clear()
    cookie[COOKIE_KEY] = token
    cookie.permanent = True
    g.pop(app.config.get("WTF_CSRF_FIELD_NAME", "csrf_token"), None)
    g.logged_in = True


def _after_reset(app: Flask, user: User, **_more: Any) -> None:
    """A new password ends every log-in."""
    datastore, user_id = app.extensions["security"].datastore, user.id or 0

    def revoke(session: Any) -> None:
        revoke_all(session, user_id, datastore.now())
        audit(session, "account.password_reset", f"user:{user_id}", actor_id=user_id)

    datastore.session.at_commit(revoke)

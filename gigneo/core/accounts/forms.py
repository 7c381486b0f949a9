"""The forms of logging in, signing up and getting back in: Flask-Security's, with our fields and neutral answers."""

import re
import unicodedata
from typing import Any

from flask import current_app, request
from flask_security import ForgotPasswordForm, LoginForm, RegisterFormV2, ResetPasswordForm, SendConfirmationForm
from wtforms import Field, RadioField, SelectChoice, StringField, ValidationError
from wtforms.validators import InputRequired, Length, Regexp

from gigneo.core.accounts.models import EMPLOYER, FREELANCER, NAME_LENGTH
from gigneo.core.accounts.redirects import safe_path
from gigneo.core.current import current_runtime
from gigneo.core.forms import OwnWords
from gigneo.core.refusals import Refused
from gigneo.core.translations import gettext
from gigneo.core.translations import lazy_gettext as _l
from gigneo.core.written import written_line


def _shown_name(_form: Any, field: Field) -> None:
    """Refuse a name that nobody can see, or that turns the words beside it."""
    try:
        written_line(field.data, field.name, NAME_LENGTH, missing=gettext("Tell us the name that others will see."))
    except Refused as refusal:
        raise ValidationError(str(refusal.reason)) from None
    if _as_read(str(field.data)) in _taken_names():
        raise ValidationError(gettext("Choose a name of your own: others would take this one for somebody else."))


def _taken_names() -> frozenset[str]:
    """Return what the pages themselves call somebody, as it is compared."""
    site, administrator = current_runtime().config.site.name, gettext("Administrator")
    names = ("Gigneo", "You", "Administrator", "The administrator", "Admin", site, gettext("You"), administrator)
    supporting = (f"{name} {role}" for name in ("Gigneo", site) for role in ("support", "team", "administrator", administrator))
    return frozenset(map(_as_read, (*names, *supporting, gettext("The administrator")))) - {""}


def _as_read(name: str) -> str:
    """Return a name without what readers don't see or pass over: invisible signs, points, blanks, and the case of letters."""
    return "".join(sign for sign in unicodedata.normalize("NFKC", name).casefold() if sign.isalnum())


NAME_RULES = (
    InputRequired(_l("Tell us the name that others will see.")),
    Length(max=NAME_LENGTH, message=_l("Use at most 80 characters.")),
    Regexp(r"^[^\x00-\x1f\x7f-\x9f\u2028\u2029<>\"]+\Z", message=_l("Use letters, digits and spaces.")),
    _shown_name,
)


def collapsed(value: Any) -> Any:
    """Take the blanks around a name away, and all but one of those inside it."""
    return re.sub(" +", " ", value).strip(" ") if isinstance(value, str) else value


class _OwnNext:
    """The ``next`` field keeps a path of ours and drops everything else in silence: a log-in must not fail over it."""

    def validate_next(self, field: Field) -> None:
        """Keep a path of this site only."""
        field.data = safe_path(field.data) or ""


class LogIn(_OwnNext, OwnWords, LoginForm):
    """Log in. Without *remember me*: a log-in lasts two weeks unused, whoever asks."""

    remember = None

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.next.data = safe_path(self.next.data) or ""

    def validate(self, **kwargs: Any) -> bool:
        """Check the password; who proved it is told why the door stays shut, and everybody else one same thing."""
        if super().validate(**kwargs):
            return True
        if self.user_authenticated and self.email.errors:
            self.form_errors.extend(self.email.errors)
            self.email.errors = []
        return False


class SignUp(_OwnNext, OwnWords, RegisterFormV2):
    """Make an account, as an employer or as a freelancer; no other role is a choice here."""

    name = StringField(_l("Name"), filters=[collapsed], validators=NAME_RULES, render_kw={"autocomplete": "name"})
    role = RadioField(
        _l("I want to"),
        choices=[SelectChoice(EMPLOYER, _l("hire")), SelectChoice(FREELANCER, _l("work"))],
        validators=[InputRequired(_l("Choose what you want to do here. You can do the other later."))],
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.next.data = safe_path(self.next.data) or ""
        if request and request.method == "GET" and request.args.get("role") in (EMPLOYER, FREELANCER):
            self.role.data = request.args["role"]

    def to_dict(self, only_user: bool) -> dict[str, Any]:
        """Return what the account is made of: the fields named here, and nothing else that was posted."""
        return {
            "email": self.email.data,
            "name": self.name.data,
            "password": self.password.data,
            "roles": [self.role.data],
        }


class _MailsWhoeverItIs:
    """Answers the same, does the same and takes the same time for known and unknown addresses.

    The mail is written as a task in either case; the task drops it when there is nobody to write to.
    """

    email: Any
    mail_template = ""

    def validate(self, **kwargs: Any) -> bool:
        """Write the task for an address that could exist, and take Flask-Security's neutral path."""
        from gigneo.core.accounts.mails import write_to_address

        super().validate(**kwargs)  # type: ignore[misc]
        try:
            address = current_app.extensions["security"].mail_util.validate(self.email.data or "")
        except ValueError as error:
            self.form_errors.append(str(error))  # type: ignore[attr-defined]
            return False
        if not _csrf_failed(self):
            write_to_address(address, self.mail_template)
        return False


class AskReset(_MailsWhoeverItIs, OwnWords, ForgotPasswordForm):
    """Ask for a link that sets a new password."""

    mail_template = "account/reset"


class AskConfirmation(_MailsWhoeverItIs, OwnWords, SendConfirmationForm):
    """Ask for the link that proves the address once more."""

    mail_template = "account/confirm"


class NewPassword(OwnWords, ResetPasswordForm):
    """Set a new password with a mailed link."""


def _csrf_failed(form: Any) -> bool:
    field = getattr(form, "csrf_token", None)
    return bool(field is not None and field.errors)

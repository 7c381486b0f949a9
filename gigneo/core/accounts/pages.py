"""The account page: who one is, how things are shown, the password, and every log-in that is open."""

from functools import lru_cache
from typing import Final
from zoneinfo import available_timezones

from flask import Blueprint, flash, g, redirect, render_template, request, url_for
from flask import session as cookie
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_wtf import FlaskForm
from wtforms import PasswordField, SelectChoice, SelectField, StringField
from wtforms.validators import EqualTo, InputRequired

from gigneo.core.access import signed_in
from gigneo.core.accounts import fresh, use_cases
from gigneo.core.accounts.browsers import browser_name
from gigneo.core.accounts.forms import NAME_RULES, collapsed
from gigneo.core.accounts.redirects import safe_path
from gigneo.core.accounts.sessions import open_logins
from gigneo.core.current import current_runtime
from gigneo.core.forms import OwnWords
from gigneo.core.requests import read, write
from gigneo.core.translations import lazy_gettext as _l
from gigneo.core.translations import speaks

blueprint = Blueprint("account", __name__)

LOCALES: Final = {
    "ar": "العربية",
    "cs": "Čeština",
    "da": "Dansk",
    "de": "Deutsch",
    "el": "Ελληνικά",
    "en": "English",
    "en_GB": "English (United Kingdom)",
    "es": "Español",
    "fi": "Suomi",
    "fr": "Français",
    "he": "עברית",
    "hi": "हिन्दी",
    "hu": "Magyar",
    "id": "Indonesia",
    "it": "Italiano",
    "ja": "日本語",
    "ko": "한국어",
    "nb": "Norsk bokmål",
    "nl": "Nederlands",
    "pl": "Polski",
    "pt": "Português",
    "pt_BR": "Português (Brasil)",
    "ro": "Română",
    "ru": "Русский",
    "sv": "Svenska",
    "tr": "Türkçe",
    "uk": "Українська",
    "vi": "Tiếng Việt",
    "zh": "中文",
}
"""Languages and regions by code, each as it calls itself; those that the site speaks are offered. Asking Babel for the names
would load a megabyte of data for each."""


@lru_cache(maxsize=1)
def _time_zones() -> tuple[str, ...]:
    """Return the names of the time zones; to find them, the whole folder of them is walked."""
    return tuple(sorted(zone for zone in available_timezones() if "/" in zone or zone == "UTC"))


class Profile(OwnWords, FlaskForm):
    """How others see the person, and how the person sees dates and amounts."""

    name = StringField(_l("Name"), filters=[collapsed], validators=NAME_RULES, render_kw={"autocomplete": "name"})
    locale = SelectField(_l("Language and formats"))
    time_zone = SelectField(_l("Time zone"))

    def __init__(self, **kwargs: object) -> None:
        super().__init__(**kwargs)
        self.locale.choices = [SelectChoice("", _("As my browser says"))] + [
            SelectChoice(code, name) for code, name in LOCALES.items() if speaks(code)
        ]
        self.time_zone.choices = [SelectChoice("", _("As the site has it"))] + [
            SelectChoice(zone, zone.replace("_", " ")) for zone in _time_zones()
        ]


class ChangePassword(OwnWords, FlaskForm):
    """A new password. The old one was proven by the fresh log-in."""

    password = PasswordField(
        _l("New password"), validators=[InputRequired(_l("Choose a password."))], render_kw={"autocomplete": "new-password"}
    )
    again = PasswordField(
        _l("Once more"),
        validators=[EqualTo("password", _l("The two are not the same."))],
        render_kw={"autocomplete": "new-password"},
    )


@blueprint.route("/account", methods=["GET", "POST"])
@signed_in
def page() -> ResponseReturnValue:
    """Show the account, and change name, language and time zone."""
    person = g.person
    form = Profile(data={"name": person.name, "locale": person.locale or "", "time_zone": person.time_zone or ""})
    if request.method == "POST" and form.validate():
        with write() as session:
            use_cases.change_profile(session, person.id, form.name.data, form.locale.data or None, form.time_zone.data or None)
        flash(_("Your account is saved."), "success")
        return redirect(url_for("account.page"), 303)
    logins = open_logins(read(), person.id, current_runtime().clock.now())
    html = render_template("account/account.html", form=form, logins=logins, browser_name=browser_name)
    return html, 422 if form.errors else 200


@blueprint.route("/account/password", methods=["GET", "POST"])
@signed_in(fresh=True)
def password() -> ResponseReturnValue:
    """Change the password; every other log-in ends."""
    form = ChangePassword()
    if request.method == "POST" and form.validate():
        hashed, faults = use_cases.hashed_password(form.password.data, (g.person.email, g.person.name))
        if faults:
            form.password.errors = [*form.password.errors, *faults]
        else:
            with write() as session:
                use_cases.change_password(session, g.person.id, hashed, keep_session_id=g.person.session_id)
            flash(_("Your password is changed. Everywhere else you are logged out."), "success")
            return redirect(url_for("account.page"), 303)
    return render_template("account/password.html", form=form), 422 if form.errors else 200


@blueprint.post("/account/log-out-everywhere")
@signed_in
def log_out_everywhere() -> ResponseReturnValue:
    """End every log-in of the person, this one too."""
    with write() as session:
        use_cases.log_out_everywhere(session, g.person.id)
    cookie.clear()
    flash(_("You are logged out everywhere."), "success")
    return redirect(url_for("security.login"), 303)


@blueprint.get("/account/prove")
@signed_in
def prove_page() -> ResponseReturnValue:
    """Ask for the password, before a page that wants a fresh log-in."""
    return redirect(_next(), 303) if _is_fresh() else fresh.ask_again(request)


@blueprint.post("/account/prove")
@signed_in
def prove() -> ResponseReturnValue:
    """Take the password, and go on to the page that wanted it."""
    return redirect(_next(), 303) if fresh.passed(request, g.person) else fresh.ask_again(request)


def _is_fresh() -> bool:
    return fresh.is_fresh(g.person, current_runtime().clock.now())


def _next() -> str:
    return safe_path(request.args.get("next")) or url_for("account.page")


__all__ = ["blueprint"]

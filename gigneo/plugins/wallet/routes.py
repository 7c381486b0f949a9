"""The wallet's pages: what there is, what happens to it when, the statement, and the top-up."""

import re
from typing import Final

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from gigneo.api import Refused, currency, fmt, form_key, gettext, is_demo, person, read, safe_path, setting, signed_in, write
from gigneo.plugins.wallet import queries
from gigneo.plugins.wallet.admin import add_routes as add_admin_routes
from gigneo.plugins.wallet.forms import TopUpForm
from gigneo.plugins.wallet.services import top_up as book_top_up

blueprint = Blueprint("wallet", __name__, template_folder=None)

_ID: Final = re.compile(r"[0-9]{1,18}")


@blueprint.get("/wallet")
@signed_in
def overview() -> ResponseReturnValue:
    """Show a person's money and the statement."""
    viewer = person()
    assert viewer is not None
    session, money, all_coming = read(), currency(), request.args.get("coming") == "all"
    page = queries.statement(session, viewer.id, money, before=number("before"), after=number("after"))
    return render_template(
        "wallet/overview.html",
        balances=queries.balances(session, viewer.id, money),
        upcoming=queries.upcoming(session, viewer.id, queries.MOST if all_coming else queries.SOON),
        all_coming=all_coming,
        statement=page,
        currency=money,
        first_page=number("before") is None and number("after") is None,
        can_top_up=is_demo(),
        clearing_days=setting("wallet", "clearing_days"),
        newer=url_for("wallet.overview", after=page.newer) if page.newer else None,
        older=url_for("wallet.overview", before=page.older) if page.older else None,
    )


@blueprint.get("/wallet/top-up")
@signed_in
def top_up() -> ResponseReturnValue:
    """Ask how much to bring in, by play money on a demo marketplace."""
    needed = number("needed")
    form = TopUpForm(data={"amount": needed} if needed else {})
    return _top_up_page(form, form_key(), _way_back(request.args.get("next")), needed), 200


@blueprint.post("/wallet/top-up")
@signed_in
def book() -> ResponseReturnValue:
    """Book the top-up, and go on to where the person came from."""
    viewer = person()
    assert viewer is not None
    form = TopUpForm(request.form)
    key, way_back = request.form.get("form_key", ""), _way_back(request.form.get("next"))
    status = 422
    if form.validate():
        amount_minor: int = form.amount.data  # type: ignore[assignment]
        try:
            with write() as session:
                book_top_up(session, viewer.id, amount_minor, key)
        except Refused as refusal:
            form.amount.errors, status = [str(refusal.reason)], 422 if refusal.field is not None else 409
            if refusal.code in {"key_reused", "key_missing"}:
                key = form_key()
        else:
            amount = fmt.money(amount_minor, currency())
            flash(gettext("%(amount)s are in your wallet.", amount=amount), "success")
            return redirect(way_back or url_for("wallet.overview"), 303)
    return _top_up_page(form, key, way_back, None), status


def number(name: str) -> int | None:
    """Return a whole number from the address, or ``None`` for whatever is none."""
    given = request.args.get(name, "")
    return int(given) if _ID.fullmatch(given) else None


def _way_back(given: str | None) -> str:
    return safe_path(given) or ""


def _top_up_page(form: TopUpForm, key: str, way_back: str, needed: int | None) -> str:
    viewer = person()
    assert viewer is not None
    money = currency()
    return render_template(
        "wallet/top_up.html",
        form=form,
        form_key=key,
        next=way_back,
        needed=needed,
        currency=money,
        available=queries.available(read(), viewer.id, money),
        open=is_demo(),
        least=setting("wallet", "top_up_min"),
        most=setting("wallet", "top_up_max"),
    )


add_admin_routes(blueprint)

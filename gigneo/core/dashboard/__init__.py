"""The dashboard: a person's first page, made of what modules contribute."""

from flask import Blueprint, g, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from gigneo.core.access import signed_in

blueprint = Blueprint("dashboard", __name__)


@blueprint.get("/dashboard")
@signed_in
def home() -> ResponseReturnValue:
    """Show the dashboard's home; an administrator's is the Gigneo area."""
    if g.person.is_admin and not g.person.roles & {"employer", "freelancer"}:
        return redirect(url_for("admin.home"))
    return render_template("dashboard/home.html")

"""The small public profile of somebody who sells: their record, with the formula beside each figure."""

from flask import abort, render_template
from flask.typing import ResponseReturnValue

from gigneo.api import names_of, public, read
from gigneo.plugins.orders.records import rates_of
from gigneo.plugins.orders.routes import bp


@bp.get("/people/<int:person_id>")
@public
def profile(person_id: int) -> ResponseReturnValue:
    """Show a freelancer's record to anybody. Who never had an order to deliver has none."""
    rates = rates_of(read(), person_id) if person_id < 2**63 else None
    if rates is None or not rates.finished:
        abort(404)
    name = names_of(read(), [person_id]).get(person_id)
    return render_template("orders/profile.html", name=name, rates=rates)

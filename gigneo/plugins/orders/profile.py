"""The public profile: the record of somebody who sells, with the formula beside each figure, and what modules add."""

from flask import abort, render_template
from flask.typing import ResponseReturnValue

from gigneo.api import names_of, public, read, slot
from gigneo.plugins.orders.records import rates_of
from gigneo.plugins.orders.routes import bp


@bp.get("/people/<int:person_id>")
@public
def profile(person_id: int) -> ResponseReturnValue:
    """Show to anybody what is public about somebody. Who has no record, and nothing from a module, has no profile."""
    if person_id >= 2**63:
        abort(404)
    rates = rates_of(read(), person_id)
    more = slot("person.profile", person_id=person_id, known=rates.finished > 0)
    if not rates.finished and not more.strip():
        abort(404)
    name = names_of(read(), [person_id]).get(person_id)
    return render_template("orders/profile.html", name=name, rates=rates, more=more)

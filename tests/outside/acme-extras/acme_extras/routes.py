"""The module's pages."""

from flask import Blueprint, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from acme_extras.forms import NoteForm
from acme_extras.services import add_note, count_notes
from gigneo.api import Refused, form_key, once, party, permission, person, read, signed_in, write
from gigneo.plugins.orders.api import load_party_order

bp = Blueprint("extras", __name__)


@bp.get("/extras")
@signed_in
def mine() -> ResponseReturnValue:
    """Show the person's page of the dashboard."""
    return render_template("extras/mine.html")


@bp.get("/admin/extras")
@permission("extras.manage")
def admin() -> ResponseReturnValue:
    """Show the administrator how many notes there are."""
    return render_template("extras/admin.html", count=count_notes(read()))


@bp.route("/orders/<number>/extras/add", methods=["GET", "POST"])
@party(load_party_order)
def add(number: str) -> ResponseReturnValue:
    """Show the form of a note, and add it."""
    form, author = NoteForm(request.form), person()
    assert author is not None
    if request.method == "POST" and form.validate():
        try:
            with write() as session:
                body = {"number": number, "text": form.text.data}
                once(
                    session,
                    request.form.get("form_key", ""),
                    body,
                    lambda: str(add_note(session, number, author.id, form.text.data or "").id),
                )
        except Refused as refusal:
            form.text.errors = [str(refusal.reason)]
        else:
            return redirect(url_for("orders.tab", number=number, tab="extras"), 303)
    return render_template("extras/add.html", order=g.owned, form=form, form_key=form_key()), 409 if form.errors else 200

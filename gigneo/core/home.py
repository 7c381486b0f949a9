"""The front page: a frame that modules fill through the slot ``home``."""

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from gigneo.core.access import public

blueprint = Blueprint("home", __name__)


@blueprint.get("/")
@public
def index() -> ResponseReturnValue:
    """Show the front page."""
    return render_template("home.html")

"""The Gigneo area: what administrators see and switch."""

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from gigneo.core.access import permission
from gigneo.core.admin.modules import add_routes as add_module_routes
from gigneo.core.admin.settings import add_routes as add_settings_routes

blueprint = Blueprint("admin", __name__, url_prefix="/admin")


@blueprint.get("")
@permission("admin.enter")
def home() -> ResponseReturnValue:
    """Show the administrator's home."""
    return render_template("admin/home.html")


add_module_routes(blueprint)
add_settings_routes(blueprint)

"""The pages of services: the catalogue, a service, and what a freelancer offers."""

from typing import Any

from flask import Blueprint, abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from gigneo.api import currency, person, public, read, signed_in
from gigneo.plugins.services import queries
from gigneo.plugins.services.loaders import visible

bp = Blueprint("services", __name__)
LARGEST_KEY = 2**63


@bp.get("/services")
@public
def catalogue() -> ResponseReturnValue:
    """List what is on offer, all of it or one category."""
    shelves = queries.shelves(read())
    wanted = request.args.get("category", "")
    shelf = next((shelf for shelf in shelves if shelf.slug == wanted), None)
    if wanted and shelf is None:
        return redirect(url_for("services.catalogue"), 303)
    after = _key(request.args.get("after", ""))
    cards, older = queries.published(read(), shelf.id if shelf else None, after)
    here: dict[str, Any] = {"category": wanted} if wanted else {}
    return render_template(
        "services/catalogue.html",
        shelf=shelf,
        cards=cards,
        currency=currency(),
        filters=[
            {"label": name, "url": url, "current": current, "badge": badge}
            for name, url, current, badge in [
                (None, url_for("services.catalogue"), shelf is None, sum(one.count for one in shelves)),
                *((one.name, url_for("services.catalogue", category=one.slug), one is shelf, one.count) for one in shelves),
            ]
        ],
        newer=url_for("services.catalogue", **here) if after else None,
        older=url_for("services.catalogue", **here, after=older) if older else None,
    )


@bp.get("/services/<slug>")
@public
def service(slug: str) -> ResponseReturnValue:
    """Show a service and its packages."""
    viewer = person()
    found = visible(slug, viewer)
    if found is None:
        abort(404)
    own = viewer is not None and viewer.id == found.card.freelancer_id
    return render_template("services/service.html", service=found.card, details=found, own=own, currency=currency())


@bp.get("/dashboard/services")
@signed_in
def own_services() -> ResponseReturnValue:
    """List what the viewer offers."""
    viewer = person()
    assert viewer is not None
    cards = queries.of_freelancer(read(), viewer.id)
    return render_template("services/own.html", cards=cards, currency=currency())


def _key(text: str) -> int | None:
    """Return the key of a page, or ``None`` for the first one; nonsense asks for the first one."""
    if not (text.isascii() and text.isdigit() and len(text) < 20):
        return None
    return int(text) if 0 < int(text) < LARGEST_KEY else None

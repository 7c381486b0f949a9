"""A person's notices and choices. Everything is the viewer's own; what is somebody else's does not exist."""

from typing import Final

from flask import Blueprint, flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from gigneo.api import Person, gettext, ngettext, party, person, read, signed_in, write
from gigneo.plugins.notifications.choosing import CHANNELS, choices_of, choose, kinds_for
from gigneo.plugins.notifications.keeping import follow, mark_all, mark_seen
from gigneo.plugins.notifications.queries import owned, page_of

bp = Blueprint("notifications", __name__, static_folder=None)
_PLACE: Final = 300


@bp.get("/account/notifications")
@signed_in
def listing() -> ResponseReturnValue:
    """List what the viewer was told, newest first."""
    before = _key(request.args.get("before", ""))
    page = page_of(read(), _viewer().id, before)
    return render_template("notifications/list.html", page=page, first=before is None)


@bp.post("/account/notifications/<int:notice_id>/open")
@party(lambda notice_id: owned(read(), notice_id, _viewer().id))
def follow_one(notice_id: int) -> ResponseReturnValue:
    """Follow a notice to the page that it is about; with that it is read."""
    with write() as session:
        path = follow(session, notice_id, _viewer().id)
    return redirect(path or g.owned, 303)


@bp.post("/account/notifications/read")
@signed_in
def read_all() -> ResponseReturnValue:
    """Mark as read what the viewer saw in the list; what came later stays new."""
    with write() as session:
        count = mark_all(session, _viewer().id, _key(request.form.get("up_to", "")) or 0)
    flash(ngettext("%(num)s notice is marked as read.", "%(num)s notices are marked as read.", count), "success")
    return redirect(url_for("notifications.listing"), 303)


@bp.post("/account/notifications/seen")
@signed_in
def seen() -> ResponseReturnValue:
    """Mark as read what the viewer was told about the page that is in front of them; its script asks for it."""
    place, newest = request.form.get("place", ""), _key(request.form.get("newest", ""))
    if place and len(place) <= _PLACE and newest:
        with write() as session:
            mark_seen(session, _viewer().id, place, newest)
    return "", 204


@bp.route("/account/notifications/preferences", methods=["GET", "POST"])
@signed_in
def preferences() -> ResponseReturnValue:
    """Show and keep what the viewer is told where."""
    viewer = _viewer()
    chosen = choices_of(read(), viewer.id)
    groups = kinds_for(viewer, chosen)
    if request.method == "POST":
        kinds = [kind for group in groups for kind in group.kinds]
        with write() as session:
            choose(session, viewer.id, kinds, {channel: set(request.form.getlist(channel)) for channel in CHANNELS})
        flash(gettext("Saved. It holds for everything from now on."), "success")
        return redirect(url_for("notifications.preferences"), 303)
    return render_template("notifications/preferences.html", groups=groups, channels=CHANNELS, chosen=chosen)


def _viewer() -> Person:
    viewer = person()
    assert viewer is not None
    return viewer


def _key(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and 0 < len(text) < 19 else None

"""What came since somebody looked: one statement answers that nothing did, whoever asks and however often."""

import hashlib
import json
from typing import Final

from flask import Response, g, make_response, render_template, request
from flask.typing import ResponseReturnValue

from gigneo.api import LOCALE_COOKIE, Person, party, person, read, site_revision, whole_number
from gigneo.plugins.messages.queries import NOTHING_READ, PAGE, count_unread, lines_from, newest_line, reading, seen_by_other
from gigneo.plugins.messages.showing import seen_words, show
from gigneo.plugins.orders import api as orders

look: Final = orders.glancing(newest=newest_line, seen=seen_by_other, unread=count_unread)
"""Loads what decides whether there is something new: the newest line, how far the other side is, what is unread."""


@party(look)
def new(number: str) -> ResponseReturnValue:
    """Give the lines after the one that the viewer saw last, or 304 when they would see what they see already.

    Nothing is marked as read by this. What is no line (who has seen what, how many are unread) goes beside them, as an
    event for the page's script.
    """
    glance: orders.Glance = g.owned
    viewer = person()
    assert viewer is not None
    if whole_number(request.args.get("as")) not in (None, viewer.id):
        return Response(status=409)  # the page was made for somebody else, who was logged in in this browser before
    tag = _tag(glance, viewer)
    if request.if_none_match.contains_weak(tag):
        unchanged = Response(status=304)
        unchanged.set_etag(tag, weak=True)
        return unchanged
    session = read()
    after = whole_number(request.args.get("after")) or 0
    rows = lines_from(session, glance.id, after, PAGE + 1)
    known = rows.pop(0) if rows and rows[0].id == after else None
    more, rows = len(rows) > PAGE, rows[:PAGE]
    done = reading(session, glance.id)
    mine = done.get(viewer.id, NOTHING_READ).message_id
    first = next((row.id for row in rows if row.author_id not in (None, viewer.id) and row.id > mine), None)
    lines = show(session, orders.facts(session, glance.id), viewer.id, rows, first, known) if rows else []
    others = next((each for person_id, each in done.items() if person_id != viewer.id), NOTHING_READ)
    answer = make_response(render_template("messages/new.html", lines=lines))
    told = {
        "newest": rows[-1].id if rows else max(after, 0),
        "unread": glance.numbers["unread"],
        "seen": others.message_id,
        "said": seen_words(others),
        "version": glance.version,
        "more": more,
    }
    answer.headers["HX-Trigger-After-Swap"] = json.dumps({"talk:state": told})
    if not more:
        answer.set_etag(tag, weak=True)
    return answer


def _tag(glance: orders.Glance, viewer: Person) -> str:
    """Name what a viewer would see: it is another one whenever anything of that is.

    What language and time zone are chosen by stands in it, and not the choice: that would cost a tenth of the answer.
    """
    asked = request.headers
    spoken = (viewer.locale, viewer.time_zone, request.cookies.get(LOCALE_COOKIE), asked.get("Accept-Language"))
    seen = (viewer.id, glance.id, glance.version, *glance.numbers.values(), site_revision(), *spoken)
    return hashlib.blake2b(repr(seen).encode(), digest_size=12).hexdigest()

"""Gigneo → Orders as a CSV file, with the list's filter and search: streamed, page by page, whatever its length.

The file begins with a byte order mark: without one, Excel reads UTF-8 as the system's old encoding, and every other program
skips it. A cell that a spreadsheet would take for a formula begins with an apostrophe. Times are ISO 8601 in UTC, amounts
have a point: both read the same in every country.
"""

import csv
import io
from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Any, Final

from babel.numbers import get_currency_precision
from flask import Response, request, stream_with_context
from flask.typing import ResponseReturnValue

from gigneo.api import audit, lazy_gettext, now, permission, read, sending, write
from gigneo.api import gettext as _
from gigneo.contributions import LazyText
from gigneo.plugins.orders import lists
from gigneo.plugins.orders.admin import bp
from gigneo.plugins.orders.searching import read_search
from gigneo.plugins.orders.states import MANAGE, STATES

CHUNK: Final = 500
BOM: Final = "\ufeff"
FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")
"""What a cell must not begin with: https://owasp.org/www-community/attacks/CSV_Injection."""

_l = lazy_gettext
COLUMNS: Final[tuple[tuple[LazyText, Callable[[lists.ListRow], Any]], ...]] = (
    (_l("Number"), lambda row: row.number),
    (_l("Title"), lambda row: row.title),
    (_l("Kind"), lambda row: row.kind),
    (_l("Package"), lambda row: row.package),
    (_l("State"), lambda row: STATES[row.state].label),
    (_l("Employer"), lambda row: row.employer_name),
    (_l("Freelancer"), lambda row: row.freelancer_name),
    (_l("Amount"), lambda row: Decimal(row.price_minor).scaleb(-get_currency_precision(row.currency))),
    (_l("Currency"), lambda row: row.currency),
    (_l("Placed"), lambda row: _moment(row.placed_at)),
    (_l("Due"), lambda row: _moment(row.due_at)),
    (_l("Delivered"), lambda row: _moment(row.delivered_at)),
    (_l("Finished"), lambda row: _moment(row.finished_at)),
    (_l("On hold"), lambda row: _("Yes") if row.held else _("No")),
    (_l("Flagged"), lambda row: _("Yes") if row.flagged else _("No")),
)


@bp.post("/export")
@permission(MANAGE)
def export() -> ResponseReturnValue:
    """Send all orders that the list would show. It is a form, because the audit keeps who took them."""
    show, sort, search = chosen(request.form)
    lines = sending(line.encode() for line in stream_with_context(_lines(show, sort, search)))
    with write() as session:
        audit(session, "orders.exported", "orders", {"show": show.name, "sort": sort, "search": search.text})
    at = now()
    name = f"orders-{at:%Y-%m-%d}.csv"
    return Response(
        lines,
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"},
    )


def chosen(given: Any) -> tuple[lists.Filter, str, Any]:
    """Return the filter, the order and the search of a list, as its address or a form on it names them."""
    show = lists.ADMIN_FILTERS.get(given.get("show", "all"), lists.ADMIN_FILTERS["all"])
    sort = given.get("sort", "newest") if show.by_due else "newest"
    return show, sort if sort in lists.SORTS else "newest", read_search(given.get("q", ""))


def _lines(show: lists.Filter, sort: str, search: Any) -> Iterator[str]:
    """Read one page after the other, each in a transaction of its own, so that a slow reader keeps nothing open."""
    yield BOM + _written([[str(label) for label, _value in COLUMNS]])
    at, cursor = now(), None
    while True:
        page = lists.every_order(read(), show, sort, cursor, at, search, CHUNK)
        read().close()
        if page.rows:
            yield _written([[harmless(value(row)) for _label, value in COLUMNS] for row in page.rows])
        cursor = page.older
        if cursor is None:
            return


def harmless(value: Any) -> str:
    """Return a cell that no spreadsheet computes."""
    text = str(value)
    return f"'{text}" if text.startswith(FORMULA) else text


def _written(rows: list[list[str]]) -> str:
    out = io.StringIO()
    csv.writer(out, quoting=csv.QUOTE_ALL).writerows(rows)
    return out.getvalue()


def _moment(when: Any) -> str:
    return "" if when is None else when.strftime("%Y-%m-%dT%H:%M:%SZ")

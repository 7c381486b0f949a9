"""What the Attachments tab shows: a page of the order's files, what each is and came with, and the form to add some."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from flask import request, url_for
from sqlmodel import Session

from gigneo.api import Person, contributions, form_key, gettext, whole_number
from gigneo.contributions import LazyText
from gigneo.hooks import FileOrigin, OrderFacts
from gigneo.plugins.orders.attaching import why_it_stays
from gigneo.plugins.orders.file_rows import PAGE, FileRow, last_act_of_others, newest_files, origins_by_kind
from gigneo.plugins.orders.filing import file_limits
from gigneo.plugins.orders.forms import FILE_KINDS, AttachmentForm


@dataclass(frozen=True, slots=True)
class Shown:
    """A file as the tab shows it.

    Attributes:
        file: the row.
        origin: with what it came, in words.
        origin_url: where that is shown, when its module says so.
        kind: what it is, in words.
        remove: where it can be taken back, when the viewer can do that now.
    """

    file: FileRow
    origin: LazyText
    origin_url: str | None
    kind: LazyText
    remove: str | None


def load_attachments(order: OrderFacts, person: Person, session: Session) -> Mapping[str, Any]:
    """Load a page of the order's files, newest first, and the form to add some."""
    kinds = dict(FILE_KINDS)
    kind = request.args.get("kind", "")
    kind = kind if kind in kinds else ""
    before = whole_number(request.args.get("before")) or None
    rows = newest_files(session, order.id, PAGE + 1, kind, before)
    page = rows[:PAGE]
    here: dict[str, Any] = {"number": order.number, "tab": "attachments", "kind": kind or None}
    return {
        "files": _shown(page, order, person, session),
        "form": AttachmentForm(),
        "form_key": form_key(),
        "chips": _chips(order, kind),
        "kind_chosen": kind,
        "older": url_for("orders.tab", **here, before=page[-1].id) if len(rows) > PAGE else None,
        "newer": url_for("orders.tab", **here) if before else None,
        "limits": file_limits(),
    }


def _shown(rows: list[FileRow], order: OrderFacts, person: Person, session: Session) -> list[Shown]:
    origins, kinds = contributions().derived(origins_by_kind), dict(FILE_KINDS)
    mine = any(row.by_id == person.id and not row.origin_kind for row in rows)
    others = last_act_of_others(session, order.id, person.id) if mine else None
    return [
        Shown(
            row,
            *_origin(origins.get(row.origin_kind), row, order.number),
            kinds.get(row.kind, ""),
            None
            if why_it_stays(order, person.id, row.by_id, row.origin_kind, row.at, others)
            else url_for("orders.remove_file", number=order.number, file_id=row.id),
        )
        for row in rows
    ]


def _origin(origin: FileOrigin | None, row: FileRow, number: str) -> tuple[LazyText, str | None]:
    """Return with what a file came, in words, and where that is shown."""
    if origin is None:
        return (gettext("Another module") if row.origin_kind else gettext("Upload")), None
    if origin.link is None or row.origin_id is None:
        return origin.label, None
    return origin.label, origin.link(number, row.origin_id)


def _chips(order: OrderFacts, chosen: str) -> list[dict[str, Any]]:
    choices = (("", gettext("All")), *FILE_KINDS)
    return [
        {
            "label": label,
            "url": url_for("orders.tab", number=order.number, tab="attachments", kind=name or None),
            "current": name == chosen,
        }
        for name, label in choices
    ]

"""Downloads: permission from the thing that owns the file, bytes streamed, always safe to open."""

from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import quote

import sqlalchemy as sa
from flask import Blueprint, Response, g, request
from sqlmodel import col

from gigneo.core.access import party
from gigneo.core.current import current_runtime, current_site
from gigneo.core.files.models import StoredFile
from gigneo.core.headers import SANDBOXED
from gigneo.core.requests import close_read_session, read

blueprint = Blueprint("files", __name__)


def load_readable_file(file_id: int) -> StoredFile | None:
    """Return a file that the current person may read, or ``None``: for others it does not exist."""
    if file_id >= 2**63:
        return None
    row = read().get(StoredFile, file_id)
    if row is None:
        return None
    for owner in current_site().contributions.file_owners:
        if owner.kind == row.owner_kind:
            return row if owner.may_read(g.person, row.owner_id, read()) else None
    return None


@blueprint.get("/files/<int:file_id>")
@party(load_readable_file)
def download(file_id: int) -> Response:
    """Send a file's bytes, whole or a range, as an attachment that no browser runs."""
    row: StoredFile = g.owned
    close_read_session()
    request.environ[SANDBOXED] = True
    start, end, status = _range(row.size_bytes)
    if status == 416:
        return Response(status=416, headers={"Content-Range": f"bytes */{row.size_bytes}"})
    body = current_runtime().storage.stream(row.storage_key, start, end) if request.method == "GET" else ()
    headers = {
        "Content-Length": str(end - start),
        "Content-Disposition": f"attachment; filename=\"download\"; filename*=UTF-8''{quote(row.name, safe='')}",
        "Accept-Ranges": "bytes",
        "Cache-Control": "private, no-store",
        "ETag": f'"{row.sha256}"',
    }
    if status == 206:
        headers["Content-Range"] = f"bytes {start}-{end - 1}/{row.size_bytes}"
    return Response(body, status, headers, content_type=row.content_type, direct_passthrough=True)


def _range(size: int) -> tuple[int, int, int]:
    """Return start, end (exclusive) and status of the one range that is asked for; several are answered whole."""
    wanted = request.range
    if wanted is None or wanted.units != "bytes" or len(wanted.ranges) != 1:
        return 0, size, 200
    bounds = wanted.range_for_length(size)
    return (0, 0, 416) if bounds is None else (bounds[0], bounds[1], 206)


def files_of(owner_kind: str, owner_ids: Iterable[int]) -> Mapping[int, list[Any]]:
    """Return the files of several owners of one kind, oldest first, by owner.

    Args:
        owner_kind: as in ``orders.order``.
        owner_ids: whose files; no owners, no files.
    """
    ids = [owner_id for owner_id in owner_ids if owner_id is not None]
    files: dict[int, list[Any]] = {owner_id: [] for owner_id in ids}
    if not ids:
        return files
    columns = (
        col(StoredFile.id),
        col(StoredFile.owner_id),
        col(StoredFile.name),
        col(StoredFile.size_bytes),
        col(StoredFile.content_type),
        col(StoredFile.kind),
        col(StoredFile.uploaded_by),
        col(StoredFile.created_at),
    )
    statement = sa.select(*columns).where(col(StoredFile.owner_kind) == owner_kind, col(StoredFile.owner_id).in_(ids))
    for row in read().execute(statement.order_by(col(StoredFile.id))):
        files[row.owner_id].append(row)
    return files

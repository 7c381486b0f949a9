"""Downloads: permission from the thing that owns the file, bytes streamed, always safe to open."""

from collections.abc import Iterable, Mapping
from datetime import timedelta
from types import MappingProxyType
from typing import Any, Final

import sqlalchemy as sa
import structlog
from flask import Blueprint, Response, abort, g, request
from sqlmodel import col

from gigneo.core.access import party
from gigneo.core.current import current_runtime, current_site
from gigneo.core.files.models import StoredFile
from gigneo.core.files.previews import MEDIA_TYPE
from gigneo.core.files.storage import attachment
from gigneo.core.files.types import told_type
from gigneo.core.headers import SANDBOXED
from gigneo.core.requests import close_read_session, read

blueprint = Blueprint("files", __name__)
log = structlog.get_logger("gigneo.files")

AT_ONCE_BYTES: Final = 64 * 1024
"""So much leaves at once, whatever the line; what is larger keeps a place among what is sent."""
LINK_LIVES: Final = timedelta(minutes=1)
UNCACHED: Final[Mapping[str, str]] = MappingProxyType({"Cache-Control": "private, no-store"})


def load_readable_file(file_id: int) -> StoredFile | None:
    """Return a file that the current person may read, or ``None``: for others it does not exist."""
    if file_id >= 2**63:
        return None
    row = read().get(StoredFile, file_id)
    if row is None:
        return None
    for owner in current_site().contributions.file_owners:
        if owner.kind == row.owner_kind:
            return row if owner.may_read(g.person, row, read()) else None
    return None


@blueprint.get("/files/<int:file_id>")
@party(load_readable_file)
def download(file_id: int) -> Response:
    """Send a file's bytes, whole or a range, as an attachment that no browser runs; or lead to a bucket that does so."""
    row: StoredFile = g.owned
    close_read_session()
    request.environ[SANDBOXED] = True
    storage = current_runtime().storage
    if request.method == "GET" and (link := storage.link(row.storage_key, LINK_LIVES)) is not None:
        return Response(status=302, headers={"Location": link, **UNCACHED})
    start, end, status = _range(row)
    if status == 416:
        return Response(status=416, headers={"Content-Range": f"bytes */{row.size_bytes}"})
    headers = {
        "Content-Length": str(end - start),
        "Content-Disposition": attachment(row.name),
        "Accept-Ranges": "bytes",
        "ETag": f'"{row.sha256}"',
        **UNCACHED,
    }
    if status == 206:
        headers["Content-Range"] = f"bytes {start}-{end - 1}/{row.size_bytes}"
    return Response(
        _bytes(row.storage_key, end - start, start, end),
        status,
        headers,
        content_type=told_type(row.content_type),
        direct_passthrough=True,
    )


@blueprint.get("/files/<int:file_id>/preview")
@party(load_readable_file)
def preview(file_id: int) -> Response:
    """Send the small picture that was drawn of a picture. A browser may keep it, and asks each time whether it still may."""
    row: StoredFile = g.owned
    close_read_session()
    if row.preview_key is None:
        abort(404)
    request.environ[SANDBOXED] = True
    headers = {"Cache-Control": "private, no-cache", "ETag": f'"{row.sha256}-preview"'}
    if request.if_none_match.contains(f"{row.sha256}-preview"):
        return Response(status=304, headers=headers)
    return Response(_bytes(row.preview_key), 200, headers, content_type=MEDIA_TYPE, direct_passthrough=True)


def _bytes(key: str, size_bytes: int = 0, start: int = 0, end: int | None = None) -> Iterable[bytes]:
    """Return a blob's bytes; one that is gone, which ``gigneo doctor`` names, does not exist for people either.

    Args:
        key: the blob.
        size_bytes: how much is sent; a place is kept for what may take long.
        start: the first byte.
        end: the one behind the last; ``None`` for all.

    Raises:
        NoPlace: too much is being sent.
    """
    if request.method != "GET":
        return ()
    runtime = current_runtime()
    try:
        pieces = runtime.storage.stream(key, start, end)
    except FileNotFoundError:
        log.error("a file has no bytes", key=key)
        abort(404)
    return pieces if size_bytes <= AT_ONCE_BYTES else runtime.places.send(pieces)


def _range(row: StoredFile) -> tuple[int, int, int]:
    """Return start, end (exclusive) and status of the one range that is asked for; several are answered whole."""
    wanted, unless = request.range, request.if_range
    if wanted is None or wanted.units != "bytes" or len(wanted.ranges) != 1:
        return 0, row.size_bytes, 200
    if unless.date is not None or unless.etag not in (None, row.sha256):
        return 0, row.size_bytes, 200
    bounds = wanted.range_for_length(row.size_bytes)
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

"""Takes what people send: type by name and by content, size counted, bytes kept under a generated key, then a row."""

import hashlib
import re
import unicodedata
from typing import Any, BinaryIO

import puremagic
import structlog
from flask_babel import gettext as _
from sqlmodel import Session
from werkzeug.datastructures import FileStorage

from gigneo.core.crash import crash_point
from gigneo.core.current import current_runtime
from gigneo.core.files.models import StoredFile
from gigneo.core.files.types import ALLOWED, ANY_TEXT
from gigneo.core.formats import size
from gigneo.core.refusals import Refused

log = structlog.get_logger("gigneo.files")

NAME_BYTES = 200
HEAD_BYTES = 64 * 1024
CHUNK_BYTES = 1024 * 1024
PIXELS = 80_000_000


def check_upload(upload: FileStorage, max_bytes: int | None = None) -> str:
    """Judge a file before anything is kept.

    Args:
        upload: as it came with the form.
        max_bytes: the limit; the configuration's when absent.

    Returns:
        Its media type.

    Raises:
        Refused: it is empty, too large, or no allowed type; the reason names the file and what to do.
    """
    name = clean_name(upload.filename)
    limit = max_bytes or current_runtime().config.uploads.max_mb * 1024 * 1024
    stream: BinaryIO = upload.stream  # type: ignore[assignment]
    stream.seek(0, 2)
    length = stream.tell()
    stream.seek(0)
    if length == 0:
        raise Refused(_("%(name)s is empty. Choose the file again.", name=name), code="file_empty", field="files")
    if length > limit:
        raise Refused(
            _(
                "%(name)s has %(size)s; the limit is %(limit)s. Compress it, or share a link.",
                name=name,
                size=size(length),
                limit=size(limit),
            ),
            code="file_too_large",
            field="files",
        )
    media_type = _media_type(name, stream)
    stream.seek(0)
    if media_type is None:
        endings = ", ".join(sorted(ALLOWED))
        raise Refused(
            _(
                "%(name)s can't be sent: it is not an allowed kind of file, or its content is not what its name says. "
                "Allowed: %(endings)s.",
                name=name,
                endings=endings,
            ),
            code="file_type",
            field="files",
        )
    return media_type


def save_upload(
    session: Session, upload: FileStorage, owner_kind: str, owner_id: int, *, uploaded_by: int, kind: str = ""
) -> StoredFile:
    """Keep a file: its bytes first, then its row, so that there is never a row without bytes.

    Args:
        session: the action's writing transaction.
        upload: as it came with the form.
        owner_kind: a contributed file owner, as in ``orders.order``.
        owner_id: the thing that owns it.
        uploaded_by: the person.
        kind: what the person says it is.

    Raises:
        Refused: see :func:`check_upload`.
    """
    media_type = check_upload(upload)
    runtime = current_runtime()
    stream: BinaryIO = upload.stream  # type: ignore[assignment]
    digest, length = hashlib.sha256(), 0
    while chunk := stream.read(CHUNK_BYTES):
        digest.update(chunk)
        length += len(chunk)
    key = runtime.storage.put(stream)
    crash_point("after-blob")
    row = StoredFile(
        storage_key=key,
        name=clean_name(upload.filename),
        content_type=media_type,
        size_bytes=length,
        sha256=digest.hexdigest(),
        owner_kind=owner_kind,
        owner_id=owner_id,
        kind=kind,
        uploaded_by=uploaded_by,
        created_at=runtime.clock.now(),
    )
    session.add(row)
    session.flush()
    return row


def content_of(upload: FileStorage) -> list[str | int]:
    """Return what tells a file from another one: its name, its size in bytes, and the SHA-256 of its content."""
    stream: Any = upload.stream
    stream.seek(0)
    digest = hashlib.file_digest(stream, "sha256").hexdigest()
    size_bytes = stream.tell()
    stream.seek(0)
    return [upload.filename or "", size_bytes, digest]


def clean_name(name: str | None) -> str:
    """Return a file's name as it may be shown and sent: no folders, no control or direction characters, not too long."""
    text = unicodedata.normalize("NFC", (name or "").replace("\\", "/").rsplit("/", 1)[-1])
    text = "".join(char for char in text if unicodedata.category(char) not in {"Cc", "Cf", "Cs", "Co", "Cn"}).strip(" .")
    text = re.sub(r'[<>:"|?*]', "_", text) or "file"
    stem, dot, ending = text.rpartition(".")
    while len(text.encode()) > NAME_BYTES and stem:
        stem = stem[:-1]
        text = f"{stem}{dot}{ending}"
    return text if len(text.encode()) <= NAME_BYTES else "file"


def _media_type(name: str, stream: BinaryIO) -> str | None:
    """Return the type when the name's ending is allowed and the content is what it says, otherwise ``None``."""
    ending = name.rpartition(".")[2].lower() if "." in name else ""
    allowed = ALLOWED.get(ending)
    if allowed is None:
        return None
    head = stream.read(HEAD_BYTES)
    if allowed == (ANY_TEXT,):
        return "text/plain" if _is_text(head) else None
    try:
        found = {match.mime_type for match in puremagic.magic_string(head)}
    except puremagic.PureError:
        return None
    if not found & set(allowed):
        return None
    if allowed[0] in {"image/png", "image/jpeg", "image/gif", "image/webp"} and not _is_picture(stream):
        return None
    return allowed[0]


def _is_text(head: bytes) -> bool:
    try:
        text = head.decode("utf-8")
    except UnicodeDecodeError as error:
        if len(head) < HEAD_BYTES or error.start < len(head) - 4:
            return False
        text = head[: error.start].decode("utf-8")
    return "\x00" not in text and not text.lstrip("\ufeff \t\r\n").lower().startswith(
        ("<!doctype", "<html", "<svg", "<?xml", "<script")
    )


def _is_picture(stream: BinaryIO) -> bool:
    """Whether a picture can be what it says; pixels are counted from its header, before anything is decoded."""
    from PIL import Image  # here, because most workers never see a picture come in

    stream.seek(0)
    try:
        with Image.open(stream) as picture:
            if picture.width * picture.height > PIXELS:
                return False
            picture.verify()
    except Exception:
        return False
    return True

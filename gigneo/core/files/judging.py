"""Judges what people send before anything is kept: name, size, type by ending and by content."""

import re
import unicodedata
from collections.abc import Collection
from dataclasses import dataclass
from typing import BinaryIO, Final

import puremagic
from flask_babel import gettext as _
from werkzeug.datastructures import FileStorage

from gigneo.core.current import current_runtime
from gigneo.core.files.types import ALLOWED, ANY_TEXT, PICTURES, PIXELS
from gigneo.core.formats import size
from gigneo.core.refusals import Refused

NAME_BYTES: Final = 200
HEAD_BYTES: Final = 64 * 1024
DEVICES: Final = frozenset(
    {"con", "prn", "aux", "nul", *(f"{port}{number}" for port in ("com", "lpt") for number in range(1, 10))}
)
"""Names that Windows keeps for its devices, whatever ending follows: such a file can't be saved there."""

UNSHOWN: Final = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
"""Unicode's categories of what nobody sees in a name: control, direction, half and private characters, line breaks."""


@dataclass(frozen=True, slots=True)
class UploadRules:
    """What may be sent, as an operator chose it.

    Attributes:
        max_bytes: the largest file; the configuration's limit holds besides. ``None`` leaves that one alone.
        endings: the allowed endings, in small letters without a dot; never more than :data:`ALLOWED` has. ``None`` for all.
        day_bytes: how much one person may send on a day, UTC; ``None`` for no limit.
    """

    max_bytes: int | None = None
    endings: Collection[str] | None = None
    day_bytes: int | None = None

    @property
    def limit_bytes(self) -> int:
        """The largest file that may be sent."""
        site = current_runtime().config.uploads.max_mb * 1024 * 1024
        return int(site if self.max_bytes is None else min(site, self.max_bytes))

    @property
    def allowed(self) -> list[str]:
        """The endings that may be sent, sorted."""
        return sorted(ALLOWED if self.endings is None else set(self.endings) & ALLOWED.keys())


NO_RULES: Final = UploadRules()


def check_upload(upload: FileStorage, rules: UploadRules = NO_RULES) -> str:
    """Judge a file before anything is kept.

    Args:
        upload: as it came with the form.
        rules: what may be sent; the configuration's limit and every known type when absent.

    Returns:
        Its media type.

    Raises:
        Refused: it is empty, too large, or no allowed type; the reason names the file and what to do.
    """
    name = clean_name(upload.filename)
    stream: BinaryIO = upload.stream  # type: ignore[assignment]
    stream.seek(0, 2)
    length = stream.tell()
    stream.seek(0)
    if length == 0:
        raise Refused(_("%(name)s is empty. Choose the file again.", name=name), code="file_empty", field="files")
    if length > rules.limit_bytes:
        raise Refused(
            _(
                "%(name)s has %(size)s; the limit is %(limit)s. Compress it, or share a link.",
                name=name,
                size=size(length),
                limit=size(rules.limit_bytes),
            ),
            code="file_too_large",
            field="files",
        )
    media_type = _media_type(name, stream, rules.allowed)
    stream.seek(0)
    if media_type is None:
        raise Refused(
            _(
                "%(name)s can't be sent: it is not an allowed kind of file, or its content is not what its name says. "
                "Allowed: %(endings)s.",
                name=name,
                endings=", ".join(rules.allowed),
            ),
            code="file_type",
            field="files",
        )
    return media_type


def clean_name(name: str | None) -> str:
    """Return a file's name as it may be shown and sent: no folders, no control or direction characters, not too long."""
    text = unicodedata.normalize("NFC", (name or "").replace("\\", "/").rsplit("/", 1)[-1])
    text = "".join(" " if unicodedata.category(char) == "Zs" else char for char in text)
    text = "".join(char for char in text if unicodedata.category(char) not in UNSHOWN).strip(" .")
    text = re.sub(r'[<>:"|?*]', "_", text) or "file"
    if text.partition(".")[0].strip().lower() in DEVICES:
        text = f"_{text}"
    stem, dot, ending = text.rpartition(".")
    while len(text.encode()) > NAME_BYTES and stem:
        stem = stem[:-1]
        text = f"{stem}{dot}{ending}"
    return text if len(text.encode()) <= NAME_BYTES else "file"


def _media_type(name: str, stream: BinaryIO, endings: Collection[str]) -> str | None:
    """Return the type when the name's ending is allowed and the content is what it says, otherwise ``None``."""
    ending = name.rpartition(".")[2].lower() if "." in name else ""
    if ending not in endings:
        return None
    allowed = ALLOWED[ending]
    head = stream.read(HEAD_BYTES)
    if allowed == (ANY_TEXT,):
        return "text/plain" if _is_text(head) else None
    try:
        found = {match.mime_type for match in puremagic.magic_string(head)}
    except puremagic.PureError:
        return None
    if not found & set(allowed):
        return None
    if allowed[0] in PICTURES and not _is_picture(stream, allowed[0]):
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


def _is_picture(stream: BinaryIO, media_type: str) -> bool:
    """Whether a picture can be what it says; pixels are counted from its header, before anything is decoded."""
    from PIL import Image  # here, because most workers never see a picture come in

    stream.seek(0)
    try:
        with Image.open(stream, formats=[PICTURES[media_type]]) as picture:
            if picture.width * picture.height > PIXELS:
                return False
            picture.verify()
    except Exception:
        return False
    return True

"""What may be uploaded: a table of endings, each with the types that its content may turn out to be."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

ANY_TEXT: Final = "text/"

ALLOWED: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType(
    {
        "pdf": ("application/pdf",),
        "png": ("image/png",),
        "jpg": ("image/jpeg",),
        "jpeg": ("image/jpeg",),
        "gif": ("image/gif",),
        "webp": ("image/webp",),
        "psd": ("image/vnd.adobe.photoshop", "image/x-photoshop", "application/x-photoshop"),
        "ai": ("application/pdf", "application/postscript"),
        "zip": ("application/zip",),
        "docx": ("application/zip", "application/vnd.openxmlformats-officedocument.wordprocessingml.document"),
        "xlsx": ("application/zip", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
        "pptx": ("application/zip", "application/vnd.openxmlformats-officedocument.presentationml.presentation"),
        "odt": ("application/zip", "application/vnd.oasis.opendocument.text"),
        "mp3": ("audio/mpeg",),
        "wav": ("audio/wav", "audio/wave", "audio/x-wav"),
        "mp4": ("video/mp4",),
        "txt": (ANY_TEXT,),
        "md": (ANY_TEXT,),
        "csv": (ANY_TEXT,),
    }
)
"""Nothing that a browser would run: no HTML, no SVG, no scripts, no programs."""

PICTURES: Final[Mapping[str, str]] = MappingProxyType(
    {"image/png": "PNG", "image/jpeg": "JPEG", "image/gif": "GIF", "image/webp": "WEBP"}
)
"""The types that can be looked at before they are fetched, each with Pillow's name of its only decoder."""
PIXELS: Final = 80_000_000
"""More than this a picture may not have; counted from its header, before anything is decoded."""


def told_type(content_type: str) -> str:
    """Return a file's media type as a browser is told it: text was found to be UTF-8."""
    return f"{content_type}; charset=utf-8" if content_type.startswith(ANY_TEXT) else content_type

"""Files for the demo, made in code: a PDF that opens, a PNG that shows something, a text."""

import struct
import zlib
from io import BytesIO
from random import Random

from werkzeug.datastructures import FileStorage

PNG_WIDTH, PNG_HEIGHT, BAND = 480, 320, 40


def pdf(name: str, lines: list[str]) -> FileStorage:
    """Make a PDF of one page.

    Args:
        name: the file's name.
        lines: what stands on it; the first line is larger.
    """
    texts = [
        f"BT /F1 {24 if number == 0 else 12} Tf 64 {760 - 26 * number} Td ({_escaped(line)}) Tj ET"
        for number, line in enumerate(lines)
    ]
    content = "\n".join(texts).encode("cp1252", "replace")
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R /Resources << /Font << /F1 5 0 R >> >> >>",
        b"<< /Length %d >>\nstream\n%s\nendstream" % (len(content), content),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>",
    ]
    body, offsets = b"%PDF-1.4\n%\xe2\xe3\xcf\xd3\n", []
    for number, described in enumerate(objects, 1):
        offsets.append(len(body))
        body += b"%d 0 obj\n%s\nendobj\n" % (number, described)
    table = b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    start = len(body)
    body += b"xref\n0 6\n0000000000 65535 f \n" + table
    body += b"trailer\n<< /Size 6 /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % start
    return _file(name, body, "application/pdf")


def png(name: str, rng: Random) -> FileStorage:
    """Make a picture of coloured bands.

    Args:
        name: the file's name.
        rng: draws the colours.
    """
    columns = [bytes(rng.randrange(70, 236) for _ in range(3)) for _ in range(PNG_WIDTH // BAND)]
    row = b"\x00" + b"".join(colour * BAND for colour in columns)
    body = b"\x89PNG\r\n\x1a\n" + b"".join(
        (
            _chunk(b"IHDR", struct.pack(">IIBBBBB", PNG_WIDTH, PNG_HEIGHT, 8, 2, 0, 0, 0)),
            _chunk(b"IDAT", zlib.compress(row * PNG_HEIGHT, 9)),
            _chunk(b"IEND", b""),
        )
    )
    return _file(name, body, "image/png")


def text(name: str, lines: list[str]) -> FileStorage:
    """Make a text file."""
    return _file(name, ("\n".join(lines) + "\n").encode(), "text/plain")


def _file(name: str, body: bytes, media_type: str) -> FileStorage:
    return FileStorage(BytesIO(body), filename=name, name="files", content_type=media_type)


def _chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def _escaped(line: str) -> str:
    return line.replace("\\", "\\\\").replace("(", "\\(").replace(")", "\\)")

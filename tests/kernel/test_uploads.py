"""What may be sent: judged by name and by content, refused with the file's name and what to do."""

import io
import struct
import zlib

import pytest
from werkzeug.datastructures import FileStorage

from gigneo.core.files.judging import UploadRules, check_upload, clean_name
from gigneo.core.refusals import Refused

PDF = b"%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"


def png(width: int, height: int) -> bytes:
    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    rows = zlib.compress(b"\x00" * (min(width, 10) + 1) * min(height, 10))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


def upload(name: str, content: bytes) -> FileStorage:
    return FileStorage(io.BytesIO(content), filename=name)


@pytest.mark.parametrize(
    ("name", "content", "media_type"),
    [
        ("contract.pdf", PDF, "application/pdf"),
        ("CONTRACT.PDF", PDF, "application/pdf"),
        ("picture.png", png(10, 10), "image/png"),
        ("notes.txt", "Grüße, ١٢ and 🎉".encode(), "text/plain"),
        ("table.csv", b"a,b\n1,2\n", "text/plain"),
    ],
)
def test_what_is_what_it_says_may_be_sent(app_context: None, name: str, content: bytes, media_type: str) -> None:
    assert check_upload(upload(name, content)) == media_type


@pytest.mark.parametrize(
    ("name", "content", "code"),
    [
        ("empty.pdf", b"", "file_empty"),
        ("page.html", b"<html></html>", "file_type"),
        ("picture.svg", b"<svg onload=alert(1)>", "file_type"),
        ("program.exe", b"MZ\x90\x00", "file_type"),
        ("shell.php", b"<?php system('id');", "file_type"),
        ("contract.pdf.exe", PDF, "file_type"),
        ("no-ending", PDF, "file_type"),
        (".htaccess", b"deny", "file_type"),
        ("page.txt", b"  <!DOCTYPE html><script>alert(1)</script>", "file_type"),
        ("vector.txt", b"\xef\xbb\xbf<svg xmlns='http://www.w3.org/2000/svg'>", "file_type"),
        ("binary.txt", b"text\x00with a NUL", "file_type"),
        ("latin.txt", b"caf\xe9", "file_type"),
        ("not-a.pdf", b"GIF89a" + b"\x00" * 40, "file_type"),
        ("not-a.png", PDF, "file_type"),
        ("cut.png", png(10, 10)[:30], "file_type"),
        ("bomb.png", png(50_000, 50_000), "file_type"),
    ],
)
def test_what_could_harm_or_is_something_else_is_refused_by_name(app_context: None, name: str, content: bytes, code: str) -> None:
    with pytest.raises(Refused) as refused:
        check_upload(upload(name, content))
    assert refused.value.code == code
    assert clean_name(name) in str(refused.value)


def test_a_file_over_the_limit_is_refused_with_both_sizes(app_context: None) -> None:
    with pytest.raises(Refused, match="limit") as refused:
        check_upload(upload("large.txt", b"x" * 2001), UploadRules(max_bytes=2000))
    assert refused.value.code == "file_too_large"


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("../../etc/passwd.txt", "passwd.txt"),
        ("C:\\fake\\contract.pdf", "contract.pdf"),
        ("a\r\nSet-Cookie: x.pdf", "aSet-Cookie_ x.pdf"),
        ("zero\x00.pdf", "zero.pdf"),
        ("CON.pdf", "_CON.pdf"),
        ("\u202egpj.pdf", "gpj.pdf"),
        ('quo"te.pdf', "quo_te.pdf"),
        ("", "file"),
        ("...", "file"),
        ("café.pdf", "café.pdf"),
    ],
)
def test_names_are_kept_readable_and_harmless(given: str, kept: str) -> None:
    assert clean_name(given) == kept


def test_a_long_name_keeps_its_ending() -> None:
    name = clean_name("🎉" * 300 + ".pdf")
    assert name.endswith(".pdf")
    assert len(name.encode()) <= 200

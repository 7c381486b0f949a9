"""Nasty names and contents through every file field of every form: kept harmless, or refused by name; never an error."""

import io
import struct
import sys
import time
import zipfile
import zlib
from collections.abc import Callable, Iterator
from html import escape
from urllib.parse import quote

import pytest
from wtforms import FileField, Form, MultipleFileField

from gigneo.core.files.judging import clean_name
from gigneo.core.files.types import ALLOWED
from gigneo.core.modules.lifecycle import enable
from gigneo.hooks import OrderFacts
from gigneo.testing.fixtures import Someone
from tests.kernel.test_uploads import png
from tests.plugins.orders.conftest import PDF, Market

BOUNDARY = "a-boundary-of-tests"

NAMES = (
    'a".exe', "x\r\nSet-Cookie: a=b.pdf", ".htaccess", "\U0001f600" * 63 + ".pdf", "CON", "con.pdf", "a.pdf.exe",
    "a\u0000.pdf", "a.exe\u0000.pdf", "\u202egpj.exe", "\u202efdp.pdf", "../../../etc/passwd", "..\\..\\boot.pdf",
    "/etc/shadow.pdf", "C:\\con.pdf", "\\\\host\\share\\a.pdf", "%00.pdf", "%2e%2e%2fa.pdf", "a.PHP", "a.phtml", "a.svg",
    "a.html", "a.js", "a.xml", "a.py", ".pdf", "pdf", "a.", " .pdf ", "{{7*7}}.pdf", "<img src=x onerror=alert(1)>.pdf",
    "'; DROP TABLE file_stored;--.pdf", "=cmd().pdf", "\ud800.pdf", "a\u2028b.pdf", "\ufeffa.pdf", "a" * 5000 + ".pdf",
    "\u0663.pdf", "e\u0301.pdf", "COM1.pdf", "nul", "..", "",
)  # fmt: skip


def zipped(name: str, body: bytes) -> bytes:
    kept = io.BytesIO()
    with zipfile.ZipFile(kept, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(name, body)
    return kept.getvalue()


def nested() -> bytes:
    body = b"0" * 1_000_000
    for level in range(6):
        body = zipped(f"{level}.zip", body)
    return body


def wide_gif() -> bytes:
    return b"GIF89a" + struct.pack("<HHBBB", 50_000, 50_000, 0, 0, 0) + b"\x3b"


def exif_jpeg() -> bytes:
    return b"\xff\xd8\xff\xe1\xff\xffExif\x00\x00" + b"A" * 65_525 + b"\xff\xd9"


CONTENTS: dict[str, tuple[str, Callable[[], bytes], bool | None]] = {
    "wrong magic": ("a.pdf", lambda: b"MZ\x90\x00" + b"\x00" * 200, False),
    "nothing": ("a.pdf", lambda: b"", False),
    "one byte": ("a.png", lambda: b"\x89", False),
    "html": ("a.html", lambda: b"<script>alert(1)</script>", False),
    "html as text": ("a.txt", lambda: b"<!DOCTYPE html><script>alert(1)</script>", False),
    "svg": ("a.svg", lambda: b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>", False),
    "svg as png": ("a.png", lambda: b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>", False),
    "svg as text": ("a.txt", lambda: b"\xef\xbb\xbf  <svg onload='alert(1)'/>", False),
    "pdf with html": ("a.pdf", lambda: b"<html><script>alert(1)</script>" + PDF, False),
    "pdf that holds html": ("a.pdf", lambda: PDF + b"<script>alert(1)</script>", True),
    "gif that is a script": ("a.gif", lambda: b"GIF89a/*" + b"\x00" * 30 + b"*/=1;alert(1)", False),
    "zip bomb": ("a.zip", lambda: zipped("zeros", b"0" * 40_000_000), True),
    "nested zip": ("a.zip", nested, True),
    "zip with a way out": ("a.zip", lambda: zipped("../../etc/passwd", b"x"), True),
    "huge png": ("a.png", lambda: png(50_000, 50_000), False),
    "huge gif": ("a.gif", wide_gif, False),
    "cut png": ("a.png", lambda: png(100, 100)[:60], False),
    "png with a wrong sum": ("a.png", lambda: png(10, 10).replace(b"IDAT", b"IDAT", 1)[:-16] + b"\x00" * 16, False),
    "jpeg of notes": ("a.jpg", exif_jpeg, False),
    "jpeg as png": ("a.png", exif_jpeg, False),
    "deflated nonsense": ("a.docx", lambda: zlib.compress(b"x" * 1000), False),
    "null bytes as text": ("a.txt", lambda: b"a\x00b", False),
    "latin text": ("a.csv", lambda: "é".encode("latin-1"), False),
    "eicar as text": ("a.txt", lambda: b"X5O!P%@AP[4\\PZX54(P^)7CC)7}$EICAR", True),
    "postscript": ("a.ai", lambda: b"%!PS-Adobe-3.0\n(run) run\n", None),
    "riff of nothing": ("a.webp", lambda: b"RIFF\xff\xff\xff\xffWEBPVP8 ", False),
}
"""Name → file name, content, and whether it may be kept (``None``: either)."""


def test_every_form_with_files_is_tried_here() -> None:
    found = {form.__name__ for form in _forms(Form) if any(_is_file(field) for field in vars(form).values())}
    assert found == set(FIELDS), "give the address and the fields of a new form with files"


FIELDS: dict[str, tuple[str, str, str, dict[str, str]]] = {
    "AttachmentForm": ("active", "employer", "attachments", {"kind": "reference"}),
    "DeliveryForm": ("active", "freelancer", "deliver", {"type": "draft", "description": "Look."}),
    "MessageForm": ("active", "employer", "messages", {"body": "Look at this."}),
    "RevisionForm": ("delivered", "employer", "request-revision", {"instructions": "Heavier."}),
}
"""Form → the state of the order, who sends it, the last part of its address, what is typed besides."""


@pytest.fixture(autouse=True)
def messages_without_a_bound(market: Market, monkeypatch: pytest.MonkeyPatch) -> None:
    """Switch messages on, and let more of them be sent in a minute than people may."""
    enable(market.runtime, "messages")
    market.dispatcher.refresh_now()
    monkeypatch.setattr("gigneo.plugins.messages.routes.PER_MINUTE", 10_000)


@pytest.mark.parametrize("form", sorted(FIELDS))
def test_a_name_is_kept_harmless_or_refused_by_name(market: Market, form: str) -> None:
    for name in NAMES:
        status, page, seconds = _send(market, form, name, PDF)
        assert status in {303, 422}, (name, status)
        assert seconds < 5, (name, seconds)
        if status == 422 and name:
            assert escape(clean_name(name)) in page, name
        assert "alert(1)>.pdf" not in page
    names = [row[0] for row in market.rows("SELECT name FROM file_stored")]
    assert len(names) > 20
    for name in names:
        assert name == clean_name(name) and name.rpartition(".")[2].lower() in ALLOWED, name
        assert len(name.encode()) <= 255 and name.isprintable() and not set(name) & set('/\\<>:"|?*'), name
    keys = [row[0] for row in market.rows("SELECT storage_key FROM file_stored")]
    assert all(len(key) == 35 and set(key) <= set("0123456789abcdef/") for key in keys)


@pytest.mark.parametrize("form", sorted(FIELDS))
def test_a_content_is_kept_as_it_is_or_refused_by_name(market: Market, form: str) -> None:
    for said, (name, make, allowed) in CONTENTS.items():
        content = make()
        if len(content) > 400_000:
            continue
        status, page, seconds = _send(market, form, name, content)
        assert status in {303, 422}, (said, status)
        assert allowed is None or (status == 303) == allowed, (said, status)
        assert seconds < 5, (said, seconds)
        assert status == 303 or escape(name) in page, said


def test_bytes_that_were_sent_come_back_as_they_were(market: Market) -> None:
    for name, make, allowed in CONTENTS.values():
        if allowed:
            content = make()
            _send(market, "AttachmentForm", name, content)
            file_id = market.rows("SELECT max(id) FROM file_stored")[0][0]
            answer = market.freelancer.browser.get(f"/files/{file_id}")
            assert answer.data == content
            assert answer.headers["Content-Disposition"].startswith("attachment;")


def _send(market: Market, form: str, name: str, content: bytes) -> tuple[int, str, float]:
    """Send a form with one file, on an order of its own."""
    state, role, last, typed = FIELDS[form]
    someone: Someone = getattr(market, role)
    order: OrderFacts = market.order(state, price_minor=100)
    address = f"/orders/{order.number}/{last}"
    someone.browser.get(address)
    market.runtime.limits_storage.reset()
    version = {"version": str(market.facts(order).version)}
    body = b"".join(_parts({**someone.browser.fields, **version, **typed}, name, content))
    began = time.monotonic()
    answer = someone.browser.post(address, data=body, content_type=f"multipart/form-data; boundary={BOUNDARY}")
    return answer.status_code, answer.text, time.monotonic() - began


def _parts(fields: dict[str, str], name: str, content: bytes) -> Iterator[bytes]:
    for key, value in fields.items():
        yield f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{key}"\r\n\r\n{value}\r\n'.encode()
    told = quote(name.encode("utf-8", "surrogatepass"), safe="")
    yield f"--{BOUNDARY}\r\nContent-Disposition: form-data; name=files; filename*=UTF-8''{told}\r\n".encode()
    yield b"Content-Type: text/html\r\n\r\n" + content + f"\r\n--{BOUNDARY}--\r\n".encode()


def _forms(base: type[Form]) -> Iterator[type[Form]]:
    for form in base.__subclasses__():
        if form.__module__.startswith("gigneo.") and form.__module__ in sys.modules:
            yield form
        yield from _forms(form)


def _is_file(field: object) -> bool:
    kind = getattr(field, "field_class", None)
    return isinstance(kind, type) and issubclass(kind, FileField | MultipleFileField)

"""Downloads are whole or one range, safe to open, and read again from the order's rights each time; previews likewise."""

import hashlib
import http.client
import io
import os
import shutil
import subprocess
import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlsplit
from urllib.request import urlopen

import pytest
from PIL import Image
from sqlalchemy import text

from gigneo.core.config import StorageSection, load_config
from gigneo.core.doctor import examine
from gigneo.core.files import previews, sweeping
from gigneo.core.files.storage import open_storage
from gigneo.plugins.orders import api as orders
from gigneo.testing.fixtures import Someone, both_databases
from tests.plugins.orders.conftest import PDF, Market, page_of, pdf, upload
from tests.plugins.orders.test_attachments import kept

BODY = b"0123456789" * 100_000


def picture(width: int = 600, height: int = 400, **saved: object) -> bytes:
    """A picture in two colours, with a camera's notes about it."""
    image = Image.new("RGB", (width, height), "navy")
    image.paste("orange", (0, 0, width // 2, height))
    notes = Image.Exif()
    notes[0x010F] = "SECRET-CAMERA"
    notes[0x0112] = 6
    kept_as = io.BytesIO()
    image.save(kept_as, **{"format": "JPEG", "exif": notes, "comment": b"SECRET-NOTE", **saved})  # type: ignore[arg-type]
    return kept_as.getvalue()


def send(market: Market, someone: Someone, name: str, content: bytes, state: str = "active") -> int:
    order = market.order(state)
    return int(market.do(orders.add_files, order.id, someone.id, "reference", [upload(name, content)])[0])


@pytest.fixture
def file_id(market: Market) -> int:
    return send(market, market.employer, "Entwürfe 1.txt", BODY)


def test_a_download_is_byte_identical_and_never_shown_by_a_browser(market: Market, file_id: int) -> None:
    answer = market.freelancer.browser.get(f"/files/{file_id}")
    assert answer.data == BODY and answer.status_code == 200
    expected = {
        "Content-Type": "text/plain; charset=utf-8",
        "Content-Length": str(len(BODY)),
        "Content-Disposition": "attachment; filename=\"Entw_rfe 1.txt\"; filename*=UTF-8''Entw%C3%BCrfe%201.txt",
        "X-Content-Type-Options": "nosniff",
        "Content-Security-Policy": "default-src 'none'; sandbox; frame-ancestors 'none'",
        "Accept-Ranges": "bytes",
        "Cache-Control": "private, no-store",
        "ETag": f'"{hashlib.sha256(BODY).hexdigest()}"',
        "Cross-Origin-Resource-Policy": "same-origin",
    }
    assert {name: answer.headers[name] for name in expected} == expected
    asked = market.freelancer.browser.head(f"/files/{file_id}")
    assert asked.data == b"" and asked.headers["Content-Length"] == str(len(BODY))


@pytest.mark.parametrize(
    ("wanted", "status", "part"),
    [
        ("bytes=0-9", 206, slice(0, 10)),
        ("bytes=999990-", 206, slice(999_990, None)),
        ("bytes=-5", 206, slice(-5, None)),
        ("bytes=5-5", 206, slice(5, 6)),
        ("bytes=0-99999999", 206, slice(0, None)),
        ("bytes=1000000-", 416, slice(0, 0)),
        ("bytes=0-1,5-6", 200, slice(0, None)),
        ("bytes=0-,0-,0-,0-", 200, slice(0, None)),
        ("bytes=9-1", 200, slice(0, None)),
        ("lines=1-2", 200, slice(0, None)),
        ("nonsense", 200, slice(0, None)),
    ],
)
def test_one_range_is_given_and_every_other_wish_is_answered_whole(
    market: Market, file_id: int, wanted: str, status: int, part: slice
) -> None:
    answer = market.employer.browser.get(f"/files/{file_id}", headers={"Range": wanted})
    assert answer.status_code == status and answer.data == BODY[part]
    if status == 206:
        start, end, _ = part.indices(len(BODY))
        assert answer.headers["Content-Range"] == f"bytes {start}-{end - 1}/{len(BODY)}"
        assert answer.headers["Content-Length"] == str(end - start)
    if status == 416:
        assert answer.headers["Content-Range"] == f"bytes */{len(BODY)}"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"


def test_a_range_of_another_version_is_answered_whole(market: Market, file_id: int) -> None:
    for tag, status in ((f'"{hashlib.sha256(BODY).hexdigest()}"', 206), ('"other"', 200)):
        answer = market.employer.browser.get(f"/files/{file_id}", headers={"Range": "bytes=0-1", "If-Range": tag})
        assert answer.status_code == status


def test_a_file_whose_bytes_are_gone_is_not_there_and_the_doctor_names_it_and_what_belongs_to_nothing(market: Market) -> None:
    whole = send(market, market.employer, "whole.pdf", PDF)
    gone = send(market, market.employer, "gone.pdf", PDF)
    assert not [one for one in examine(market.runtime) if one.subject == "files" and one.level != "ok"]
    market.runtime.storage.delete(market.rows("SELECT storage_key FROM file_stored WHERE id = :id", id=gone)[0][0])
    orphan = market.runtime.storage.put(io.BytesIO(b"nobody's"))
    told = [one for one in examine(market.runtime) if one.subject == "files"]
    assert [one.level for one in told] == ["problem"] and f"File {gone} (gone.pdf)" in told[0].text
    age(market, orphan)
    told = [one for one in examine(market.runtime) if one.subject == "files"]
    assert [one.level for one in told] == ["problem", "warning"] and orphan in told[1].text
    browser = market.employer.browser
    assert browser.get(f"/files/{gone}").status_code == 404 and browser.get(f"/files/{whole}").status_code == 200


@both_databases
def test_the_sweep_takes_old_bytes_without_a_row_and_nothing_else(market: Market) -> None:
    mine = send(market, market.employer, "mine.jpg", picture())
    run_kind(market, previews.KIND)
    young, old = (market.runtime.storage.put(io.BytesIO(b"nobody's")) for _ in range(2))
    for key in kept(market) - {young}:
        age(market, key)
    run_kind(market, sweeping.SWEEP)
    keys = market.rows("SELECT storage_key, preview_key FROM file_stored WHERE id = :id", id=mine)[0]
    assert kept(market) == {young, *keys} and old not in kept(market)
    assert market.employer.browser.get(f"/files/{mine}").status_code == 200


@both_databases
def test_a_picture_gets_a_small_one_of_its_own_pixels_without_anything_that_it_says_of_itself(market: Market) -> None:
    original = picture()
    file_id = send(market, market.employer, "photo.jpg", original)
    browser = market.freelancer.browser
    assert browser.get(f"/files/{file_id}/preview").status_code == 404
    run_kind(market, previews.KIND)
    answer = browser.get(f"/files/{file_id}/preview")
    assert answer.status_code == 200 and answer.content_type == "image/webp"
    assert answer.headers["X-Content-Type-Options"] == "nosniff" and "sandbox" in answer.headers["Content-Security-Policy"]
    assert b"SECRET" not in answer.data and b"EXIF" not in answer.data and b"SECRET" in original
    small = Image.open(io.BytesIO(answer.data))
    assert small.size == (213, 320), "no larger than 320, and turned the way the camera was held"
    assert browser.get(f"/files/{file_id}").data == original
    again = browser.get(f"/files/{file_id}/preview", headers={"If-None-Match": answer.headers["ETag"]})
    assert again.status_code == 304 and not again.data
    order = market.rows("SELECT number FROM orders_order ORDER BY id DESC LIMIT 1")[0][0]
    assert f'src="/files/{file_id}/preview"' in browser.get(f"/orders/{order}/attachments").text


def test_a_preview_goes_with_its_file_and_strangers_see_neither(market: Market, stranger: Someone) -> None:
    order = market.order("active")
    file_id = int(market.do(orders.add_files, order.id, market.employer.id, "reference", [upload("p.png", png())])[0])
    run_kind(market, previews.KIND)
    assert len(kept(market)) == 2
    for path in ("", "/preview"):
        assert stranger.browser.get(f"/files/{file_id}{path}").status_code == 404
    market.do(orders.take_back, order.id, market.employer.id, file_id)
    run_kind(market, sweeping.DROP)
    assert kept(market) == set()
    assert market.employer.browser.get(f"/files/{file_id}/preview").status_code == 404


def test_a_picture_that_can_not_be_drawn_stays_a_file(market: Market) -> None:
    cut = picture(3000, 2000, quality=95)
    file_id = send(market, market.employer, "cut.jpg", cut[: len(cut) // 3])
    run_kind(market, previews.KIND)
    assert "/preview" not in page_of(market.employer.browser, market.facts(1), "attachments")
    assert market.employer.browser.get(f"/files/{file_id}/preview").status_code == 404


def test_drawing_is_a_process_with_little_memory_and_little_time(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    large = Image.new("RGB", (8900, 8900), "navy")
    path = tmp_path / "large.png"
    large.save(path)
    with path.open("rb") as source:
        drawn = previews.draw(source, "image/png")
    assert drawn is not None and Image.open(io.BytesIO(drawn)).size == (320, 320)
    many = tmp_path / "many.gif"
    frames = [Image.new("P", (64, 64), number % 255) for number in range(300)]
    frames[0].save(many, save_all=True, append_images=frames[1:])
    with many.open("rb") as source:
        assert previews.draw(source, "image/gif") is not None
    with path.open("rb") as source:
        assert previews.draw(source, "image/gif") is None, "only the decoder of its own type"

    def slow(*_arguments: object, **_named: object) -> None:
        raise subprocess.TimeoutExpired("thumbnail", 30)

    monkeypatch.setattr(subprocess, "run", slow)
    with path.open("rb") as source:
        assert previews.draw(source, "image/png") is None


@pytest.fixture
def bucket() -> Iterator[dict[str, str]]:
    """A bucket on a server of this process that speaks S3, as variables of the configuration."""
    from moto.server import ThreadedMotoServer

    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    connection = http.client.HTTPConnection(host, port)
    connection.request("PUT", "/site")
    assert connection.getresponse().status == 200
    connection.close()
    given = {"URL": "s3://site", "ENDPOINT": f"http://{host}:{port}", "REGION": "us-east-1", "ACCESS_KEY": "k", "SECRET_KEY": "s"}
    yield {f"GIGNEO_STORAGE__{name}": value for name, value in given.items()}
    server.stop()


def test_on_a_bucket_the_site_judges_and_a_link_of_a_minute_delivers(
    market: Market, bucket: dict[str, str], stranger: Someone
) -> None:
    config = load_config(environ={"GIGNEO_HOME": str(market.runtime.home), **bucket})
    market.runtime.storage = open_storage(config.storage)
    file_id = send(market, market.employer, "Verträge.pdf", PDF)
    picture_id = send(market, market.employer, "photo.jpg", picture())
    run_kind(market, previews.KIND)
    assert stranger.browser.get(f"/files/{file_id}").status_code == 404
    answer = market.freelancer.browser.get(f"/files/{file_id}")
    assert answer.status_code == 302 and answer.headers["Cache-Control"] == "private, no-store"
    link = answer.headers["Location"]
    assert urlsplit(link).port == urlsplit(bucket["GIGNEO_STORAGE__ENDPOINT"]).port and "X-Amz-Expires=60" in link
    with urlopen(link) as delivered:
        assert delivered.read() == PDF
        assert delivered.headers["Content-Type"] == "application/pdf"
        assert delivered.headers["Content-Disposition"].startswith("attachment; filename=")
    assert market.freelancer.browser.get(f"/files/{picture_id}/preview").status_code == 200, "previews pass through the site"
    through = config.storage.model_copy(update={"signed_links": False})
    market.runtime.storage = open_storage(through)
    part = market.freelancer.browser.get(f"/files/{file_id}", headers={"Range": "bytes=0-3"})
    assert part.status_code == 206 and part.data == b"%PDF"


def test_a_storage_that_is_away_is_told_at_the_files_and_nothing_typed_is_lost(market: Market, tmp_path: Path) -> None:
    order, browser = market.order("active"), market.freelancer.browser
    shut = tmp_path / "shut"
    usual, market.runtime.storage = market.runtime.storage, open_storage(StorageSection(url=f"file://{shut}"))
    shutil.rmtree(shut)
    shut.write_text("not a folder")
    typed = {"type": "draft", "description": "My words.", "kind": "reference"}
    for address in (f"/orders/{order.number}/deliver", f"/orders/{order.number}/attachments"):
        browser.get(address)
        answer = browser.submit(address, {**typed, "files": [pdf()]})
        assert answer.status_code == 422 and "identity.pdf could not be kept" in answer.text
    market.runtime.storage = usual
    assert market.rows("SELECT count(*) FROM file_stored")[0][0] == 0


def png() -> bytes:
    made = io.BytesIO()
    Image.new("RGBA", (50, 50), (200, 0, 0, 120)).save(made, "PNG")
    return made.getvalue()


def age(market: Market, key: str) -> None:
    """Make bytes look as if they had been kept for two days."""
    path = Path(market.runtime.config.storage.url.removeprefix("file://")) / key
    then = time.time() - timedelta(days=2).total_seconds()
    os.utime(path, (then, then))


def run_kind(market: Market, kind: str) -> None:
    """Run every waiting task of a kind of the kernel, and mark it as done."""
    from gigneo.core.tasks import handlers
    from gigneo.core.typed_json import decode

    handler = handlers.work_of(market.dispatcher.site).handlers[kind]
    waiting = market.rows("SELECT key, payload FROM task WHERE kind = :kind AND state = 'waiting' ORDER BY id", kind=kind)
    with market.dispatcher.site.app.app_context():
        for key, payload in waiting or [("now", "{}")]:
            handler.run(decode(payload), key)
    with market.runtime.write() as session:
        session.execute(text("DELETE FROM task WHERE kind = :kind"), {"kind": kind})

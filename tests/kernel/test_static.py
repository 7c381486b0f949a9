"""Static files: hashed addresses, kept for ever, small over the wire, and nothing but what was given."""

import gzip
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from werkzeug.test import Client, TestResponse

from gigneo.core.static import StaticFiles, UnknownStatic


class Browser(Client):
    """Reads every answer to its end, so that no file stays open."""

    def open(self, *args: Any, **options: Any) -> TestResponse:
        return super().open(*args, buffered=True, **options)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "css").mkdir()
    (tmp_path / "css/page.css").write_text("body { color: black }\n" * 200)
    (tmp_path / "mark.svg").write_text('<svg xmlns="http://www.w3.org/2000/svg"/>')
    (tmp_path / ".secret").write_text("secret")
    (tmp_path / "LICENSE").write_text("MIT")
    return tmp_path


@pytest.fixture
def statics(folder: Path) -> StaticFiles:
    return StaticFiles.build({"orders": folder})


@pytest.fixture
def client(statics: StaticFiles) -> Browser:
    def app(environ: object, start_response: object) -> list[bytes]:
        start_response("200 OK", [("Content-Type", "text/plain")])  # type: ignore[operator]
        return [b"the application"]

    return Browser(statics.wrap(app))


def kept(headers: Mapping[str, str]) -> str:
    return headers["Cache-Control"]


def test_an_address_carries_the_hash_of_the_content_and_moves_with_it(folder: Path, statics: StaticFiles) -> None:
    before = statics.url("orders", "css/page.css")
    assert before.startswith("/static/orders/css/page.") and before.endswith(".css")
    assert StaticFiles.build({"orders": folder}).url("orders", "css/page.css") == before
    (folder / "css/page.css").write_text("body { color: white }")
    assert StaticFiles.build({"orders": folder}).url("orders", "css/page.css") != before


def test_a_file_is_kept_for_ever_and_sent_small(client: Browser, statics: StaticFiles, folder: Path) -> None:
    url = statics.url("orders", "css/page.css")
    plain = client.get(url)
    small = client.get(url, headers={"Accept-Encoding": "gzip, br"})
    assert plain.status_code == 200 and plain.get_data() == (folder / "css/page.css").read_bytes()
    assert "immutable" in kept(plain.headers) and plain.mimetype == "text/css"
    assert plain.headers["Vary"] == "Accept-Encoding" and "Content-Encoding" not in plain.headers
    assert small.headers["Content-Encoding"] == "gzip" and gzip.decompress(small.get_data()) == plain.get_data()
    assert len(small.get_data()) < len(plain.get_data()) / 5
    assert int(small.headers["Content-Length"]) == len(small.get_data())


def test_what_did_not_change_is_not_sent_again(client: Browser, statics: StaticFiles) -> None:
    url = statics.url("orders", "mark.svg")
    first = client.get(url)
    again = client.get(url, headers={"If-None-Match": first.headers["ETag"]})
    assert again.status_code == 304 and again.get_data() == b""


@pytest.mark.parametrize("kind", ["file", "gone", "wrong method"])
def test_every_answer_says_what_it_is_and_who_may_use_it(client: Browser, statics: StaticFiles, kind: str) -> None:
    url = statics.url("orders", "mark.svg")
    answer = {
        "file": lambda: client.get(url),
        "gone": lambda: client.get("/static/orders/none.css"),
        "wrong method": lambda: client.post(url),
    }[kind]()
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Cross-Origin-Resource-Policy"] == "same-origin"
    assert "Access-Control-Allow-Origin" not in answer.headers


@pytest.mark.parametrize(
    "path",
    [
        "", "orders/", "orders/css/", "orders", "orders/css/page.css", "orders/css/page.000000000000.css", "orders/.secret",
        "orders/../orders/mark.svg", "orders//mark.svg", "../setup.cfg", "%2e%2e/setup.cfg",
        "orders/mark.svg%00.css", "none/mark.svg",
    ],
)  # fmt: skip
def test_an_unknown_name_is_not_found_and_nothing_is_listed(client: Browser, path: str) -> None:
    answer = client.get(f"/static/{path}")
    assert answer.status_code == 404
    assert kept(answer.headers) == "no-store"
    assert b"page" not in answer.get_data() and b"application" not in answer.get_data()


def test_all_else_is_the_applications(client: Browser) -> None:
    assert client.get("/orders").get_data() == b"the application"
    assert client.get("/staticfoo").get_data() == b"the application"


def test_a_link_out_of_the_folder_is_left_out(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    outside = tmp_path_factory.mktemp("outside") / "key.txt"
    outside.write_text("secret")
    (folder / "key.txt").symlink_to(outside)
    with pytest.raises(UnknownStatic):
        StaticFiles.build({"orders": folder}).url("orders", "key.txt")


def test_a_missing_file_is_named_with_what_there_is(statics: StaticFiles) -> None:
    with pytest.raises(UnknownStatic, match=r"'page.css' in 'orders'.*css/page\.css"):
        statics.url("orders", "page.css")
    assert statics.url("orders", "LICENSE").startswith("/static/orders/LICENSE.")


def test_files_can_be_given_by_name(folder: Path) -> None:
    statics = StaticFiles.build({"bootstrap": {"css/b.css": folder / "css/page.css"}})
    assert statics.url("bootstrap", "css/b.css")
    with pytest.raises(UnknownStatic):
        statics.url("bootstrap", "mark.svg")


def test_a_style_sheet_names_its_fonts_by_their_hashed_addresses(folder: Path) -> None:
    (folder / "fonts").mkdir()
    (folder / "fonts/serif.woff2").write_bytes(b"font")
    (folder / "css/page.css").write_text(
        "@font-face { src: url(../fonts/serif.woff2) } a { background: url('data:x') url(\"none.png\") url(/static/x) }"
    )
    statics = StaticFiles.build({"orders": folder})
    browser = Browser(statics.wrap(lambda environ, start_response: []))
    sheet = browser.get(statics.url("orders", "css/page.css")).get_data(as_text=True)
    assert f'url("{statics.url("orders", "fonts/serif.woff2")}")' in sheet
    assert "url('data:x')" in sheet and 'url("none.png")' in sheet and "url(/static/x)" in sheet
    before = statics.url("orders", "css/page.css")
    (folder / "fonts/serif.woff2").write_bytes(b"another font")
    assert StaticFiles.build({"orders": folder}).url("orders", "css/page.css") != before

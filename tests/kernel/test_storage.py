"""The storage port keeps the same promises on a folder, in memory and on a real S3 server."""

import http.client
import io
import os
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from gigneo.core.config import StorageSection, load_config
from gigneo.core.files.storage import Storage, attachment, open_storage

LARGE = os.urandom(12 * 1024 * 1024 + 17)
"""Three parts on S3, with an odd end."""


@pytest.fixture(scope="module")
def bucket() -> Iterator[StorageSection]:
    """A bucket on a server of this process that speaks S3."""
    from moto.server import ThreadedMotoServer

    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    connection = http.client.HTTPConnection(host, port)
    connection.request("PUT", "/files")
    assert connection.getresponse().status == 200
    connection.close()
    yield StorageSection(
        url="s3://files/site", endpoint=f"http://{host}:{port}", region="us-east-1", access_key="key", secret_key="secret"
    )
    server.stop()


@pytest.fixture(params=["folder", "memory", "s3"])
def storage(request: pytest.FixtureRequest, tmp_path: Path) -> Storage:
    if request.param == "s3":
        return open_storage(request.getfixturevalue("bucket"))
    return open_storage(StorageSection(url=f"file://{tmp_path}/files" if request.param == "folder" else "memory://"))


@pytest.mark.parametrize("content", [b"", b"x", LARGE], ids=["empty", "a byte", "large"])
def test_what_is_kept_comes_back_byte_for_byte_whole_and_in_part(storage: Storage, content: bytes) -> None:
    key = storage.put(io.BytesIO(content), "application/pdf", "a.pdf")
    assert b"".join(storage.stream(key)) == content
    if content:
        for start, end in ((0, 1), (len(content) - 1, len(content)), (len(content) // 3, len(content) // 2 + 1)):
            assert b"".join(storage.stream(key, start, end)) == content[start:end]
    storage.delete(key)
    storage.delete(key)
    with pytest.raises(FileNotFoundError):
        list(storage.stream(key))


def test_keys_are_drawn_and_everything_kept_is_listed(storage: Storage) -> None:
    before = {blob.key for blobs in storage.blobs() for blob in blobs}
    keys = {storage.put(io.BytesIO(b"the same"), name="../../etc/passwd") for _ in range(5)}
    assert len(keys) == 5 and all(len(key) == 35 and ".." not in key and "passwd" not in key for key in keys)
    blobs = [blob for batch in storage.blobs() for blob in batch if blob.key not in before]
    assert {blob.key for blob in blobs} == keys and {blob.size_bytes for blob in blobs} == {8}


def test_a_signed_link_gives_one_file_as_an_attachment_of_a_fixed_type_for_a_while(bucket: StorageSection) -> None:
    storage = open_storage(bucket)
    key = storage.put(io.BytesIO(b"%PDF-1.4 <script>"), "application/pdf", 'é "x".pdf')
    link = storage.link(key, timedelta(seconds=60))
    assert link is not None and "X-Amz-Expires=60" in link and key in link
    with urllib.request.urlopen(link) as answer:
        assert answer.read() == b"%PDF-1.4 <script>"
        assert answer.headers["Content-Type"] == "application/pdf"
        assert answer.headers["Content-Disposition"] == attachment('é "x".pdf')
        assert answer.headers["Cache-Control"] == "private, no-store"
    part = urllib.request.Request(link, headers={"Range": "bytes=0-3"})
    with urllib.request.urlopen(part) as answer:
        assert answer.status == 206 and answer.read() == b"%PDF"
    assert open_storage(bucket.model_copy(update={"signed_links": False})).link(key, timedelta(seconds=60)) is None


def test_a_folder_gives_no_links_and_is_open_to_its_owner_only(tmp_path: Path) -> None:
    storage = open_storage(StorageSection(url=f"file://{tmp_path}/files"))
    assert storage.link(storage.put(io.BytesIO(b"x")), timedelta(seconds=60)) is None
    assert (tmp_path / "files").stat().st_mode & 0o077 == 0


def test_what_a_dying_process_left_half_written_is_swept_once_it_is_old(tmp_path: Path) -> None:
    storage = open_storage(StorageSection(url=f"file://{tmp_path}/files"))
    key = storage.put(io.BytesIO(b"whole"))
    half = tmp_path / "files" / "ab" / "cdef#1"
    half.parent.mkdir(exist_ok=True)
    half.write_bytes(b"ha")
    assert [blob.key for blobs in storage.blobs() for blob in blobs] == [key]
    assert storage.drop_fragments(timedelta(hours=1)) == 0 and half.exists()
    os.utime(half, (1, 1))
    assert storage.drop_fragments(timedelta(hours=1)) == 1 and not half.exists()
    assert b"".join(storage.stream(key)) == b"whole"


MEASURED = """
import resource, sys, time
from gigneo.core.config import StorageSection
from gigneo.core.files.storage import open_storage
storage = open_storage(StorageSection(url=f"file://{sys.argv[1]}/files"))
def peak():
    with open("/proc/self/status") as told:
        return next(int(line.split()[1]) for line in told if line.startswith("VmHWM"))
with open(sys.argv[1] + "/small", "rb") as small:
    key = storage.put(small)
for chunk in storage.stream(key): pass
before = peak()
with open(sys.argv[1] + "/large", "rb") as large:
    key = storage.put(large)
sent = peak()
length = 0
for chunk in storage.stream(key):
    length += len(chunk)
    if length % (8 * 1024 * 1024) < len(chunk): time.sleep(0.02)  # somebody with a slow line
print(length, sent - before, peak() - sent)
"""


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="reads /proc")
def test_a_hundred_megabytes_cost_little_memory_on_their_way_in_and_out(tmp_path: Path) -> None:
    (tmp_path / "small").write_bytes(os.urandom(9 * 1024 * 1024))
    with (tmp_path / "large").open("wb") as large:
        for _ in range(100):
            large.write(os.urandom(1024 * 1024))
    done = subprocess.run([sys.executable, "-c", MEASURED, str(tmp_path)], capture_output=True, text=True, check=True)
    length, coming_kib, going_kib = map(int, done.stdout.split())
    assert length == 100 * 1024 * 1024
    assert coming_kib <= 4 * 1024, coming_kib
    assert going_kib <= 2 * 1024, going_kib


def test_the_configuration_chooses_the_storage_and_hides_its_secret(tmp_path: Path) -> None:
    given = {
        "URL": "s3://b",
        "ENDPOINT": "https://s3.example",
        "ACCESS_KEY": "name",
        "SECRET_KEY": "hush",
        "SIGNED_LINKS": "false",
    }
    environment = {f"GIGNEO_STORAGE__{name}": value for name, value in given.items()}
    config = load_config(environ={"GIGNEO_HOME": str(tmp_path), **environment})
    assert config.shown()["storage.secret_key"] == "…" and "hush" not in repr(config)
    assert config.storage.secret_key.get_secret_value() == "hush" and not config.storage.signed_links
    assert urlsplit(config.storage.endpoint).hostname == "s3.example"


@pytest.mark.parametrize(
    ("name", "header"),
    [
        ("a.pdf", "attachment; filename=\"a.pdf\"; filename*=UTF-8''a.pdf"),
        ('a".exe', "attachment; filename=\"a_.exe\"; filename*=UTF-8''a%22.exe"),
        ("é;%0d\r\nX: y", "attachment; filename=\"___0d__X: y\"; filename*=UTF-8''%C3%A9%3B%250d%0D%0AX%3A%20y"),
    ],
)
def test_a_name_is_told_in_two_ways_and_never_ends_its_header(name: str, header: str) -> None:
    assert attachment(name) == header
    assert attachment(name).isascii() and "\n" not in attachment(name)

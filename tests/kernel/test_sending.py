"""What passes over slow lines has places of its own, and pages have theirs."""

import gc
import http.client
import io
import shutil
import socket
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from werkzeug.test import create_environ, run_wsgi_app

from gigneo.core.dispatch import BODY_IN_MEMORY_BYTES, Dispatcher
from gigneo.core.sending import NoPlace, Places
from gigneo.testing.servers import Server

MIB = 1024 * 1024


def test_a_place_is_kept_until_what_is_sent_is_closed_and_given_back_once() -> None:
    places = Places(2)
    first, second = places.send([b"a", b"b"]), places.send(iter([b"c"]))
    assert (list(first), list(second)) == ([b"a", b"b"], [b"c"])
    with pytest.raises(NoPlace):
        places.send([b"d"])
    first.close()
    first.close()
    third = places.send([b"e"])
    with pytest.raises(NoPlace):
        places.send([b"f"])
    second.close()
    third.close()


def test_what_is_forgotten_or_breaks_off_gives_its_place_back() -> None:
    def broken() -> Iterator[bytes]:
        yield b"a"
        raise OSError("the storage is away")

    places, closed = Places(1), []

    class Pieces:
        def __iter__(self) -> Iterator[bytes]:
            return self

        def __next__(self) -> bytes:
            return b"a"

        def close(self) -> None:
            closed.append(self)

    with pytest.raises(OSError, match="away"):
        list(places.send(broken()))
    gc.collect()
    sent = places.send(Pieces())
    next(sent)
    sent.close()
    assert len(closed) == 1
    with pytest.raises(OSError, match="away"), places.taking():
        raise OSError("away")
    places.send([]).close()


def test_a_large_form_needs_a_place_and_a_small_one_does_not(dispatcher: Dispatcher) -> None:
    def posted(size: int, **more: Any) -> int:
        environ = create_environ("/nowhere", method="POST", input_stream=io.BytesIO(b"x" * size), content_length=size, **more)
        _, status, _ = run_wsgi_app(dispatcher, environ)
        return int(status.split()[0])

    runtime = dispatcher._runtime
    free = posted(BODY_IN_MEMORY_BYTES + 1)
    runtime.places = Places(1)
    with runtime.places.taking():
        assert posted(BODY_IN_MEMORY_BYTES + 1) == 503
        assert posted(100) == free
    assert posted(BODY_IN_MEMORY_BYTES + 1) == free != 503


@pytest.fixture(scope="module")
def web(demo_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Server, str, str]]:
    """A server with two threads for pages and three places, a log-in, and the address of a file of 24 MiB."""
    from bench.downloads import keep
    from bench.measuring import log_in
    from bench.rows import EMAIL, PASSWORD

    home: Path = tmp_path_factory.mktemp("sending") / "home"
    shutil.copytree(demo_home, home)
    _, file_id, _ = keep(home, 24 * MIB)
    with Server(home, ("web",), {"GIGNEO_WEB__THREADS": "2", "GIGNEO_WEB__TRANSFERS": "3"}) as server:
        yield server, log_in(server.port, EMAIL, PASSWORD), f"/files/{file_id}"


def reading_slowly(web: tuple[Server, str, str]) -> socket.socket:
    """Ask for the file, and read only its head."""
    server, cookie, path = web
    reader = socket.create_connection(("127.0.0.1", server.port), timeout=10)
    reader.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 32 * 1024)
    reader.sendall(f"GET {path} HTTP/1.1\r\nHost: localhost\r\nCookie: {cookie}\r\n\r\n".encode())
    assert reader.recv(64).startswith(b"HTTP/1.1 200")
    return reader


def status(web: tuple[Server, str, str], path: str) -> tuple[int, str | None]:
    server, cookie, _ = web
    with closing(http.client.HTTPConnection("127.0.0.1", server.port, timeout=10)) as connection:
        connection.request("GET", path, headers={"Cookie": cookie})
        answer = connection.getresponse()
        return answer.status, answer.getheader("Retry-After")


def test_pages_answer_while_every_place_is_taken_and_who_hangs_up_makes_room(web: tuple[Server, str, str]) -> None:
    path = web[2]
    readers = [reading_slowly(web) for _ in range(3)]
    assert [status(web, "/dashboard") for _ in range(6)] == [(200, None)] * 6
    assert status(web, path) == (503, "10")
    for reader in readers:
        reader.close()
    until = time.monotonic() + 15
    while status(web, path)[0] != 200:
        assert time.monotonic() < until, "Nobody reads any more, and no place came back."
        time.sleep(0.1)

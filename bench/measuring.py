"""Sends requests for a while over a few connections, and counts the CPU time that all processes of a server spent on them."""

import http.client
import os
import re
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from urllib.parse import urlencode

TICKS: Final = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True)
class Round:
    """What one round gave.

    Attributes:
        requests: answered.
        cpu_seconds: of all the server's processes, user and system.
        seconds: by the clock on the wall.
    """

    requests: int
    cpu_seconds: float
    seconds: float

    @property
    def rate(self) -> float:
        """Requests per CPU-second."""
        return self.requests / self.cpu_seconds if self.cpu_seconds else 0.0


def run(port: int, process_id: int, path: str, cookie: str, seconds: float, connections: int, tag: str = "") -> Round:
    """Ask for one page again and again.

    Args:
        port: of the server, on this machine.
        process_id: of its first process.
        path: the page.
        cookie: of the log-in.
        seconds: how long.
        connections: how many at once, each kept open.
        tag: of what there is already: every answer must be that nothing is new.

    Raises:
        RuntimeError: an answer was not 200, or 304 for a tag.
    """
    stop, counts, failed = threading.Event(), [0] * connections, []

    def ask(index: int) -> None:
        try:
            for _ in _answers(port, path, cookie, stop, tag):
                counts[index] += 1
        except (RuntimeError, OSError, http.client.HTTPException) as error:
            failed.append(error)

    threads = [threading.Thread(target=ask, args=(index,)) for index in range(connections)]
    before, started = cpu_seconds(process_id), time.monotonic()
    for thread in threads:
        thread.start()
    time.sleep(seconds)
    stop.set()
    for thread in threads:
        thread.join()
    result = Round(sum(counts), cpu_seconds(process_id) - before, time.monotonic() - started)
    if failed:
        raise RuntimeError(f"{path} failed: {failed[0]}")
    return result


def _answers(port: int, path: str, cookie: str, stop: threading.Event, tag: str) -> Iterator[None]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    try:
        while not stop.is_set():
            _fetch(connection, path, cookie, tag)
            yield
    finally:
        connection.close()


def _fetch(connection: http.client.HTTPConnection, path: str, cookie: str, tag: str = "") -> str:
    connection.request("GET", path, headers={"Cookie": cookie, **({"If-None-Match": tag} if tag else {})})
    answer = connection.getresponse()
    body = answer.read()
    if answer.status != (304 if tag else 200):
        raise RuntimeError(f"{path} answered {answer.status}")
    return body.decode()


def fetch(port: int, path: str, cookie: str = "") -> str:
    """Return one page.

    Raises:
        RuntimeError: the answer was not 200.
    """
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    try:
        return _fetch(connection, path, cookie)
    finally:
        connection.close()


def log_in(port: int, email: str, password: str) -> str:
    """Log in to the product through its form, and return the cookie that a request then sends, with a form token in it."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    try:
        connection.request("GET", "/login")
        answer = connection.getresponse()
        cookie = _cookie(answer)
        token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', answer.read().decode())
        assert token is not None, "The log-in page has no form."
        form = urlencode({"email": email, "password": password, "csrf_token": token[1]})
        kind = "application/x-www-form-urlencoded"
        connection.request(
            "POST", "/login", form, {"Cookie": cookie, "Content-Type": kind, "Referer": f"http://127.0.0.1:{port}/"}
        )
        answer = connection.getresponse()
        answer.read()
        if answer.status not in (302, 303):
            raise RuntimeError(f"The log-in of {email} answered {answer.status}.")
        cookie = _cookie(answer)
        connection.request("GET", "/dashboard", headers={"Cookie": cookie})
        answer = connection.getresponse()
        answer.read()
        return _cookie(answer) or cookie
    finally:
        connection.close()


def _cookie(answer: http.client.HTTPResponse) -> str:
    return (answer.getheader("Set-Cookie") or "").partition(";")[0]


def cpu_seconds(process_id: int) -> float:
    """Return what a process and all below it have spent so far, user and system."""
    parents: dict[int, int] = {}
    spent: dict[int, int] = {}
    for folder in Path("/proc").iterdir():
        if not folder.name.isdigit():
            continue
        try:
            fields = (folder / "stat").read_text().rpartition(")")[2].split()
        except OSError:
            continue  # it ended meanwhile
        parents[int(folder.name)] = int(fields[1])
        spent[int(folder.name)] = int(fields[11]) + int(fields[12])
    return sum(spent.get(member, 0) for member in _tree(process_id, parents)) / TICKS


def members(process_id: int) -> set[int]:
    """Return a process and all below it."""
    found = (folder for folder in Path("/proc").iterdir() if folder.name.isdigit())
    parents = {}
    for folder in found:
        with suppress(OSError):  # it ended meanwhile
            parents[int(folder.name)] = int((folder / "stat").read_text().rpartition(")")[2].split()[1])
    return _tree(process_id, parents)


def _tree(process_id: int, parents: Mapping[int, int]) -> set[int]:
    tree = {process_id}
    while more := {child for child, parent in parents.items() if parent in tree} - tree:
        tree |= more
    return tree

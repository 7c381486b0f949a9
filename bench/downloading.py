"""Downloads one address over a few connections at once, each at its own pace, until its input ends: a process of its own.

``python -m bench.downloading PORT PATH COOKIE PACE …``; a pace is in bytes per second, 0 for as fast as it goes. It prints
``running`` when every connection has its first bytes, and at the end how many bytes came.
"""

import http.client
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Final

PIECE_BYTES: Final = 64 * 1024
START_SECONDS: Final = 30


@contextmanager
def downloads(port: int, path: str, cookie: str, paces: Sequence[int]) -> Iterator[None]:
    """Download until the block ends.

    Args:
        port: of the server, on this machine.
        path: of the file.
        cookie: of the log-in.
        paces: of each connection, in bytes per second; 0 for as fast as it goes.

    Raises:
        RuntimeError: a download ended otherwise than whole.
    """
    command = [sys.executable, "-m", "bench.downloading", str(port), path, cookie, *map(str, paces)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None and process.stdin is not None
        running = process.stdout.readline()
        if running:
            yield
        process.stdin.close()
        told = process.stdout.read()
    if process.returncode or not running:
        raise RuntimeError(f"A download failed: {running}{told}")


class Download(threading.Thread):
    """One connection, which begins again when a download is whole.

    Args:
        port: of the server.
        path: of the file.
        cookie: of the log-in.
        pace: in bytes per second; 0 for as fast as it goes.
        stop: set when it is enough.
    """

    def __init__(self, port: int, path: str, cookie: str, pace: int, stop: threading.Event) -> None:
        super().__init__()
        self.began, self.received, self.failed = threading.Event(), 0, ""
        self._port, self._path, self._cookie, self._pace, self._stop_it = port, path, cookie, pace, stop

    def run(self) -> None:
        """Download, again and again."""
        try:
            while not self._stop_it.is_set():
                self._once()
        except (OSError, http.client.HTTPException, RuntimeError) as error:
            self.failed = f"{type(error).__name__}: {error}"
        self.began.set()

    def _once(self) -> None:
        connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=60)
        try:
            connection.request("GET", self._path, headers={"Cookie": self._cookie})
            answer = connection.getresponse()
            if answer.status != 200:
                raise RuntimeError(f"it answered {answer.status}")
            began, here = time.monotonic(), 0
            while not self._stop_it.is_set() and (piece := answer.read(PIECE_BYTES)):
                here += len(piece)
                self.received += len(piece)
                self.began.set()
                if self._pace:
                    self._stop_it.wait(max(0.0, began + here / self._pace - time.monotonic()))
            if not self._stop_it.is_set() and here != int(answer.headers["Content-Length"]):
                raise RuntimeError(f"{here} bytes came")
        finally:
            connection.close()


def main(port: int, path: str, cookie: str, paces: Sequence[int]) -> int:
    """Download until the input ends, and return the exit code."""
    stop = threading.Event()
    threads = [Download(port, path, cookie, pace, stop) for pace in paces]
    for thread in threads:
        thread.start()
    began = all(thread.began.wait(START_SECONDS) for thread in threads)
    if began and not any(thread.failed for thread in threads):
        print("running", flush=True)
        sys.stdin.read()
    stop.set()
    for thread in threads:
        thread.join()
    failed = [thread.failed for thread in threads if thread.failed]
    print(*failed, sum(thread.received for thread in threads))
    return 1 if failed or not began else 0


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]), sys.argv[2], sys.argv[3], [int(pace) for pace in sys.argv[4:]]))

"""Real servers for tests: the product as people start it, in processes of its own."""

import http.client
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path

START_SECONDS = 90.0


def free_port() -> int:
    """Return a port that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Server:
    """One ``gigneo`` process that serves, with everything that it started.

    Args:
        home: its ``GIGNEO_HOME``.
        command: what follows ``gigneo`` on the command line.
        environment: more variables, as in ``{"GIGNEO_DATABASE__URL": …}``.
        port: where it listens; a free one when absent.
    """

    def __init__(
        self,
        home: Path,
        command: tuple[str, ...] = ("run",),
        environment: Mapping[str, str] | None = None,
        port: int | None = None,
    ) -> None:
        self.home, self.command = home, command
        self.program = (sys.executable, "-m", "gigneo")
        self.port = port or free_port()
        self.environment = {
            **{name: value for name, value in os.environ.items() if not name.startswith("GIGNEO_")},
            "GIGNEO_HOME": str(home),
            "PORT": str(self.port),
            **(environment or {}),
        }
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """The address, without a slash at its end."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def pid(self) -> int:
        """The id of its first process, which leads all others."""
        assert self._process is not None, "It does not run."
        return self._process.pid

    @property
    def log(self) -> str:
        """What it printed so far."""
        return (self.home / "server.log").read_text(errors="replace")

    def start(self) -> "Server":
        """Start it, and wait until it is ready.

        Raises:
            AssertionError: it ended, or was not ready in time; with what it printed.
        """
        self.home.mkdir(parents=True, exist_ok=True)
        with (self.home / "server.log").open("ab") as output:
            self._process = subprocess.Popen(
                [*self.program, *self.command],
                env=self.environment,
                stdout=output,
                stderr=subprocess.STDOUT,
                stdin=subprocess.DEVNULL,
                start_new_session=True,
            )
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline:
            if self._process.poll() is not None:
                raise AssertionError(f"gigneo {' '.join(self.command)} ended with {self._process.returncode}:\n{self.log}")
            if self._ready():
                return self
            time.sleep(0.1)
        self.kill()
        raise AssertionError(f"gigneo {' '.join(self.command)} was not ready in {START_SECONDS:.0f} s:\n{self.log}")

    def stop(self) -> None:
        """Ask it to end, wait, and make sure that nothing of it is left."""
        self._end(signal.SIGTERM)

    def kill(self) -> None:
        """End it and everything that it started, at once, as a failing machine would."""
        self._end(signal.SIGKILL)

    def __enter__(self) -> "Server":
        return self.start()

    def __exit__(self, *_error: object) -> None:
        self.stop()

    def _ready(self) -> bool:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=5)
        try:
            connection.request("GET", "/readyz")
            answer = connection.getresponse()
            answer.read()
            return answer.status == 200
        except OSError:
            return False
        finally:
            connection.close()

    def _end(self, how: signal.Signals) -> None:
        if self._process is None:
            return
        group = self._process.pid
        for step in (how, signal.SIGKILL):
            try:
                os.killpg(group, step)
            except ProcessLookupError:
                break
            try:
                self._process.wait(timeout=20)
            except subprocess.TimeoutExpired:
                continue
        self._process.wait(timeout=20)
        self._process = None
